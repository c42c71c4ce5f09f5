"""What becomes of a hold with time: renewed, lapsed, swept, taken again; and how its row is written and named."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checkout import ledger
from checkout.actions import holds, orders
from checkout.actions.orders import Details
from checkout.models import Order, OrderEvent, State, Ticket
from events.models import Draw, Event, Kind, Quota, TicketType
from events.models import State as EventState
from tests.buyers import ADA, COMMITTED, NOON, make_held_order, refusal_of, stock_of, take_hold, taken_of
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)
INSTANT = timedelta(microseconds=1)


def state_of(order: Order) -> str:
    return str(Order.objects.values_list("state", flat=True).get(pk=order.pk))


def history_of(order: Order) -> list[str]:
    return list(order.history.values_list("kind", flat=True))


# Lapsing


@pytest.mark.parametrize(("late", "expired"), [(-INSTANT, 0), (timedelta(), 1), (INSTANT, 1)])
def test_sweep_expires_a_hold_at_the_exact_instant(late: timedelta, expired: int) -> None:
    order = make_held_order(quantity=3)

    swept = holds.sweep(now=order.expires_at + late)

    assert swept == expired
    assert state_of(order) == (State.EXPIRED if expired else State.HELD)
    assert taken_of(order) == (0 if expired else 3)
    assert ledger.check().faults == []


def test_sweep_writes_when_it_happened_and_who_did_it() -> None:
    order = make_held_order()

    holds.sweep(now=NOON + QUARTER)

    order.refresh_from_db()
    assert order.closed_at == NOON + QUARTER
    assert list(order.history.values_list("kind", "at", "by")) == [
        ("held", NOON, "buyer"),
        ("expired", NOON + QUARTER, "system"),
    ]


def test_sweep_takes_the_longest_lapsed_first_and_no_more_than_asked() -> None:
    youngest, oldest, middle = (make_held_order(now=NOON + timedelta(minutes=minutes)) for minutes in (2, 0, 1))

    swept = holds.sweep(now=NOON + 2 * QUARTER, most=2)

    assert swept == 2
    assert [state_of(order) for order in (oldest, middle, youngest)] == [State.EXPIRED, State.EXPIRED, State.HELD]


def test_sweep_of_one_event_leaves_others_alone() -> None:
    here, there = make_held_order(), make_held_order()

    swept = holds.sweep(now=NOON + QUARTER, event_id=here.event_id)

    assert swept == 1
    assert [state_of(order) for order in (here, there)] == [State.EXPIRED, State.HELD]


@pytest.mark.parametrize("state", [State.PAYING, State.COMPLETE, State.CANCELLED])
def test_sweep_leaves_alone_what_is_not_held(state: str) -> None:
    order = make_held_order()
    Order.objects.filter(pk=order.pk).update(
        state=state, full_name="Ada", email="ada@example.com", completed_at=NOON, closed_at=NOON
    )

    swept = holds.sweep(now=NOON + timedelta(days=1))

    assert swept == 0
    assert state_of(order) == state


def test_taker_who_finds_nothing_left_gets_what_has_lapsed() -> None:
    quota = make_quota(capacity=4)
    ticket_type = make_ticket_type(quotas=[quota])
    lapsed = [take_hold((ticket_type, 2)) for _ in range(2)]

    order = take_hold((ticket_type, 3), now=NOON + QUARTER)

    assert order.state == State.HELD
    assert [state_of(old) for old in lapsed] == [State.EXPIRED] * 2
    assert stock_of(quota).taken == 3
    assert ledger.check().faults == []


def test_taker_gets_nothing_of_what_is_still_held_or_being_paid() -> None:
    quota = make_quota(capacity=4)
    ticket_type = make_ticket_type(quotas=[quota])
    paying = take_hold((ticket_type, 2), now=NOON - QUARTER)
    Order.objects.filter(pk=paying.pk).update(state=State.PAYING)
    take_hold((ticket_type, 2))

    faults = refusal_of(lambda: take_hold((ticket_type, 1), now=NOON + QUARTER - INSTANT))

    assert faults == [(ticket_type.slug, "short", 0)]
    assert ledger.check().faults == []


# Renewing


def test_renewal_starts_the_time_again() -> None:
    order = make_held_order(make_event(hold_minutes=10))

    holds.renew(order=order, now=NOON + timedelta(minutes=9))

    assert (order.expires_at, order.renewals, order.renewals_left) == (NOON + timedelta(minutes=19), 1, 2)
    assert history_of(order) == ["held", "renewed"]


def test_renewal_stops_at_the_cap() -> None:
    order = make_held_order()
    for minutes in (1, 2, 3):
        holds.renew(order=order, now=NOON + timedelta(minutes=minutes))

    with pytest.raises(holds.CannotRenew):
        holds.renew(order=order, now=NOON + timedelta(minutes=4))

    assert Order.objects.get().expires_at == NOON + timedelta(minutes=3) + QUARTER
    assert history_of(order) == ["held"] + ["renewed"] * 3


@pytest.mark.parametrize("state", [State.PAYING, State.COMPLETE, State.CANCELLED, State.EXPIRED])
def test_renewal_is_refused_unless_the_order_is_held(state: str) -> None:
    order = make_held_order()
    Order.objects.filter(pk=order.pk).update(
        state=state, full_name="Ada", email="ada@example.com", completed_at=NOON, closed_at=NOON
    )

    with pytest.raises(holds.CannotRenew):
        holds.renew(order=order, now=NOON)

    assert history_of(order) == ["held"]


# Taking again


def test_order_held_again_keeps_the_answers() -> None:
    order = make_held_order(quantity=3)
    answers = Details(ADA.full_name, ADA.email, {1: "Ada", 3: "Charles"})
    orders.record_details(order=order, details=answers)
    holds.sweep(now=NOON + QUARTER)

    token = holds.take_again(order=order, now=NOON + QUARTER)

    new = Order.objects.get(token=token)
    assert (new.state, new.full_name, new.email) == (State.HELD, ADA.full_name, ADA.email)
    assert [ticket.attendee_name for ticket in new.tickets.all()] == ["Ada", "", "Charles"]
    assert state_of(order) == State.EXPIRED
    assert ledger.check().faults == []


def test_order_held_again_keeps_its_lines_its_offer_and_its_secret() -> None:
    event = make_event()
    secret = make_ticket_type(event=event, secret=True)
    gift = make_ticket_type(event=event, kind=Kind.PAY_WHAT_YOU_WANT)
    order = take_hold((gift, 2), (secret, 1), amount_minor=777, secret=secret.secret_key)
    holds.sweep(now=NOON + QUARTER)

    token = holds.take_again(order=order, now=NOON + QUARTER)

    tickets = Ticket.objects.filter(order__token=token).order_by("number")
    assert [(ticket.ticket_type, ticket.price_minor) for ticket in tickets] == [
        (gift, 777),
        (gift, 777),
        (secret, 1000),
    ]


def test_order_held_again_twice_is_one_order_and_later_answers_stay() -> None:
    order = make_held_order()
    orders.record_details(order=order, details=ADA)
    holds.sweep(now=NOON + QUARTER)
    first = holds.take_again(order=order, now=NOON + QUARTER)
    corrected = Details("Ada King", "king@example.com")
    orders.record_details(order=Order.objects.get(token=first), details=corrected)

    second = holds.take_again(order=order, now=NOON + QUARTER)

    assert first == second
    assert Order.objects.get(token=first).full_name == "Ada King"
    assert Order.objects.count() == 2
    assert ledger.check().faults == []


def test_order_cannot_be_held_again_when_others_were_faster() -> None:
    order = make_held_order(quantity=60, max_per_order=60)
    holds.sweep(now=NOON + QUARTER)
    ticket_type = TicketType.objects.get()
    for _ in range(9):
        take_hold((ticket_type, 10), now=NOON + QUARTER)

    faults = refusal_of(lambda: holds.take_again(order=order, now=NOON + QUARTER))

    assert faults == [(ticket_type.slug, "short", 10)]
    assert Order.objects.filter(state=State.HELD).count() == 9
    assert ledger.check().faults == []


def test_order_cannot_be_held_again_after_the_sale() -> None:
    order = make_held_order()
    holds.sweep(now=NOON + QUARTER)
    Event.objects.update(state=EventState.CLOSED)

    with pytest.raises(holds.NotSelling):
        holds.take_again(order=order, now=NOON + QUARTER)

    assert Order.objects.count() == 1


# Stock goes back to where it came from


def make_moved_order() -> tuple[Order, Quota, Quota]:
    """A held order of two whose ticket type has been moved from the first quota to the second meanwhile."""
    event = make_event()
    before, after = (make_quota(event=event, capacity=2) for _ in range(2))
    ticket_type = make_ticket_type(event=event, quotas=[before], price_minor=0)
    order = take_hold((ticket_type, 2))
    Draw.objects.update(quota=after)
    return order, before, after


def test_draws_changed_after_the_hold_do_not_change_what_a_sweep_gives_back() -> None:
    _, before, after = make_moved_order()

    holds.sweep(now=NOON + QUARTER)

    assert [stock_of(quota).taken for quota in (before, after)] == [0, 0]
    assert ledger.check().faults == []


def test_draws_changed_after_the_hold_do_not_change_what_a_cancellation_gives_back() -> None:
    order, before, after = make_moved_order()
    take_hold((TicketType.objects.get(), 2))

    orders.close(order=order, to=State.CANCELLED, by="buyer", now=NOON)

    assert [stock_of(quota).taken for quota in (before, after)] == [0, 2]
    assert ledger.check().faults == []


@pytest.mark.parametrize("back_on_sale", [True, False])
def test_draws_changed_after_the_order_do_not_change_what_a_void_gives_back(back_on_sale: bool) -> None:
    order, before, after = make_moved_order()
    orders.complete_free(order=order, details=ADA, now=NOON)

    orders.void(order=order, by="ada", now=NOON, back_on_sale=back_on_sale)

    assert [stock_of(quota).taken for quota in (before, after)] == [0, 0]
    assert [stock_of(quota).capacity for quota in (before, after)] == [2 if back_on_sale else 0, 2]
    assert ledger.check().faults == []


# How the row is written


Noted = Callable[[], set[tuple[str, str]]]


@pytest.fixture
def noted() -> Iterator[Noted]:
    """Which state of an order was committed with which setting of synchronous_commit.

    A deferred trigger notes the setting as it stands when the transaction commits. Without the line in
    take_hold.sql, holds too would be noted with `on`.
    """
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE TABLE noted (state text, setting text);
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO noted VALUES (NEW.state, current_setting('synchronous_commit')); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER noting AFTER INSERT OR UPDATE ON checkout_order
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
        """)
        yield lambda: set(cursor.execute("SELECT state, setting FROM noted") or cursor.fetchall())
        cursor.execute("DROP TRIGGER noting ON checkout_order; DROP FUNCTION note; DROP TABLE noted;")


