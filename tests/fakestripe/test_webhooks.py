"""Webhooks: signed, in order, tried again; held, released, doubled and turned round on request."""

import time

import pytest
import stripe

from fakestripe import FakeStripe, Options
from tests.fakestripe.makers import SECRET, Shop, check, make_session, open_client, wait_until


def states(fake: FakeStripe) -> list[str]:
    """How the deliveries stand, in the order of the queue."""
    return [delivery["state"] for delivery in fake.deliveries()]


def test_webhook_of_a_payment_carries_the_complete_session(
    fake: FakeStripe, client: stripe.StripeClient, shop: Shop
) -> None:
    session = make_session(client)

    fake.pay(session.id)

    fake.wait_for_webhooks()
    (event,) = shop.events()
    assert (event.object, event.type, event.livemode) == ("event", "checkout.session.completed", False)
    assert event.api_version == stripe.api_version
    paid = event.data.object
    assert (paid["id"], paid["status"], paid["payment_status"]) == (session.id, "complete", "paid")
    assert (paid["client_reference_id"], paid["payment_intent"][:3]) == ("UHMF", "pi_")
    assert "_fake" not in paid


def test_webhook_of_an_expiry_names_the_request_that_asked_for_it(
    fake: FakeStripe, client: stripe.StripeClient, shop: Shop
) -> None:
    session = make_session(client)

    closed = client.v1.checkout.sessions.expire(session.id, None, {"idempotency_key": "expire-1"})

    fake.wait_for_webhooks()
    (event,) = shop.events()
    assert (event.type, event.data.object["id"]) == ("checkout.session.expired", session.id)
    assert event.request is not None
    assert closed.last_response is not None
    assert (event.request.id, event.request.idempotency_key) == (closed.last_response.request_id, "expire-1")


def test_webhook_of_a_decline_carries_the_payment_intent(
    fake: FakeStripe, client: stripe.StripeClient, shop: Shop
) -> None:
    session = make_session(client)

    fake.decline(session.id)

    fake.wait_for_webhooks()
    (event,) = shop.events()
    assert event.type == "payment_intent.payment_failed"
    assert event.data.object["metadata"]["order"] == "UHMF"
    assert event.data.object["last_payment_error"]["message"] == "Your card was declined."


