"""Paying for an order: one page however often it is asked for, and every way in which that can end."""

import itertools
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from checkout import ledger
from checkout.actions import orders, payments, refunds
from checkout.models import PaymentState, RefundState, State
from checkout.providers.protocol import ProviderUnavailable
from fakestripe import FakeStripe, Refused
from tests.buyers import ADA, make_held_order, take_hold, taken_of
from tests.checkout.payers import (
    CREATE,
    Webhooks,
    again,
    come_back,
    history_of,
    mail_of,
    make_order_to_pay,
    make_paying_order,
    page_of,
    payment_of,
    press_pay,
    session_of,
)
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_begin_opens_one_page_however_often_it_is_asked(stripe: FakeStripe) -> None:
    order = make_order_to_pay()

    first = payments.begin(order=order, now=now())
    second = payments.begin(order=again(order), now=now())

    assert first.session_url == second.session_url == stripe.sessions()[0]["url"]
    assert len(stripe.sessions()) == 1
    assert again(order).state == State.PAYING
    assert history_of(order) == ["held", "paying"]


def test_begin_gives_the_hold_its_full_time_once(stripe: FakeStripe) -> None:
    began_at = now()
    order = make_order_to_pay(make_event(hold_minutes=15), at=began_at)

    payments.begin(order=order, now=began_at + timedelta(minutes=10))
    payments.begin(order=again(order), now=began_at + timedelta(minutes=14))

    assert again(order).expires_at == began_at + timedelta(minutes=25)


def test_begin_asks_only_for_orders_that_have_to_be_paid(stripe: FakeStripe) -> None:
    free = make_held_order(price_minor=0, now=now())
    orders.record_details(order=free, details=ADA)
    nameless = make_held_order(now=now())

    for order in (free, nameless):
        with pytest.raises(payments.NothingToPay):
            payments.begin(order=order, now=now())

    assert [again(order).state for order in (free, nameless)] == [State.HELD, State.HELD]
    assert stripe.sessions() == []


def test_begin_refuses_an_order_that_is_over(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())

    with pytest.raises(orders.NotOpen):
        payments.begin(order=order, now=now())

    assert press_pay(order)["Location"] == order.get_absolute_url()
    assert stripe.sessions() == []


def test_pressing_pay_leads_to_the_payment_page(stripe: FakeStripe) -> None:
    order = make_order_to_pay()

    first, second = press_pay(order), press_pay(order)

    (session,) = stripe.sessions()
    assert (first.status_code, first["Location"]) == (303, session["url"])
    assert (second.status_code, second["Location"]) == (303, session["url"])
    assert "Continue to payment" in page_of(order)


@pytest.mark.parametrize("heard_by", ["webhook", "return page"])
def test_declined_card_keeps_the_hold_and_the_page_says_why(
    stripe: FakeStripe, webhooks: Webhooks, heard_by: str
) -> None:
    order = make_paying_order()
    stripe.decline(session_of(order))

    webhooks.carry() if heard_by == "webhook" else come_back(order)

    page = page_of(order)
    assert "Your card was declined." in page
    assert "your tickets are still held" in page
    assert (again(order).state, taken_of(order)) == (State.PAYING, 1)
    assert press_pay(order)["Location"] == stripe.session(session_of(order))["url"]


def test_card_that_is_declined_and_then_taken_completes_the_order(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.decline(session_of(order))
    come_back(order)
    stripe.pay(session_of(order))

    come_back(order)

    assert (again(order).state, payment_of(order).last_error) == (State.COMPLETE, "")
    assert webhooks.carry() == [200, 200]
    assert (payment_of(order).last_error, mail_of(order)) == ("", ["tickets"])


@pytest.mark.parametrize(
    "ways",
    [ways for length in (1, 2, 3) for ways in itertools.product(["webhook", "return"], repeat=length)],
    ids=" ".join,
)
def test_payment_is_heard_in_any_order_and_acted_on_once(
    stripe: FakeStripe, webhooks: Webhooks, ways: tuple[str, ...]
) -> None:
    order = make_paying_order(quantity=2)
    stripe.pay(session_of(order))

    for way in ways:
        if way == "webhook":
            stripe.deliver_again()
            assert set(webhooks.carry()) == {200}
        else:
            assert come_back(order)["Location"] == order.get_absolute_url()

    assert history_of(order) == ["held", "paying", "paid", "completed"]
    assert mail_of(order) == ["tickets"]
    assert (payment_of(order).state, payment_of(order).amount_minor, taken_of(order)) == (PaymentState.PAID, 2000, 2)
    assert ledger.check().faults == []


def test_return_page_waits_while_the_payment_page_is_open(stripe: FakeStripe) -> None:
    order = make_paying_order()

    answer = come_back(order)

    assert answer.status_code == 200
    assert "confirming" in answer.content.decode()
    assert answer["Refresh"] == f"2;url={order.get_absolute_url()}return/?waited=2"


def test_return_page_says_so_when_it_waits_for_long(stripe: FakeStripe) -> None:
    order = make_paying_order()

    answer = Client().get(f"{order.get_absolute_url()}return/", {"waited": "10"})

    assert "We are still waiting for your payment" in answer.content.decode()
    assert answer["Refresh"] == f"10;url={order.get_absolute_url()}return/?waited=20"


def test_return_page_waits_while_the_provider_is_silent(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))
    stripe.drop_next(count=3)

    answer = come_back(order)

    assert (answer.status_code, again(order).state) == (200, State.PAYING)
    assert come_back(order).status_code == 303
    assert again(order).state == State.COMPLETE


