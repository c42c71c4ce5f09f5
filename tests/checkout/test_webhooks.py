"""What the provider tells us, over HTTP and really signed: believed only when it is from there, acted on once."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from checkout import ledger
from checkout.actions import refunds
from checkout.models import Mail, Order, PaymentState, State, WebhookReceipt
from checkout.providers import provider
from fakestripe import FakeStripe
from fakestripe.webhooks import signature
from tests.buyers import taken_of
from tests.checkout.payers import (
    KEY,
    SECRET,
    Webhooks,
    again,
    history_of,
    mail_of,
    make_paying_order,
    page_of,
    payment_of,
    post,
    post_event,
    press_pay,
    session_of,
)
from tests.fakestripe.makers import open_client
from tests.makers import make_event

pytestmark = pytest.mark.django_db


def paid_event(stripe: FakeStripe, order: Order, **changed: Any) -> dict[str, Any]:
    """The event of a paid session, with some of the session's fields changed, to be signed anew."""
    stripe.pay(session_of(order))
    event = stripe.events()[-1]
    return {**event, "data": {"object": {**event["data"]["object"], **changed}}}


def test_paid_session_completes_the_order(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))

    assert webhooks.carry() == [200]

    receipt = WebhookReceipt.objects.get()
    assert again(order).state == State.COMPLETE
    assert (receipt.provider_id, receipt.kind) == (stripe.events()[-1]["id"], "checkout.session.completed")
    assert receipt.session_id == session_of(order)


@pytest.mark.parametrize("fault", ["other secret", "other body", "no signature", "nonsense", "no text"])
def test_webhook_that_is_not_the_providers_is_refused(stripe: FakeStripe, fault: str) -> None:
    order = make_paying_order()
    body = json.dumps(paid_event(stripe, order))
    signed = {
        "other secret": signature("whsec_other", body, int(now().timestamp())),
        "other body": signature(SECRET, body.replace("paid", "unpaid"), int(now().timestamp())),
        "nonsense": "t=yesterday,v1=\xff",
    }

    answer = post(b"\xff\xfe" if fault == "no text" else body, signed.get(fault, ""))

    assert answer.status_code == 400
    assert (again(order).state, WebhookReceipt.objects.count()) == (State.PAYING, 0)


def test_webhook_signed_long_ago_is_refused(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.set_clock(-400)
    stripe.pay(session_of(order))
    too_old = webhooks.carry()
    stripe.set_clock(-200)
    stripe.deliver_again()

    in_time = webhooks.carry()

    assert (too_old, in_time) == ([400], [200])
    assert again(order).state == State.COMPLETE


def test_webhook_is_refused_where_no_secret_is_set(stripe: FakeStripe, settings: Settings) -> None:
    order = make_paying_order()
    event = paid_event(stripe, order)
    settings.STRIPE_WEBHOOK_SECRET = ""
    provider.cache_clear()

    answer = post_event(event, secret="")

    assert (answer.status_code, again(order).state) == (400, State.PAYING)


def test_webhook_is_a_post() -> None:
    assert Client().get("/webhooks/stripe/").status_code == 405


def test_webhook_that_comes_again_is_one_effect(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))
    stripe.deliver_again()

    assert webhooks.carry() == [200, 200]

    assert history_of(order) == ["held", "paying", "paid", "completed"]
    assert (WebhookReceipt.objects.count(), mail_of(order)) == (1, ["tickets"])


def test_one_payment_told_under_two_numbers_is_one_effect(stripe: FakeStripe) -> None:
    order = make_paying_order()
    event = paid_event(stripe, order)

    answers = [post_event(event), post_event({**event, "id": "evt_another"})]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert history_of(order) == ["held", "paying", "paid", "completed"]
    assert WebhookReceipt.objects.count() == 2


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"payment": "", "order": ""},
        {"payment": "\N{SUPERSCRIPT TWO}"},
        {"payment": "9" * 30, "order": "x"},
        {"payment": "first", "order": "of another shop"},
    ],
    ids=str,
)
def test_session_that_is_not_ours_changes_nothing(stripe: FakeStripe, metadata: dict[str, str] | None) -> None:
    order = make_paying_order()
    order.payments.update(session_id=None, state=PaymentState.OPENING)
    event = paid_event_of_nobody(metadata, first=payment_of(order).pk)

    answer = post_event(event)

    assert answer.status_code == 200
    assert (again(order).state, payment_of(order).state) == (State.PAYING, PaymentState.OPENING)
    assert WebhookReceipt.objects.get().provider_id == event["id"]