def test_webhook_with_a_changed_body_does_not_verify(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    fake.pay(make_session(client).id)
    fake.wait_for_webhooks()
    (call,) = shop.calls

    forged = call.body.replace('"amount_total": 4150', '"amount_total": 1')

    assert forged != call.body
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(forged, call.headers["stripe-signature"], SECRET)


def test_webhook_signed_long_ago_does_not_verify(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    session = make_session(client)
    fake.set_clock(offset=-600)

    fake.pay(session.id)

    fake.wait_for_webhooks()
    with pytest.raises(stripe.SignatureVerificationError, match="outside the tolerance"):
        check(shop.calls[0])


def test_webhooks_come_in_the_order_of_what_happened(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    paid = [make_session(client).id for _ in range(5)]

    for session_id in paid:
        fake.pay(session_id)

    fake.wait_for_webhooks()
    assert [event.data.object["id"] for event in shop.events()] == paid


@pytest.mark.parametrize("status", [500, 302, 404])
def test_webhook_is_tried_again_until_the_shop_takes_it(
    fake: FakeStripe, client: stripe.StripeClient, shop: Shop, status: int
) -> None:
    shop.statuses = [status, status]

    fake.pay(make_session(client).id)

    (delivery,) = fake.wait_for_webhooks()
    assert delivery["state"] == "delivered"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [status, status, 200]
    assert len({event.id for event in shop.events()}) == 1


def test_webhook_is_given_up_after_the_last_try(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    shop.status = 503

    fake.pay(make_session(client).id)

    (delivery,) = fake.wait_for_webhooks()
    assert (delivery["state"], len(delivery["attempts"])) == ("failed", 3)


def test_webhook_to_a_shop_that_is_down_notes_why(fake: FakeStripe, client: stripe.StripeClient) -> None:
    with FakeStripe() as elsewhere:
        nobody = elsewhere.base_url
    fake.send_webhooks_to(nobody)

    fake.pay(make_session(client).id)

    (delivery,) = fake.wait_for_webhooks()
    assert delivery["state"] == "failed"
    assert delivery["attempts"][0]["status"] is None
    assert delivery["attempts"][0]["error"].startswith("ConnectionRefusedError")


def test_webhook_to_another_machine_is_refused(fake: FakeStripe) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        fake.send_webhooks_to("http://shop.example.com/webhooks")


def test_held_webhooks_leave_on_release(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    fake.hold_webhooks()
    fake.pay(make_session(client).id)
    fake.wait_for_webhooks()
    before = (states(fake), list(shop.calls))

    fake.release_webhooks()

    fake.wait_for_webhooks()
    assert before == (["held"], [])
    assert (states(fake), shop.kinds()) == (["delivered"], ["checkout.session.completed"])


def test_held_webhooks_leave_newest_first_when_asked(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    fake.hold_webhooks()
    session = make_session(client)
    fake.decline(session.id)
    fake.pay(session.id)

    fake.release_webhooks(reverse=True)

    fake.wait_for_webhooks()
    assert shop.kinds() == ["checkout.session.completed", "payment_intent.payment_failed"]


def test_webhook_delivered_again_is_the_same_event_signed_anew(
    fake: FakeStripe, client: stripe.StripeClient, shop: Shop
) -> None:
    fake.pay(make_session(client).id)
    fake.wait_for_webhooks()
    (event,) = fake.events()

    fake.deliver_again(event["id"])
    fake.deliver_again()

    fake.wait_for_webhooks()
    assert [sent.id for sent in shop.events()] == [event["id"]] * 3
    assert len({call.body for call in shop.calls}) == 1


def test_delayed_webhook_comes_after_its_time(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    session = make_session(client)
    started = time.time()

    fake.pay(session.id, webhook_delay=0.3)

    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    (delivery,) = fake.wait_for_webhooks()
    assert delivery["attempts"][0]["at"] - started >= 0.3
    assert shop.kinds() == ["checkout.session.completed"]


def test_waiting_for_a_webhook_in_vain_says_so(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    fake.pay(make_session(client).id, webhook_delay=60)

    with pytest.raises(TimeoutError, match="still under way"):
        fake.wait_for_webhooks(0.05)

    assert shop.calls == []


def test_webhooks_wait_for_an_address_to_go_to(shop: Shop) -> None:
    with FakeStripe(Options(webhook_secret=SECRET)) as fake, open_client(fake.base_url) as client:
        fake.pay(make_session(client).id)
        before = states(fake)

        fake.send_webhooks_to(shop.url)

        wait_until(lambda: shop.calls)
        fake.wait_for_webhooks()

    assert before == ["waiting"]
    assert shop.kinds() == ["checkout.session.completed"]


def test_shop_may_call_the_api_from_inside_its_webhook(
    fake: FakeStripe, client: stripe.StripeClient, shop: Shop
) -> None:
    session = make_session(client)
    seen: list[str | None] = []
    shop.when_called = lambda: seen.append(client.v1.checkout.sessions.retrieve(session.id).status)

    fake.pay(session.id)

    fake.wait_for_webhooks()
    assert seen == ["complete"]


def test_session_nobody_pays_expires_on_time_and_tells_the_shop(
    fake: FakeStripe, client: stripe.StripeClient, shop: Shop
) -> None:
    session = make_session(client)

    fake.set_clock(offset=24 * 60 * 60 + 1)

    wait_until(lambda: fake.session(session.id)["status"] == "expired")
    fake.wait_for_webhooks()
    assert [delivery["type"] for delivery in fake.deliveries()] == ["checkout.session.expired"]