def test_late_payment_takes_the_tickets_again_while_there_are_some(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())
    stripe.pay(session_of(order))

    assert webhooks.carry() == [200]

    assert (again(order).state, taken_of(order)) == (State.COMPLETE, 1)
    assert mail_of(order) == ["found_tickets"]
    assert ledger.check().faults == []


def test_late_payment_that_found_tickets_is_explained_on_the_page(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())
    stripe.pay(session_of(order))
    webhooks.carry()

    page = page_of(order)

    assert "Your payment arrived after the time your tickets were held for had run out." in page


def test_late_payment_for_tickets_that_are_gone_goes_back_at_once(stripe: FakeStripe, webhooks: Webhooks) -> None:
    event = make_event()
    last = make_ticket_type(event=event, quotas=[make_quota(event=event, capacity=1)])
    order = take_hold((last, 1), now=now())
    orders.record_details(order=order, details=ADA)
    payments.begin(order=order, now=now())
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())
    take_hold((last, 1), now=now())
    stripe.pay(session_of(order))

    webhooks.carry()
    on_its_way = page_of(order)
    refunds.drain(now=now())

    assert (again(order).state, taken_of(order), mail_of(order)) == (State.EXPIRED, 1, ["refunded"])
    assert "Your payment is on its way back" in on_its_way
    assert "Your payment has been sent back" in page_of(order)
    assert [(refund["amount"], refund["status"]) for refund in stripe.refunds()] == [(1000, "succeeded")]
    assert ledger.check().faults == []


def test_return_page_asks_for_an_order_that_has_expired(stripe: FakeStripe) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())
    stripe.pay(session_of(order))

    answer = come_back(order)

    assert (answer.status_code, again(order).state) == (303, State.COMPLETE)


def test_payment_for_a_cancelled_order_goes_back(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.CANCELLED, by="buyer", now=now())
    stripe.pay(session_of(order))

    webhooks.carry()

    assert (again(order).state, taken_of(order), mail_of(order)) == (State.CANCELLED, 0, ["refunded"])
    assert payment_of(order).refunds.get().state == RefundState.PENDING
    assert ledger.check().faults == []


def test_second_payment_for_one_order_goes_back(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_order_to_pay()
    stripe.drop_next(count=3, only=CREATE)
    with pytest.raises(ProviderUnavailable):
        payments.begin(order=order, now=now())
    Client().post(f"{order.get_absolute_url()}details/", {"full_name": "Ada L.", "email": "ada@new.example"})
    statuses = [press_pay(order).status_code, press_pay(order).status_code]
    lost, opened = stripe.sessions()
    stripe.pay(opened["id"])
    webhooks.carry()
    stripe.pay(lost["id"])

    webhooks.carry()
    refunds.drain(now=now())

    assert statuses == [503, 303]
    assert (again(order).state, mail_of(order)) == (State.COMPLETE, ["tickets", "refunded"])
    assert [refund["amount"] for refund in stripe.refunds()] == [1000]
    assert ledger.check().faults == []


def test_cancelling_closes_the_payment_page(stripe: FakeStripe) -> None:
    order = make_paying_order()

    answer = Client().post(f"{order.get_absolute_url()}cancellation/")

    assert answer.status_code == 303
    assert (again(order).state, payment_of(order).state, taken_of(order)) == (State.CANCELLED, PaymentState.EXPIRED, 0)
    with pytest.raises(Refused, match="expired"):
        stripe.pay(session_of(order))
    assert ledger.check().faults == []


def test_cancelling_after_paying_leaves_the_tickets_and_says_so(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))

    answer = Client().post(f"{order.get_absolute_url()}cancellation/")

    assert answer.status_code == 409
    assert "is complete meanwhile" in answer.content.decode()
    assert (again(order).state, taken_of(order), mail_of(order)) == (State.COMPLETE, 1, ["tickets"])


def test_overdue_order_is_settled_with_a_page_that_cannot_be_paid_any_more(stripe: FakeStripe) -> None:
    order = make_paying_order()

    early = payments.settle_overdue(now=now())
    settled = payments.settle_overdue(now=now() + HOUR)

    assert (early, settled, again(order).state, taken_of(order)) == (0, 1, State.EXPIRED, 0)
    assert history_of(order) == ["held", "paying", "expired"]
    with pytest.raises(Refused, match="expired"):
        stripe.pay(session_of(order))
    assert payments.settle_overdue(now=now() + HOUR) == 0
    assert ledger.check().faults == []


def test_overdue_order_that_was_paid_completes(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))

    payments.settle_overdue(now=now() + HOUR)

    assert (again(order).state, mail_of(order)) == (State.COMPLETE, ["tickets"])
    assert ledger.check().faults == []