def paid_event_of_nobody(metadata: dict[str, str] | None, first: int) -> dict[str, Any]:
    if metadata and metadata.get("payment") == "first":
        metadata = {**metadata, "payment": str(first)}
    session = {
        "id": "cs_live_elsewhere", "object": "checkout.session", "payment_status": "paid", "status": "complete",
        "payment_intent": "pi_elsewhere", "amount_total": 1000, "currency": "gbp", "url": None, "metadata": metadata,
    }  # fmt: skip
    return {
        "id": "evt_elsewhere", "object": "event", "type": "checkout.session.completed", "data": {"object": session},
    }  # fmt: skip


def test_declined_card_is_told_and_the_hold_kept(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.decline(session_of(order))

    assert webhooks.carry() == [200]

    assert (again(order).state, payment_of(order).last_error) == (State.PAYING, "Your card was declined.")
    assert "Your card was declined." in page_of(order)


def test_decline_that_is_told_after_the_payment_is_forgotten(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    stripe.hold_webhooks()
    stripe.decline(session_of(order))
    stripe.pay(session_of(order))
    stripe.release_webhooks(reverse=True)

    assert webhooks.carry() == [200, 200]

    assert (again(order).state, payment_of(order).last_error) == (State.COMPLETE, "")


def test_session_that_ended_lets_the_buyer_try_again(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    with open_client(stripe.base_url, KEY) as client:
        client.v1.checkout.sessions.expire(session_of(order))

    assert webhooks.carry() == [200]

    assert (again(order).state, payment_of(order).state, taken_of(order)) == (State.PAYING, PaymentState.EXPIRED, 1)
    assert press_pay(order)["Location"] == stripe.sessions()[-1]["url"]
    assert payment_of(order).attempt == 2


def test_expiry_that_is_told_after_the_payment_is_forgotten(stripe: FakeStripe) -> None:
    order = make_paying_order()
    event = paid_event(stripe, order)
    post_event(event)
    ended = {**event["data"]["object"], "status": "expired", "payment_status": "unpaid"}

    answer = post_event({**event, "id": "evt_2", "type": "checkout.session.expired", "data": {"object": ended}})

    assert (answer.status_code, payment_of(order).state) == (200, PaymentState.PAID)
    assert ledger.check().faults == []


def test_session_whose_money_is_still_coming_waits_for_it(stripe: FakeStripe) -> None:
    order = make_paying_order()
    event = paid_event(stripe, order)
    unpaid = {**event["data"]["object"], "payment_status": "unpaid"}

    post_event({**event, "data": {"object": unpaid}})
    state_then = again(order).state
    post_event({**event, "id": "evt_2", "type": "checkout.session.async_payment_succeeded"})

    assert (state_then, again(order).state) == (State.PAYING, State.COMPLETE)


@pytest.mark.parametrize("taken", [{"amount_total": 900}, {"amount_total": 1100}, {"currency": "eur"}], ids=str)
def test_money_that_differs_from_what_was_asked_goes_back(stripe: FakeStripe, taken: dict[str, Any]) -> None:
    order = make_paying_order()
    event = paid_event(stripe, order, **taken)

    assert post_event(event).status_code == 200

    payment = payment_of(order)
    assert (payment.state, payment.amount_minor) == (PaymentState.PAID, taken.get("amount_total", 1000))
    assert payment.currency == taken.get("currency", "gbp").upper()
    assert payment.refunds.get().amount_minor == payment.amount_minor
    assert (again(order).state, taken_of(order), mail_of(order)) == (State.PAYING, 1, ["refunded"])
    assert ledger.check().faults == []
    assert press_pay(order).status_code == 303
    assert payment_of(order).attempt == 2


def test_money_that_differs_is_sent_back_as_it_came(stripe: FakeStripe) -> None:
    order = make_paying_order()
    post_event(paid_event(stripe, order, amount_total=900))

    refunds.drain(now=now())

    assert [refund["amount"] for refund in stripe.refunds()] == [900]


def test_webhook_that_could_not_be_acted_on_is_not_marked_as_seen(stripe: FakeStripe) -> None:
    order = make_paying_order(make_event(currency="ISK"))
    event = paid_event(stripe, order, amount_total=100_050)
    client = Client(raise_request_exception=False)

    broken = post_event(event, client=client)
    event["data"]["object"]["amount_total"] = 100_000
    mended = post_event(event, client=client)

    assert (broken.status_code, mended.status_code) == (500, 200)
    assert (again(order).state, WebhookReceipt.objects.count()) == (State.COMPLETE, 1)


def test_other_news_from_the_provider_is_taken_and_left_alone(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    post_event(paid_event(stripe, order, amount_total=900))
    webhooks.take()
    refunds.drain(now=now())
    before = (history_of(order), Mail.objects.count())

    statuses = webhooks.carry()

    assert statuses == [200, 200, 200]
    assert (history_of(order), Mail.objects.count()) == before
