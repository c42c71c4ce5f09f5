"""Tickets and money taken back by a person: once, never too much, and with books that prove it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import LogEntry
from checkout import ledger
from checkout.actions import payments, refunds, reversals
from checkout.actions.reversals import Wanted
from checkout.models import Mail, Order, Refund, RefundState, Reversal, State
from checkout.providers.protocol import Session
from events.models import CodeUse
from fakestripe import FakeStripe
from tests.buyers import COMMITTED, NOON, race, stock_of, take_hold
from tests.checkout.payers import Webhooks, make_paying_order, session_of
from tests.checkout.sold import complete_paid, live_of, make_colleague, make_paid_order, money_of, said_of
from tests.makers import make_code, make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db


def wanted(key: str = "once", tickets: tuple[int, ...] = (), amount_minor: int = 0, **over: Any) -> Wanted:
    return Wanted(key=key, tickets=tickets, amount_minor=amount_minor, **{"is_back_on_sale": True, **over})


def take_back(order: Order, **over: Any) -> Reversal:
    return reversals.take_back(order=order, wanted=wanted(**over), by=make_colleague(), now=NOON)


def quota_of(order: Order) -> Any:
    return order.tickets.get(number=1).ticket_type.quotas.get()


def assert_clean() -> None:
    assert ledger.check().faults == []


def test_one_ticket_goes_back_with_its_price() -> None:
    order = make_paid_order(quantity=3)

    take_back(order, tickets=(2,), amount_minor=1000, reason="Ill")

    assert (live_of(order), money_of(order), Order.objects.get().state) == ([1, 3], (3000, 1000), State.COMPLETE)
    assert stock_of(quota_of(order)).taken == 2
    assert said_of(order) == ["ticket 2 cancelled, back on sale; £10.00 sent back (Ill)"]
    assert_clean()


def test_all_tickets_cancel_the_order_and_may_leave_the_quota_for_good() -> None:
    order = make_paid_order(quantity=2)

    take_back(order, tickets=(1, 2), amount_minor=2000, is_back_on_sale=False)

    stock = stock_of(quota_of(order))
    assert (Order.objects.get().state, live_of(order)) == (State.CANCELLED, [])
    assert (stock.taken, stock.capacity) == (0, 98)
    assert list(order.mail.values_list("kind", flat=True)) == [Mail.Kind.TICKETS, Mail.Kind.TAKEN_BACK]
    assert_clean()


def test_goodwill_leaves_the_tickets_and_stays_proven() -> None:
    order = make_paid_order()

    take_back(order, amount_minor=300)

    assert (live_of(order), money_of(order)) == ([1, 2], (2000, 300))
    assert said_of(order) == ["£3.00 sent back; £3.00 of it goodwill"]
    assert_clean()


def test_what_is_kept_of_a_ticket_stays_proven_and_can_go_back_later() -> None:
    order = make_paid_order()
    take_back(order, tickets=(1, 2), amount_minor=1500)
    assert_clean()

    take_back(order, key="later", amount_minor=500)

    assert money_of(order) == (2000, 2000)
    assert_clean()


@pytest.mark.parametrize(
    ("over", "fault"),
    [
        ({"amount_minor": 2001}, refunds.TooMuch),
        ({"tickets": (1,), "amount_minor": 2001}, refunds.TooMuch),
        ({"tickets": (3,)}, reversals.TicketsGone),
        ({}, reversals.NothingAsked),
    ],
)
def test_what_cannot_be_changes_nothing(over: dict[str, Any], fault: type[Exception]) -> None:
    order = make_paid_order()

    with pytest.raises(fault):
        take_back(order, **over)

    assert (live_of(order), money_of(order), Reversal.objects.count()) == ([1, 2], (2000, 0), 0)
    assert stock_of(quota_of(order)).taken == 2
    assert_clean()


def test_ticket_is_taken_back_once_whatever_the_key() -> None:
    order = make_paid_order()
    take_back(order, tickets=(1,), amount_minor=1000)

    with pytest.raises(reversals.TicketsGone):
        take_back(order, key="another", tickets=(1,), amount_minor=1000)

    assert money_of(order) == (2000, 1000)


def test_money_paid_back_by_hand_is_never_asked_of_the_provider() -> None:
    order = make_paid_order()

    take_back(order, amount_minor=500, is_by_hand=True)
    asked = refunds.drain(now=NOON)

    refund = Refund.objects.get()
    assert (asked, refund.state, refund.is_by_hand) == (0, RefundState.DONE, True)
    assert_clean()


def test_reversal_is_in_the_log_with_who_did_it() -> None:
    order = make_paid_order()

    take_back(order, tickets=(1,), amount_minor=400)

    entry = LogEntry.objects.get()
    assert (entry.by, entry.kind) == ("Grace Hopper", "order-reversed")
    assert entry.said == (f"Order {order.reference}: ticket 1 cancelled, back on sale; £4.00 sent back; £6.00 kept.")


def test_refused_refund_can_be_asked_for_again_or_paid_by_hand() -> None:
    order, person = make_paid_order(), make_colleague()
    take_back(order, amount_minor=500)
    Refund.objects.update(state=RefundState.FAILED, last_error="No money.")

    refunds.ask_again(refund=Refund.objects.get(), by=person, now=NOON)
    with pytest.raises(refunds.NotFailed):
        refunds.paid_by_hand(refund=Refund.objects.get(), by=person, now=NOON)

    Refund.objects.update(state=RefundState.FAILED)
    refunds.paid_by_hand(refund=Refund.objects.get(), by=person, now=NOON)
    refund = Refund.objects.get()
    assert (refund.state, refund.is_by_hand, refund.attempts) == (RefundState.DONE, True, 1)
    assert_clean()


@COMMITTED
def test_refund_clicked_many_times_makes_one() -> None:
    order, person = make_paid_order(), make_colleague()
    asked = wanted(tickets=(1,), amount_minor=1000)

    made = race(*[lambda: reversals.take_back(order=order, wanted=asked, by=person, now=NOON)] * 8)

    assert {getattr(one, "pk", one) for one in made} == {Reversal.objects.get().pk}
    assert (money_of(order), live_of(order), LogEntry.objects.count()) == ((2000, 1000), [2], 1)
    assert_clean()


@COMMITTED
def test_many_refunds_at_once_never_exceed_the_payment() -> None:
    order, person = make_paid_order(), make_colleague()

    def ask(place: int) -> Reversal:
        return reversals.take_back(
            order=order, wanted=wanted(key=f"key-{place}", amount_minor=600), by=person, now=NOON
        )

    made = race(*[lambda place=place: ask(place) for place in range(8)])

    assert sum(isinstance(one, refunds.TooMuch) for one in made) == 5
    assert (money_of(order), Reversal.objects.count()) == ((2000, 1800), 3)
    assert_clean()


@COMMITTED
def test_refund_and_a_second_payment_at_once_leave_the_books_right() -> None:
    order, person = make_paid_order(), make_colleague()
    late = order.payments.create(
        state="open", attempt=2, session_id="cs_late", amount_minor=2000, currency="GBP", created_at=NOON
    )
    session = Session("cs_late", "", "paid", 2000, "GBP", "pi_late", late.pk, order.token)

    made = race(
        lambda: reversals.take_back(order=order, wanted=wanted(tickets=(1, 2), amount_minor=2000), by=person, now=NOON),
        lambda: payments.fulfil(session=session, by="webhook", now=NOON),
    )

    assert [type(one).__name__ for one in made] == ["Reversal", "NoneType"]
    assert (money_of(order), live_of(order)) == ((4000, 4000), [])
    assert_clean()


def test_tickets_of_shared_quotas_go_back_to_each() -> None:
    event = make_event()
    shared, own = make_quota(event=event), make_quota(event=event)
    make_ticket_type(event=event, quotas=[shared])
    order = make_paid_order(event, quantity=2)
    order.tickets.update(quota_ids=[shared.pk, own.pk, *order.tickets.get(number=1).quota_ids])
    type(stock_of(shared)).objects.filter(quota__in=(shared, own)).update(taken=2)

    take_back(order, tickets=(2,), amount_minor=1000)

    assert [stock_of(quota).taken for quota in (shared, own, quota_of(order))] == [1, 1, 1]
    assert_clean()


def test_reversal_waits_for_a_provider_that_is_away(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))
    webhooks.carry()
    order = Order.objects.select_related("event__organiser").get()
    take_back(order, tickets=(1,), amount_minor=600)
    stripe.fail_next(count=3, status=503, only="POST /v1/refunds")

    away = refunds.drain(now=NOON)
    waiting = Refund.objects.get()
    later = [refunds.drain(now=NOON + timedelta(hours=hours)) for hours in (1, 2)]

    assert (away, waiting.state, waiting.attempts, later) == (0, RefundState.PENDING, 1, [1, 0])
    assert [sent["amount"] for sent in stripe.refunds()] == [600]
    assert Order.objects.get().state == State.CANCELLED
    assert_clean()


def test_ticket_taken_back_gives_its_use_of_a_code_back() -> None:
    event = make_event()
    code, quota = make_code(event=event, capacity=5), make_quota(event=event)
    held = take_hold((make_ticket_type(event=event, quotas=[quota]), 3), code=code.text)
    order = complete_paid(held)

    take_back(order, tickets=(1,), amount_minor=900)

    assert (CodeUse.objects.get(code=code).used, stock_of(quota).taken, money_of(order)) == (2, 2, (2700, 900))
    assert_clean()
