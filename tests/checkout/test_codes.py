"""Holding with a code: what it takes off, what one use is, and when uses come back."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from checkout import ledger
from checkout.actions import holds, orders, payments
from checkout.models import Order, State
from events.codes import CodeFacts, discount_minor
from events.models import Code, CodeUse, Kind, TicketType
from events.models.codes import normal_text
from fakestripe import FakeStripe
from kit import money, sql
from tests.buyers import ADA, NOON, refusal_of, take_hold, taken_of
from tests.checkout.payers import again, mail_of, page_of, payment_of, session_of
from tests.makers import make_code, make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
SOON = NOON + timedelta(hours=1)


def used(code: Code) -> int:
    return CodeUse.objects.get(code=code).used


def prices(order: Order) -> list[tuple[int, int | None]]:
    return list(order.tickets.values_list("price_minor", "discount_minor"))


# What it takes off


def test_hold_with_a_code_costs_less_and_says_by_how_much() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota()], price_minor=2500)
    code = make_code(event=ticket_type.event, percent=15, capacity=10)

    order = take_hold((ticket_type, 2), code=code.text)

    assert (order.total_minor, order.code_id, order.code_text) == (4250, code.pk, code.text)
    assert prices(order) == [(2125, 375), (2125, 375)]
    assert used(code) == 2
    assert ledger.check().faults == []


def test_one_use_is_one_ticket_that_the_code_changes() -> None:
    event = make_event()
    paid, free, other = (make_ticket_type(event=event, price_minor=price) for price in (1000, 0, 1000))
    gift = make_ticket_type(event=event, kind=Kind.PAY_WHAT_YOU_WANT)
    code = make_code(event=event, amount_minor=300, only=[paid, free, gift])

    order = take_hold((paid, 2), (free, 1), (other, 1), (gift, 1), code=code.text, amount_minor=700)

    assert prices(order) == [(700, 300), (700, 300), (0, None), (1000, None), (700, None)]
    assert used(code) == 2
    assert ledger.check().faults == []


def test_code_that_changes_nothing_of_what_was_chosen_is_left_out() -> None:
    event = make_event()
    ticket_type, other = make_ticket_type(event=event), make_ticket_type(event=event)
    code = make_code(event=event, only=[other], fewest_tickets=5, capacity=0)

    order = take_hold((ticket_type, 1), code=code.text)

    assert (order.code_id, order.code_text, order.total_minor, used(code)) == (None, "", 1000, 0)


def test_fixed_amount_never_goes_below_nothing_and_the_order_is_free() -> None:
    ticket_type = make_ticket_type(price_minor=200)
    code = make_code(event=ticket_type.event, amount_minor=500)
    order = take_hold((ticket_type, 3), code=code.text)

    orders.complete_free(order=order, details=ADA, now=NOON)

    assert (order.total_minor, prices(order)[0], order.state) == (0, (0, 200), State.COMPLETE)
    assert used(code) == 3
    assert ledger.check().faults == []


@pytest.mark.parametrize("secret_link", [False, True])
def test_code_opens_secret_types_and_only_then_that_is_a_use(secret_link: bool) -> None:
    event = make_event()
    hidden, untold = (make_ticket_type(event=event, secret=True) for _ in range(2))
    code = make_code(event=event, reveals_secret=True, only=[hidden])
    key = hidden.secret_key if secret_link else ""

    order = take_hold((hidden, 2), code=code.text, secret=key)

    assert prices(order) == [(1000, None if secret_link else 0)] * 2
    assert used(code) == (0 if secret_link else 2)
    faults = refusal_of(lambda: take_hold((untold, 1), code=code.text))
    assert faults == [(untold.slug, "unknown", None)]


@pytest.mark.parametrize(
    ("currency", "price_minor", "off", "discount"),
    [
        ("GBP", 999, {"percent": 10}, 100), ("GBP", 5, {"percent": 50}, 3), ("GBP", 1, {"percent": 1}, 0),
        ("JPY", 999, {"percent": 15}, 150), ("JPY", 980, {"amount_minor": 1000}, 980),
        ("KWD", 12340, {"percent": 15}, 1850), ("KWD", 15, {"percent": 100}, 15),
        ("EUR", 10**8, {"percent": 33}, 33 * 10**6),
    ],
)  # fmt: skip
def test_discount_is_in_steps_that_can_be_paid(currency: str, price_minor: int, off: Any, discount: int) -> None:
    event = make_event(currency=currency)
    ticket_type = make_ticket_type(event=event, price_minor=price_minor)
    code = make_code(event=event, **off)

    order = take_hold((ticket_type, 1), code=code.text)

    assert CodeFacts.of(code, code.use).discount_minor(ticket_type, currency) == discount
    assert prices(order) == [(price_minor - discount, discount or None)]


def test_page_and_hold_count_alike() -> None:
    for currency in ("GBP", "JPY", "KWD", "LYD", "TND", "IQD", "ISK"):
        for price in (0, 1, 7, 10, 99, 1005, 12345):
            for off in (Code(percent=1), Code(percent=33), Code(percent=100), Code(amount_minor=10), Code()):
                statement = "SELECT events_discount(%s::bigint, %s::int, %s::bigint, %s::text)"
                asked = (price, off.percent, off.amount_minor, currency)
                by_page = discount_minor(off.percent, off.amount_minor, price, currency)
                assert sql.value(statement, asked) == by_page, asked
    assert money.step("KWD") == 10


# What is refused


@pytest.mark.parametrize(
    ("over", "fault", "limit"),
    [
        ({"is_on": False}, "code_off", None), ({"starts_at": NOON + INSTANT}, "code_not_yet", None),
        ({"ends_at": NOON}, "code_over", None), ({"fewest_tickets": 3}, "code_too_few", 3),
        ({"capacity": 1}, "code_short", 1), ({"capacity": 0}, "code_short", 0),
    ],
)  # fmt: skip
def test_code_that_cannot_be_used_says_why_and_nothing_is_held(over: Any, fault: str, limit: int | None) -> None:
    ticket_type = make_ticket_type(quotas=[make_quota()])
    code = make_code(event=ticket_type.event, **over)

    faults = refusal_of(lambda: take_hold((ticket_type, 2), code=code.text))

    assert faults == [("", fault, limit)]
    assert not Order.objects.exists()
    assert used(code) == 0


def test_code_of_another_event_is_unknown() -> None:
    ticket_type, code = make_ticket_type(), make_code(event=make_event())

    assert refusal_of(lambda: take_hold((ticket_type, 1), code=code.text)) == [("", "code_unknown", None)]


def test_code_is_read_in_any_case_and_with_any_white_space() -> None:
    assert normal_text(" early\tbird-10 \n") == "EARLYBIRD-10"


# When uses come back


def test_uses_come_back_when_the_hold_ends_and_stay_when_it_completes() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota()], price_minor=100)
    code = make_code(event=ticket_type.event, percent=100, capacity=6)
    kept, cancelled, lapsed = (take_hold((ticket_type, 2), code=code.text) for _ in range(3))
    assert used(code) == 6

    orders.complete_free(order=kept, details=ADA, now=NOON)
    orders.close(order=cancelled, to=State.CANCELLED, by="buyer", now=NOON)
    holds.sweep(now=SOON)

    assert used(code) == 2
    assert ledger.check().faults == []
    again = holds.take_again(order=Order.objects.get(pk=lapsed.pk), now=SOON)
    assert Order.objects.get(token=again).code_text == code.text
    assert used(code) == 4
    assert ledger.check().faults == []


@pytest.mark.parametrize("back_on_sale", [True, False])
def test_uses_of_a_cancelled_order_come_back(back_on_sale: bool) -> None:
    ticket_type = make_ticket_type(quotas=[make_quota()], price_minor=100)
    code = make_code(event=ticket_type.event, percent=100, capacity=1)
    order = take_hold((ticket_type, 1), code=code.text)
    orders.complete_free(order=order, details=ADA, now=NOON)

    orders.void(order=order, by="staff", now=NOON, back_on_sale=back_on_sale)

    assert used(code) == 0
    assert ledger.check().faults == []


def test_lapsed_hold_makes_way_for_who_wants_its_use() -> None:
    ticket_type = make_ticket_type()
    code = make_code(event=ticket_type.event, capacity=1)
    lapsed = take_hold((ticket_type, 1), code=code.text)

    take_hold((ticket_type, 1), code=code.text, now=SOON)

    lapsed.refresh_from_db()
    assert (lapsed.state, used(code)) == (State.EXPIRED, 1)


def test_double_click_takes_one_use() -> None:
    ticket_type = make_ticket_type()
    code = make_code(event=ticket_type.event, capacity=1)
    key = uuid.uuid4()

    first, second = (take_hold((ticket_type, 1), code=code.text, key=key) for _ in range(2))

    assert first == second
    assert used(code) == 1


# What the database refuses


def test_code_cannot_be_overused_nor_deleted_while_an_order_has_it() -> None:
    ticket_type = make_ticket_type()
    code = make_code(event=ticket_type.event, capacity=1)
    order = take_hold((ticket_type, 1), code=code.text)

    for act in (
        lambda: CodeUse.objects.filter(code=code).update(used=2),
        lambda: CodeUse.objects.filter(code=code).update(capacity=0),
        lambda: CodeUse.objects.filter(code=code).delete(),
        lambda: Code.objects.filter(pk=code.pk)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()

    orders.close(order=order, to=State.EXPIRED, by="system", now=NOON)
    CodeUse.objects.filter(code=code).delete()
    with pytest.raises(IntegrityError, match="has orders"), transaction.atomic():
        Code.objects.filter(pk=code.pk)._raw_delete("default")


def test_code_names_ticket_types_of_its_own_event() -> None:
    with pytest.raises(IntegrityError, match="another event"), transaction.atomic():
        make_code(event=make_event(), only=[make_ticket_type()])


@pytest.mark.parametrize(
    "over", [{"percent": 101}, {"percent": 5, "amount_minor": 5}, {"reveals_secret": False}, {"text": "a b"}]
)
def test_code_that_makes_no_sense_cannot_be(over: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_code(event=make_event(), **over)


# A payment that comes late


def make_late_payment(stripe: FakeStripe, code: Code, ticket_type: TicketType) -> Order:
    """An order with the code that has expired while its payment page was open, and was paid then."""
    order = take_hold((ticket_type, 1), code=code.text, now=now())
    orders.record_details(order=order, details=ADA)
    payments.begin(order=order, now=now())
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())
    stripe.pay(session_of(order))
    return order


@pytest.mark.parametrize("is_still_on", [True, False])
def test_late_payment_takes_the_use_again(stripe: FakeStripe, is_still_on: bool) -> None:
    ticket_type = make_ticket_type(price_minor=1000)
    code = make_code(event=ticket_type.event, percent=20, capacity=1)
    order = make_late_payment(stripe, code, ticket_type)
    Code.objects.update(is_on=is_still_on)

    payments.look(order=order, now=now())

    assert (again(order).state, used(code), payment_of(order).amount_minor) == (State.COMPLETE, 1, 800)
    assert ledger.check().faults == []


def test_late_payment_goes_back_when_the_uses_are_gone(stripe: FakeStripe) -> None:
    ticket_type = make_ticket_type(price_minor=1000, quotas=[make_quota()])
    code = make_code(event=ticket_type.event, percent=20, capacity=1)
    order = make_late_payment(stripe, code, ticket_type)
    take_hold((ticket_type, 1), code=code.text, now=now())

    payments.look(order=order, now=now())

    assert (again(order).state, used(code), taken_of(order), mail_of(order)) == (State.EXPIRED, 1, 1, ["refunded"])
    assert f"or the last uses of the code {code.text}, had gone to somebody else" in page_of(order)
    assert ledger.check().faults == []
