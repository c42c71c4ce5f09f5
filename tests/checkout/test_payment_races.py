"""Money against time: whatever comes at once, everybody who paid has tickets or a refund, and the ledger is clean."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import cast

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now

from checkout import ledger
from checkout.actions import holds, orders, payments, refunds
from checkout.models import Order, Payment, State, WebhookReceipt
from checkout.providers.protocol import ProviderUnavailable
from fakestripe import FakeStripe, Refused
from fakestripe.calls import Call
from kit import sql
from tests.buyers import ADA, race, take_hold, taken_of
from tests.checkout.payers import (
    COMMITTED,
    CREATE,
    Webhooks,
    again,
    come_back,
    history_of,
    mail_of,
    make_order_to_pay,
    make_paying_order,
    payment_of,
    post,
    press_pay,
    session_of,
)
from tests.fakestripe.makers import wait_until
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = [COMMITTED, pytest.mark.race]

HOUR = timedelta(hours=1)
ROUNDS = range(4)


def settle(order: Order) -> None:
    payments.settle(order=again(order), to=State.EXPIRED, by="system", now=now() + HOUR)


def deliver(call: Call) -> HttpResponse:
    return post(call.body, call.headers["stripe-signature"])


def cancel(order: Order) -> HttpResponse:
    return cast("HttpResponse", Client().post(f"{order.get_absolute_url()}cancellation/"))


def test_pages_asked_for_at_once_are_one_page(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.delay_next(0.2, only=CREATE)

    raced = race(*[lambda: payments.begin(order=again(order), now=now())] * 6)

    opened = [result for result in raced if isinstance(result, Payment)]
    assert len(stripe.sessions()) == 1
    assert {payment.session_url for payment in opened} == {stripe.sessions()[0]["url"]}
    assert {type(result) for result in raced} <= {Payment, ProviderUnavailable}
    assert press_pay(order)["Location"] == stripe.sessions()[0]["url"]


def test_webhook_return_page_and_expiry_at_once_complete_a_paid_order(stripe: FakeStripe, webhooks: Webhooks) -> None:
    for _ in ROUNDS:
        order = make_paying_order(quantity=2)
        stripe.pay(session_of(order))
        (call,) = webhooks.take()

        hear, look, expire = partial(deliver, call), partial(come_back, order), partial(settle, order)

        raced = race(hear, look, expire, hear, look, expire)

        answers = [result for result in raced if isinstance(result, HttpResponse)]
        refusals = {type(result) for result in raced if isinstance(result, Exception)}
        assert len(answers) == 4
        assert refusals <= {payments.AlreadyPaid, orders.NotOpen}
        assert (again(order).state, taken_of(order)) == (State.COMPLETE, 2)
        assert history_of(order) == ["held", "paying", "paid", "completed"]
        assert mail_of(order) == ["tickets"]
    assert ledger.check().faults == []


def test_paying_at_the_moment_of_expiry_ends_in_tickets_or_in_no_charge(stripe: FakeStripe, webhooks: Webhooks) -> None:
    for _ in ROUNDS:
        order = make_paying_order()
        session_id = session_of(order)

        raced = race(
            partial(stripe.pay, session_id),
            lambda: payments.settle_overdue(now=now() + HOUR),
            lambda: payments.settle_overdue(now=now() + HOUR),
        )
        webhooks.carry()

        was_paid = not isinstance(raced[0], Refused)
        assert again(order).state == (State.COMPLETE if was_paid else State.EXPIRED)
        assert mail_of(order) == (["tickets"] if was_paid else [])
        assert taken_of(order) == (1 if was_paid else 0)
    assert stripe.refunds() == []
    assert ledger.check().faults == []


def test_late_payments_against_new_buyers_never_sell_a_unit_twice(stripe: FakeStripe, webhooks: Webhooks) -> None:
    event = make_event()
    scarce = make_ticket_type(event=event, quotas=[make_quota(event=event, capacity=2)])
    late = [take_hold((scarce, 1), now=now()) for _ in range(2)]
    for order in late:
        orders.record_details(order=order, details=ADA)
        payments.begin(order=order, now=now())
        orders.close(order=order, to=State.EXPIRED, by="system", now=now())
        stripe.pay(session_of(order))
    calls = webhooks.take()

    raced = race(
        *[partial(deliver, call) for call in calls],
        *[lambda: take_hold((scarce, 1), now=now())] * 4,
    )
    refunds.drain(now=now())

    completed = [order for order in late if again(order).state == State.COMPLETE]
    held = [result for result in raced if isinstance(result, Order)]
    assert len(completed) + len(held) == 2
    assert {type(result) for result in raced if isinstance(result, Exception)} <= {holds.Refused}
    assert len(stripe.refunds()) == 2 - len(completed)
    for order in late:
        assert mail_of(order) == (["found_tickets"] if order in completed else ["refunded"])
    assert ledger.check().faults == []


def test_cancelling_while_paying_ends_in_tickets_or_in_no_charge(stripe: FakeStripe, webhooks: Webhooks) -> None:
    for _ in ROUNDS:
        order = make_paying_order()
        session_id = session_of(order)

        raced = race(
            partial(stripe.pay, session_id),
            partial(cancel, order),
        )
        webhooks.carry()

        was_paid = not isinstance(raced[0], Refused)
        assert isinstance(raced[1], HttpResponse)
        assert raced[1].status_code == (409 if was_paid else 303)
        assert again(order).state == (State.COMPLETE if was_paid else State.CANCELLED)
    assert stripe.refunds() == []
    assert ledger.check().faults == []


def test_cancelling_while_the_page_is_being_opened_leaves_no_page_behind(stripe: FakeStripe) -> None:
    for _ in ROUNDS:
        order = make_order_to_pay()

        pressed, cancelled = race(partial(press_pay, order), partial(cancel, order))

        assert isinstance(pressed, HttpResponse)
        assert isinstance(cancelled, HttpResponse)
        assert (pressed.status_code, cancelled.status_code) in {(303, 303), (503, 303), (303, 503), (503, 503)}
        open_pages = [session for session in stripe.sessions() if session["status"] == "open"]
        assert (again(order).state == State.CANCELLED) == (cancelled.status_code == 303)
        assert bool(open_pages) == (again(order).state == State.PAYING)
        assert cancel(order).status_code == 303
        assert {session["status"] for session in stripe.sessions()} <= {"expired"}
    assert ledger.check().faults == []


def test_order_cancelled_between_the_look_and_the_close_keeps_its_open_page(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    seen_before = again(order)
    payments.begin(order=order, now=now())

    with pytest.raises(ProviderUnavailable):
        payments._close_unless_opened(seen_before, State.CANCELLED, "buyer", now())

    assert (again(order).state, stripe.session(session_of(order))["status"]) == (State.PAYING, "open")


def test_paying_at_the_moment_the_hold_is_swept_moves_on_or_not_at_all(stripe: FakeStripe) -> None:
    for _ in ROUNDS:
        order = make_order_to_pay()

        pressed, swept = race(
            partial(payments.begin, order=order, now=now()),
            lambda: holds.sweep(now=now() + HOUR),
        )

        if swept:
            assert isinstance(pressed, orders.NotOpen)
            assert (again(order).state, taken_of(order)) == (State.EXPIRED, 0)
        else:
            assert isinstance(pressed, Payment)
            assert (again(order).state, taken_of(order)) == (State.PAYING, 1)
    assert ledger.check().faults == []


def test_one_notice_delivered_many_times_at_once_is_one_effect(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))
    (call,) = webhooks.take()

    raced = race(*[partial(deliver, call)] * 8)

    assert [getattr(result, "status_code", result) for result in raced] == [200] * 8
    assert WebhookReceipt.objects.count() == 1
    assert history_of(order) == ["held", "paying", "paid", "completed"]
    assert (payment_of(order).amount_minor, mail_of(order)) == (1000, ["tickets"])
    assert ledger.check().faults == []


def test_refund_drained_by_many_workers_is_sent_once(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.CANCELLED, by="buyer", now=now())
    stripe.pay(session_of(order))
    webhooks.carry()
    moment = now()

    raced = race(*[lambda: refunds.drain(now=moment)] * 4)

    assert sorted(raced, key=str) == [0, 0, 0, 1]
    assert [refund["amount"] for refund in stripe.refunds()] == [1000]
    assert ledger.check().faults == []


def test_no_database_connection_is_held_while_the_provider_is_spoken_to(stripe: FakeStripe) -> None:
    order, overdue = make_order_to_pay(), make_paying_order()
    stripe.pay(session_of(overdue))
    acts: list[Callable[[], object]] = [
        partial(payments.begin, order=again(order), now=now()),
        partial(payments.look, order=again(overdue), now=now()),
        partial(refunds.drain, now=now()),
    ]
    orders.close(order=overdue, to=State.CANCELLED, by="buyer", now=now())

    held = [_connections_while_it_waits(stripe, act) for act in acts]

    assert held == [0, 0, 0]
    assert (again(order).state, len(stripe.refunds())) == (State.PAYING, 1)


def _connections_while_it_waits(stripe: FakeStripe, act: Callable[[], object]) -> int:
    """How many connections to the database there are, but for our own, while `act` waits for the provider."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    stripe.delay_next(30)
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(act)
        wait_until(stripe.calls_being_delayed)
        held = int(sql.value(others, ()))
        stripe.clear_faults()
        doing.result()
        pool.submit(_close_connection).result()
    return held


def _close_connection() -> None:
    connection.close()
