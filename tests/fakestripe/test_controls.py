"""Trouble on order: failures, lost answers, delays, the clock, late payments, and the same over HTTP."""

import json
import time
from typing import Any

import pytest
import stripe

from fakestripe import FakeStripe, Refused
from tests.fakestripe.makers import Shop, Visit, asked, make_session, open_client, send, visit


def control(fake: FakeStripe, path: str, **options: Any) -> Visit:
    """POST to `/_fake/…`."""
    return send(f"{fake.base_url}/_fake/{path}", json.dumps(options), "application/json")


def look(fake: FakeStripe, path: str) -> Any:
    """GET from `/_fake/…` the data of its answer."""
    return json.loads(visit(f"{fake.base_url}/_fake/{path}").text)["data"]


def test_failure_has_no_effect_and_is_over_after_its_count(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.fail_next(count=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            make_session(client)

    session = make_session(client)

    assert failed.value.http_status == 500
    assert [row["id"] for row in fake.sessions()] == [session.id]


def test_failure_inside_the_endpoint_stays_under_its_idempotency_key(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    fake.fail_next()
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            client.v1.checkout.sessions.create(asked(), {"idempotency_key": "once"})

    assert failed.value.headers is not None
    assert failed.value.headers["Idempotent-Replayed"] == "true"
    assert failed.value.headers["Stripe-Should-Retry"] == "false"


@pytest.mark.parametrize(("status", "error"), [(429, stripe.RateLimitError), (503, stripe.APIError)])
def test_failure_before_the_endpoint_leaves_the_idempotency_key_free(
    fake: FakeStripe, client: stripe.StripeClient, status: int, error: type[stripe.StripeError]
) -> None:
    once: Any = {"idempotency_key": "once"}
    fake.fail_next(status=status)
    with pytest.raises(error) as failed:
        client.v1.checkout.sessions.create(asked(), once)

    session = client.v1.checkout.sessions.create(asked(), once)

    assert failed.value.http_status == status
    assert [row["id"] for row in fake.sessions()] == [session.id]


def test_failure_may_be_meant_for_some_calls_only(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)
    fake.pay(session.id)
    fake.fail_next(only="POST /v1/refunds")

    found = client.v1.checkout.sessions.retrieve(session.id)

    with pytest.raises(stripe.APIError):
        client.v1.refunds.create({"payment_intent": str(found.payment_intent)})
    assert fake.refunds() == []


def test_lost_answer_is_a_network_error_though_the_effect_happened(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    once: Any = {"idempotency_key": "once"}
    fake.drop_next()

    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(asked(), once)

    (made,) = fake.sessions()
    assert client.v1.checkout.sessions.create(asked(), once).id == made["id"]


def test_lost_answer_is_made_good_by_the_retry_of_the_sdk(fake: FakeStripe) -> None:
    fake.drop_next()

    with open_client(fake.base_url, key="sk_test_shop", retries=2) as client:
        session = make_session(client)

    assert [row["id"] for row in fake.sessions()] == [session.id]


def test_delayed_call_takes_its_time(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.delay_next(0.2)
    started = time.monotonic()

    client.v1.balance.retrieve()

    assert time.monotonic() - started >= 0.2


def test_late_payment_is_made_when_its_time_has_come(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    session = make_session(client)
    fake.pay_late(session.id, seconds=600)
    before = client.v1.checkout.sessions.retrieve(session.id).status

    fake.set_clock(offset=601)

    assert before == "open"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"
    fake.wait_for_webhooks()
    assert len(shop.calls) == 1


def test_late_payment_does_not_come_about_when_the_shop_expired_the_session(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    session = make_session(client)
    fake.pay_late(session.id, seconds=600)
    client.v1.checkout.sessions.expire(session.id)

    fake.set_clock(offset=601)

    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert fake.payment_intents() == []


def test_late_payment_does_not_come_about_after_the_natural_expiry(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    session = make_session(client, expires_at=int(time.time()) + 1900)
    fake.pay_late(session.id, seconds=2000)

    fake.set_clock(offset=2001)

    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_reset_forgets_everything(fake: FakeStripe, client: stripe.StripeClient) -> None:
    once: Any = {"idempotency_key": "once"}
    first = client.v1.checkout.sessions.create(asked(), once)
    fake.pay(first.id)
    fake.hold_webhooks()
    fake.fail_next(count=5)
    fake.set_clock(offset=-600)

    fake.reset()

    assert (fake.sessions(), fake.events(), fake.deliveries()) == ([], [], [])
    second = client.v1.checkout.sessions.create(asked(), once)
    assert second.id != first.id
    assert abs(second.created - time.time()) < 60


def test_unknown_session_is_refused_in_process_too(fake: FakeStripe) -> None:
    with pytest.raises(Refused, match=r"No such checkout\.session: 'cs_test_nobody'"):
        fake.pay("cs_test_nobody")


def test_controls_over_http_do_what_the_methods_do(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    session = make_session(client)
    control(fake, "webhooks/hold")
    control(fake, f"sessions/{session.id}/decline")
    control(fake, f"sessions/{session.id}/pay-late", seconds=0)
    held = [delivery["state"] for delivery in look(fake, "deliveries")]

    control(fake, "webhooks/release", reverse=True)
    control(fake, "webhooks/wait", seconds=5)
    control(fake, "webhooks/again", event_id=look(fake, "events")[0]["id"])
    control(fake, "webhooks/wait")

    assert held == ["held", "held"]
    assert shop.kinds() == [
        "checkout.session.completed",
        "payment_intent.payment_failed",
        "payment_intent.payment_failed",
    ]
    assert look(fake, f"sessions/{session.id}")["status"] == "complete"
    assert [row["id"] for row in look(fake, "sessions")] == [session.id]


def test_trouble_is_ordered_over_http(fake: FakeStripe, client: stripe.StripeClient) -> None:
    control(fake, "calls/fail", count=1, status=429)
    with pytest.raises(stripe.RateLimitError):
        client.v1.balance.retrieve()
    control(fake, "calls/drop")
    with pytest.raises(stripe.APIConnectionError):
        client.v1.balance.retrieve()
    control(fake, "calls/fail", count=9)
    control(fake, "calls/clear")
    control(fake, "clock", offset=-600)

    session = make_session(client)

    assert session.created < time.time() - 500
    control(fake, "reset")
    assert look(fake, "sessions") == []


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("nothing", {}, 404),
        ("sessions/cs_test_nobody/pay", {}, 404),
        ("webhooks/again", {"event_id": "evt_nobody"}, 404),
        ("webhooks/target", {"url": "http://shop.example.com/"}, 400),
        ("calls/fail", {"colour": "red"}, 400),
    ],
)
def test_wrong_control_is_answered_in_the_shape_of_stripe(
    fake: FakeStripe, path: str, options: dict[str, Any], status: int
) -> None:
    answer = control(fake, path, **options)

    assert answer.status == status
    assert json.loads(answer.text)["error"]["type"] == "invalid_request_error"
