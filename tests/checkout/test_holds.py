"""Taking a hold: what is refused and in which words, and what is written when it is not."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from checkout import ledger
from checkout.actions import holds
from checkout.choice import Line
from checkout.models import Order, OrderEvent, State, Ticket
from events.models import Event, Kind, Stock, TicketType
from events.models import State as EventState
from tests.buyers import NOON, refusal_of, stock_of, take_hold
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)


def nothing_is_held() -> bool:
    """Whether no order, ticket, history or taken unit is left behind."""
    empty = not any(model.objects.exists() for model in (Order, Ticket, OrderEvent))
    return empty and not Stock.objects.filter(taken__gt=0).exists()


def make_type(**over: Any) -> TicketType:
    """A ticket type with a quota of its own."""
    return make_ticket_type(quotas=[make_quota()], **over)


# What is written


def test_hold_is_an_order_with_its_tickets_a_line_of_history_and_the_units_taken() -> None:
    quota = make_quota()
    adult = make_ticket_type(quotas=[quota], price_minor=2500)
    child = make_ticket_type(event=quota.event, quotas=[quota], price_minor=0)

    order = take_hold((adult, 2), (child, 1))

    assert (order.state, order.total_minor, order.event, order.renewals) == (State.HELD, 5000, quota.event, 0)
    assert list(order.tickets.values_list("number", "ticket_type", "price_minor", "quota_ids")) == [
        (1, adult.pk, 2500, [quota.pk]),
        (2, adult.pk, 2500, [quota.pk]),
        (3, child.pk, 0, [quota.pk]),
    ]
    assert list(order.history.values_list("kind", "at", "by")) == [("held", NOON, "buyer")]
    assert stock_of(quota).taken == 3
    assert ledger.check().faults == []


def test_hold_runs_for_as_long_as_the_event_says() -> None:
    event = make_event(hold_minutes=7)

    order = take_hold((make_ticket_type(event=event), 1))

    assert order.created_at == NOON
    assert order.expires_at == NOON + timedelta(minutes=7)


def test_ticket_takes_a_unit_from_each_of_its_quotas() -> None:
    event = make_event()
    site, general, own, other = (make_quota(event=event) for _ in range(4))
    ticket_type = make_ticket_type(event=event, quotas=[site, own, general])

    order = take_hold((ticket_type, 3))

    assert [stock_of(quota).taken for quota in (site, general, own, other)] == [3, 3, 3, 0]
    assert order.tickets.all()[0].quota_ids == sorted([site.pk, general.pk, own.pk])


def test_ticket_type_without_quotas_never_runs_out() -> None:
    ticket_type = make_ticket_type(max_per_order=500)

    orders = [take_hold((ticket_type, 500)) for _ in range(2)]

    assert [order.tickets.count() for order in orders] == [500, 500]
    assert Ticket.objects.exclude(quota_ids=[]).count() == 0
    assert ledger.check().faults == []


# What is refused


@pytest.mark.parametrize(
    ("quantity", "code", "limit"),
    [
        (2, "too_few", 3),
        (1, "too_few", 3),
        (0, "too_few", 3),
        (-1, "too_few", 3),
        (-2_000_000_000, "too_few", 3),
        (6, "too_many", 5),
        (500, "too_many", 5),
        (501, "too_many_in_all", 500),
        (10**12, "too_many_in_all", 500),
    ],
)
def test_hold_refuses_a_quantity_outside_the_limits(quantity: int, code: str, limit: int) -> None:
    ticket_type = make_type(min_per_order=3, max_per_order=5)

    faults = refusal_of(lambda: take_hold((ticket_type, quantity)))

    assert faults == [(ticket_type.slug, code, limit)]
    assert nothing_is_held()


@pytest.mark.parametrize("quantity", [3, 4, 5])
def test_hold_accepts_a_quantity_within_the_limits(quantity: int) -> None:
    ticket_type = make_type(min_per_order=3, max_per_order=5)

    order = take_hold((ticket_type, quantity))

    assert order.tickets.count() == quantity


def test_hold_refuses_more_than_500_tickets_in_all() -> None:
    event = make_event()
    first, second = (make_ticket_type(event=event, max_per_order=300) for _ in range(2))

    faults = refusal_of(lambda: take_hold((first, 251), (second, 250)))

    assert faults == [(first.slug, "too_many_in_all", 500), (second.slug, "too_many_in_all", 500)]
    assert nothing_is_held()
    assert take_hold((first, 250), (second, 250)).tickets.count() == 500


def test_hold_opens_at_the_exact_instant_of_the_sale() -> None:
    ticket_type = make_type(sale_starts_at=NOON)

    faults = refusal_of(lambda: take_hold((ticket_type, 1), now=NOON - INSTANT))

    assert faults == [(ticket_type.slug, "not_yet", None)]
    assert nothing_is_held()
    assert take_hold((ticket_type, 1), now=NOON).state == State.HELD


def test_hold_closes_at_the_exact_instant_of_the_sale() -> None:
    ticket_type = make_type(sale_ends_at=NOON)

    faults = refusal_of(lambda: take_hold((ticket_type, 1), now=NOON))

    assert faults == [(ticket_type.slug, "closed", None)]
    assert nothing_is_held()
    assert take_hold((ticket_type, 1), now=NOON - INSTANT).state == State.HELD


@pytest.mark.parametrize("state", [EventState.DRAFT, EventState.CLOSED])
def test_hold_is_not_taken_of_an_event_that_is_not_live(state: str) -> None:
    event = make_event(state=state)
    ticket_type = make_ticket_type(event=event, quotas=[make_quota(event=event)])

    with pytest.raises(holds.NotSelling):
        take_hold((ticket_type, 1))

    assert nothing_is_held()


def test_hold_is_not_taken_of_an_event_that_does_not_exist() -> None:
    with pytest.raises(holds.NotSelling):
        holds.take(event_id=0, lines=[Line("adult", 1, None)], secret="", key=uuid.uuid4(), now=NOON)

    assert nothing_is_held()


@pytest.mark.parametrize("slug", ["no-such-type", "", "Adult", "adult\x01", "'; drop table", "ø" * 80])
def test_hold_refuses_an_unknown_slug(slug: str) -> None:
    known = make_type(slug="adult")

    faults = refusal_of(
        lambda: holds.take(
            event_id=known.event_id,
            lines=[Line(known.slug, 1, None), Line(slug, 1, None)],
            secret="",
            key=uuid.uuid4(),
            now=NOON,
        )
    )

    assert faults == [(slug, "unknown", None)]
    assert nothing_is_held()


def test_hold_refuses_a_ticket_type_of_another_event() -> None:
    here, there = make_type(), make_type()

    faults = refusal_of(lambda: take_hold((here, 1), (there, 1)))

    assert faults == [(there.slug, "unknown", None)]
    assert nothing_is_held()


@pytest.mark.parametrize("key", ["", "not-the-key", "other type's"])
def test_hold_refuses_a_secret_ticket_type_without_its_key(key: str) -> None:
    secret = make_type(secret=True)
    other = make_ticket_type(event=secret.event, secret=True)

    faults = refusal_of(lambda: take_hold((secret, 1), secret=other.secret_key if key == "other type's" else key))

    assert faults == [(secret.slug, "unknown", None)]
    assert nothing_is_held()


def test_hold_takes_a_secret_ticket_type_with_its_key_and_public_ones_beside_it() -> None:
    secret = make_type(secret=True)
    public = make_ticket_type(event=secret.event)

    order = take_hold((secret, 1), (public, 1), secret=secret.secret_key)

    assert order.tickets.count() == 2


def test_hold_says_nothing_of_a_secret_ticket_type_to_those_without_its_key() -> None:
    quota = make_quota(capacity=0)
    secret = make_ticket_type(quotas=[quota], secret=True, sale_ends_at=NOON, min_per_order=2)

    faults = refusal_of(lambda: take_hold((secret, 1)))

    assert [code for _, code, _ in faults] == ["unknown"]


def test_hold_refuses_a_repeated_line() -> None:
    ticket_type = make_type()

    faults = refusal_of(lambda: take_hold((ticket_type, 1), (ticket_type, 2)))

    assert [(slug, code) for slug, code, _ in faults] == [(ticket_type.slug, "repeated")] * 2
    assert nothing_is_held()


@pytest.mark.parametrize("amount_minor", [None, 0, 299, -1, -(2**40)])
def test_hold_refuses_to_let_a_buyer_pay_less_than_the_minimum(amount_minor: int | None) -> None:
    ticket_type = make_type(kind=Kind.PAY_WHAT_YOU_WANT, minimum_minor=300, suggested_minor=500)

    faults = refusal_of(lambda: take_hold((ticket_type, 2), amount_minor=amount_minor))

    assert faults == [(ticket_type.slug, "too_little", 300)]
    assert nothing_is_held()


@pytest.mark.parametrize("amount_minor", [300, 301, 10**12])
def test_hold_lets_a_buyer_pay_what_they_want_from_the_minimum_on(amount_minor: int) -> None:
    ticket_type = make_ticket_type(
        kind=Kind.PAY_WHAT_YOU_WANT, minimum_minor=300, suggested_minor=500, max_per_order=500
    )

    order = take_hold((ticket_type, 500), amount_minor=amount_minor)

    assert order.total_minor == 500 * amount_minor
    assert ledger.check().faults == []


@pytest.mark.parametrize("over", [{"price_minor": 1000}, {"price_minor": 0}])
def test_hold_ignores_an_offer_where_the_price_is_fixed(over: dict[str, int]) -> None:
    ticket_type = make_type(**over)

    order = take_hold((ticket_type, 2), amount_minor=1)

    assert order.total_minor == 2 * over["price_minor"]


def test_hold_names_every_fault_in_the_order_of_the_lines() -> None:
    event = make_event()
    early = make_ticket_type(event=event, sale_starts_at=NOON + INSTANT)
    late = make_ticket_type(event=event, sale_ends_at=NOON)
    fine = make_ticket_type(event=event)
    few = make_ticket_type(event=event, min_per_order=2)

    faults = refusal_of(lambda: take_hold((few, 1), (late, 1), (fine, 1), (early, 1)))

    assert [(slug, code) for slug, code, _ in faults] == [
        (few.slug, "too_few"),
        (late.slug, "closed"),
        (early.slug, "not_yet"),
    ]
    assert nothing_is_held()


def test_hold_of_nothing_is_refused() -> None:
    event = make_event()

    faults = refusal_of(lambda: holds.take(event_id=event.pk, lines=[], secret="", key=uuid.uuid4(), now=NOON))

    assert faults == []
    assert nothing_is_held()


# What has run out


def test_shortfall_names_the_ticket_type_and_how_many_are_left() -> None:
    quota = make_quota(capacity=5)
    ticket_type = make_ticket_type(quotas=[quota])
    plenty = make_ticket_type(event=quota.event, quotas=[make_quota(event=quota.event)])
    take_hold((ticket_type, 3))

    faults = refusal_of(lambda: take_hold((plenty, 1), (ticket_type, 3)))

    assert faults == [(ticket_type.slug, "short", 2)]
    assert Order.objects.count() == 1
    assert ledger.check().faults == []


def test_shortfall_counts_lines_that_share_a_quota_together() -> None:
    quota = make_quota(capacity=3)
    adult = make_ticket_type(quotas=[quota])
    child = make_ticket_type(event=quota.event, quotas=[quota])

    faults = refusal_of(lambda: take_hold((adult, 2), (child, 2)))

    assert faults == [(adult.slug, "short", 3), (child.slug, "short", 3)]
    assert stock_of(quota).taken == 0
    assert take_hold((adult, 2), (child, 1)).tickets.count() == 3


def test_shortfall_is_of_the_tightest_quota() -> None:
    event = make_event()
    site, general, own = (make_quota(event=event, capacity=capacity) for capacity in (9, 2, 6))
    ticket_type = make_ticket_type(event=event, quotas=[own, site, general])

    faults = refusal_of(lambda: take_hold((ticket_type, 3)))

    assert faults == [(ticket_type.slug, "short", 2)]
    assert not Stock.objects.filter(taken__gt=0).exists()


def test_quota_of_capacity_zero_sells_nothing() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=0)])

    faults = refusal_of(lambda: take_hold((ticket_type, 1)))

    assert faults == [(ticket_type.slug, "short", 0)]
    assert nothing_is_held()


def test_refusal_tells_a_shortfall_from_a_mistake() -> None:
    empty = make_ticket_type(quotas=[make_quota(capacity=0)])
    closed = make_ticket_type(sale_ends_at=NOON)

    with pytest.raises(holds.Refused) as short:
        take_hold((empty, 1))
    with pytest.raises(holds.Refused) as mistaken:
        take_hold((closed, 1))

    assert short.value.is_shortfall
    assert not mistaken.value.is_shortfall


# The same click twice


def test_same_key_is_the_same_order() -> None:
    ticket_type = make_type()
    key = uuid.uuid4()

    first, second = (take_hold((ticket_type, 2), key=key) for _ in range(2))

    assert first == second
    assert Order.objects.count() == 1
    assert Stock.objects.get().taken == 2


def test_same_key_is_the_same_order_when_the_last_ticket_went_with_it() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=1)], sale_ends_at=NOON + INSTANT)
    key = uuid.uuid4()

    first = take_hold((ticket_type, 1), key=key)
    later = take_hold((ticket_type, 1), key=key, now=NOON + timedelta(minutes=20))

    assert first == later


def test_same_key_at_another_event_is_another_order() -> None:
    here, there = make_type(), make_type()
    key = uuid.uuid4()

    orders = [take_hold((ticket_type, 1), key=key) for ticket_type in (here, there)]

    assert [order.event for order in orders] == [here.event, there.event]


def test_no_two_orders_share_a_token_reference_or_ticket_code() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event=event, max_per_order=100)

    for _ in range(40):
        take_hold((ticket_type, 100))

    assert len(set(Order.objects.values_list("token", flat=True))) == 40
    assert len(set(Order.objects.values_list("reference", flat=True))) == 40
    assert len(set(Ticket.objects.values_list("code", flat=True))) == 4000
    assert Event.objects.get(pk=event.pk).orders.count() == 40