@COMMITTED
def test_hold_does_not_wait_for_the_disk_and_completion_does(noted: Noted) -> None:
    order = make_held_order(price_minor=0)

    orders.complete_free(order=order, details=ADA, now=NOON)

    assert noted() == {(State.HELD, "off"), (State.COMPLETE, "on")}


# How an order is called


def references(first: int, count: int) -> list[str]:
    """The references of `count` orders with consecutive numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT checkout_reference(number) FROM generate_series(%s::bigint, %s::bigint) AS number",
            (first, first + count - 1),
        )
        return [row[0] for row in cursor.fetchall()]


def words_up_to(places: int) -> int:
    """How many references there are of four to so many letters."""
    return sum(20**length for length in range(4, places + 1))


@pytest.mark.parametrize("length", [4, 5])
def test_references_use_up_the_short_words_before_the_longer(length: int) -> None:
    first, last = words_up_to(length - 1), words_up_to(length)

    edges = references(first, 1) + references(last - 1, 2)

    assert [len(word) for word in edges] == [length, length, length + 1]


def test_references_use_every_word_of_four_letters_once() -> None:
    words = references(0, 20**4)

    assert len(set(words)) == 20**4
    assert {len(word) for word in words} == {4}
    assert set("".join(words)) == set("BCDFGHJKLMNPQRSTVWXZ")


@given(first=st.integers(min_value=0, max_value=words_up_to(7)), distance=st.integers(min_value=1, max_value=10**9))
@example(first=words_up_to(4) - 50, distance=20**4)
@example(first=words_up_to(5) - 50, distance=20**5)
@example(first=words_up_to(6) - 50, distance=20**6)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_references_are_never_the_same_and_neighbours_do_not_look_alike(first: int, distance: int) -> None:
    words = references(first, 100)
    far = references(first + distance, 1)

    assert len(set(words)) == 100
    assert distance < 100 or not set(far) & set(words)
    assert all(len(word) <= 8 and not set(word) & set("AEIOUY0123456789") for word in words)
    assert all(sum(a != b for a, b in zip(*pair, strict=False)) >= 2 for pair in pairwise(words))


def test_order_is_called_by_its_number() -> None:
    order = make_held_order()

    assert [order.reference] == references(order.pk, 1)
    assert OrderEvent.objects.count() == 1
