"""Paying while the provider is silent, slow, broken, or says no: nothing is lost, and the next press works."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from checkout import ledger
from checkout.actions import payments
from checkout.models import PaymentState, State
from checkout.providers import provider
from checkout.providers.protocol import ProviderBroke, ProviderRefused, ProviderUnavailable
from checkout.reconcile import reconcile
from events.models import Kind
from fakestripe import FakeStripe, Refused
from tests.buyers import take_hold, taken_of
from tests.checkout.payers import (
    CREATE,
    KEY,
    Webhooks,
    again,
    come_back,
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


def speak_with(settings: Settings, key: str) -> None:
    settings.STRIPE_SECRET_KEY = key
    provider.cache_clear()


@pytest.mark.parametrize("trouble", ["silence", "429", "500", "503", "wrong key"])
def test_paying_order_is_never_expired_before_the_provider_has_answered(
    stripe: FakeStripe, settings: Settings, trouble: str
) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))
    if trouble == "silence":
        stripe.drop_next(count=100)
    elif trouble == "wrong key":
        speak_with(settings, "sk_test_another")
    else:
        stripe.fail_next(count=100, status=int(trouble))

    unsettled, state_then = payments.settle_overdue(now=now() + HOUR), again(order).state
    stripe.clear_faults()
    speak_with(settings, KEY)
    settled = payments.settle_overdue(now=now() + HOUR)

    assert (unsettled, state_then) == (0, State.PAYING)
    assert (settled, again(order).state) == (1, State.COMPLETE)
    assert ledger.check().faults == []


def test_orders_that_cannot_be_settled_do_not_stand_before_others(stripe: FakeStripe) -> None:
    earlier = now() - HOUR
    lost = [make_paying_order(at=earlier) for _ in range(3)]
    for place, order in enumerate(lost):
        order.payments.update(session_id=f"cs_test_nobody_knows_{place}")
    order = make_paying_order(at=now())

    for _ in range(30):  # in any order, three of four: that it is left out every time does not happen
        if payments.settle_overdue(now=now() + HOUR, most=3):
            break

    assert again(order).state == State.EXPIRED
    assert {again(order).state for order in lost} == {State.PAYING}


def test_cancelling_waits_for_the_provider(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.drop_next(count=100)

    answer = Client().post(f"{order.get_absolute_url()}cancellation/")

    assert answer.status_code == 503
    assert "we cannot tell whether you have paid" in answer.content.decode()
    assert again(order).state == State.PAYING


def test_page_whose_answer_was_lost_is_opened_by_the_next_press(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.drop_next(count=3, only=CREATE)

    silent, answered = press_pay(order), press_pay(order)

    assert silent.status_code == 503
    assert "Your tickets stay held" in silent.content.decode()
    assert (answered.status_code, answered["Location"]) == (303, stripe.sessions()[0]["url"])
    assert (len(stripe.sessions()), payment_of(order).attempt) == (1, 1)


def test_page_whose_answer_was_lost_is_closed_with_the_hold(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.drop_next(count=3, only=CREATE)
    with pytest.raises(ProviderUnavailable):
        payments.begin(order=order, now=now())
    nothing_yet = reconcile(since=now() - HOUR, now=now())

    settled = payments.settle_overdue(now=now() + HOUR)

    assert (nothing_yet, settled) == ([], 1)
    assert (again(order).state, payment_of(order).state, taken_of(order)) == (State.EXPIRED, PaymentState.EXPIRED, 0)
    assert [session["status"] for session in stripe.sessions()] == ["expired"]
    assert reconcile(since=now() - HOUR, now=now()) == []
    assert ledger.check().faults == []


def test_page_that_was_never_asked_for_is_settled_without_a_trace(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.fail_next(count=100, status=429, only=CREATE)
    with pytest.raises(ProviderUnavailable):
        payments.begin(order=order, now=now())
    stripe.clear_faults()

    settled = payments.settle_overdue(now=now() + HOUR)

    assert (settled, again(order).state) == (1, State.EXPIRED)
    assert {session["status"] for session in stripe.sessions()} == {"expired"}
    assert reconcile(since=now() - HOUR, now=now()) == []


@pytest.mark.parametrize("status", [500, 503])
def test_page_that_broke_is_opened_by_the_next_press(stripe: FakeStripe, status: int) -> None:
    order = make_order_to_pay()
    stripe.fail_next(count=1 if status == 500 else 3, status=status, only=CREATE)

    broken, page_then, opened = press_pay(order), page_of(order), press_pay(order)

    assert broken.status_code == 503
    assert "The payment page could not be opened." in page_then
    assert "req_" not in page_then
    assert (opened.status_code, opened["Location"]) == (303, stripe.sessions()[-1]["url"])
    stripe.pay(session_of(order))
    come_back(order)
    assert again(order).state == State.COMPLETE


def test_page_that_broke_does_not_keep_the_order_from_ending(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.fail_next(status=500, only=CREATE)
    with pytest.raises(ProviderBroke):
        payments.begin(order=order, now=now())

    assert payments.settle_overdue(now=now() + HOUR) == 1

    assert (again(order).state, taken_of(order)) == (State.EXPIRED, 0)


def test_too_many_calls_keep_the_attempt_for_the_next_press(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.fail_next(count=3, status=429, only=CREATE)

    refused = press_pay(order)
    stripe.clear_faults()
    opened = press_pay(order)

    assert (refused.status_code, opened.status_code, payment_of(order).attempt) == (503, 303, 1)
    assert len(stripe.sessions()) == 1


def test_wrong_key_is_not_the_buyers_fault_and_not_told_to_them(stripe: FakeStripe, settings: Settings) -> None:
    order = make_order_to_pay()
    speak_with(settings, "sk_test_another")

    refused = press_pay(order)
    speak_with(settings, KEY)
    opened = press_pay(order)

    assert (refused.status_code, opened.status_code, payment_of(order).attempt) == (503, 303, 1)
    assert "API" not in refused.content.decode()


def test_total_too_small_for_a_card_is_said_in_words_and_can_be_changed(stripe: FakeStripe) -> None:
    event = make_event()
    generous = make_ticket_type(event=event, kind=Kind.PAY_WHAT_YOU_WANT, quotas=[make_quota(event=event)])
    order = take_hold((generous, 1), now=now(), amount_minor=10)
    Client().post(f"{order.get_absolute_url()}details/", {"full_name": "Ada", "email": "ada@example.com"})

    refused = press_pay(order)
    cancelled = Client().post(f"{order.get_absolute_url()}cancellation/")

    words = "The total is less than the least that can be paid by card."
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert f'href="{order.get_absolute_url()}cancellation/"' in refused.content.decode()
    assert (cancelled.status_code, again(order).state, taken_of(order)) == (303, State.CANCELLED, 0)
    assert ledger.check().faults == []


def test_address_that_the_payment_page_refuses_can_be_changed(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    change = {"full_name": "Ada", "email": "ada@localhost"}
    Client().post(f"{order.get_absolute_url()}details/", change)

    refused, page_then = press_pay(order), page_of(order)
    Client().post(f"{order.get_absolute_url()}details/", {**change, "email": "ada@example.com"})
    opened = press_pay(order)

    assert refused.status_code == 422
    assert "The payment page does not accept your e-mail address." in page_then
    assert (opened.status_code, payment_of(order).attempt) == (303, 2)
    assert stripe.sessions()[-1]["customer_email"] == "ada@example.com"


def test_refusal_that_was_not_heard_does_not_keep_the_order_from_being_cancelled(stripe: FakeStripe) -> None:
    event = make_event(currency="KWD")
    order = make_order_to_pay(event, price_minor=1235)
    with pytest.raises(ProviderRefused):
        payments.begin(order=order, now=now())
    order.payments.update(state=PaymentState.OPENING)

    answer = Client().post(f"{order.get_absolute_url()}cancellation/")

    assert (answer.status_code, again(order).state, taken_of(order)) == (303, State.CANCELLED, 0)


def test_page_that_ended_by_itself_is_followed_by_another(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    first = session_of(order)
    stripe.set_clock(4 * 3600)

    ended = come_back(order)
    stripe.set_clock(0)
    opened = press_pay(order)

    assert (ended.status_code, again(order).state) == (303, State.PAYING)
    assert (opened.status_code, payment_of(order).attempt) == (303, 2)
    assert session_of(order) != first
    with pytest.raises(Refused):
        stripe.pay(first)


def test_cancelling_an_order_whose_page_the_provider_does_not_know_waits_for_a_person(stripe: FakeStripe) -> None:
    order = make_paying_order()
    order.payments.update(session_id="cs_test_nobody_knows")

    answer = Client().post(f"{order.get_absolute_url()}cancellation/")

    assert (answer.status_code, again(order).state) == (503, State.PAYING)
