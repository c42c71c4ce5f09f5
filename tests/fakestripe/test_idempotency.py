"""Idempotency keys and API keys: who may ask, and what happens when the same is asked twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from fakestripe import FakeStripe
from tests.fakestripe.makers import asked, make_session, open_client, wait_until

ONCE: Any = {"idempotency_key": "order-UHMF-1"}


def test_same_key_replays_the_first_answer(fake: FakeStripe, client: stripe.StripeClient) -> None:
    first = client.v1.checkout.sessions.create(asked(), ONCE)
    fake.pay(first.id)

    again = client.v1.checkout.sessions.create(asked(), ONCE)

    assert (again.id, again.status) == (first.id, "open")
    assert first.last_response is not None
    assert again.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert len(fake.sessions()) == 1


def test_same_key_replays_whatever_the_order_of_the_parameters(fake: FakeStripe, client: stripe.StripeClient) -> None:
    first = client.v1.checkout.sessions.create(asked(), ONCE)

    again = client.v1.checkout.sessions.create(dict(reversed(asked().items())), ONCE)  # type: ignore[arg-type]

    assert again.id == first.id


def test_same_key_with_other_parameters_is_refused(fake: FakeStripe, client: stripe.StripeClient) -> None:
    client.v1.checkout.sessions.create(asked(), ONCE)

    with pytest.raises(stripe.IdempotencyError) as refused:
        client.v1.checkout.sessions.create(asked(client_reference_id="OTHER"), ONCE)

    assert refused.value.http_status == 400
    assert refused.value.user_message == (
        "Keys for idempotent requests can only be used with the same parameters they were first used with."
        " Try using a key other than 'order-UHMF-1' if you meant to execute a different request."
    )
    assert len(fake.sessions()) == 1


def test_same_key_at_another_endpoint_is_refused(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(asked(), ONCE)

    with pytest.raises(stripe.IdempotencyError, match="for the same endpoint they were first used for"):
        client.v1.checkout.sessions.expire(session.id, None, ONCE)

    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_same_key_at_the_same_time_is_a_conflict(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.delay_next(30, only="POST /v1/checkout/sessions")

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.v1.checkout.sessions.create, asked(), ONCE)
        wait_until(lambda: fake.calls_being_delayed() == 1)
        with pytest.raises(stripe.APIError) as refused:
            client.v1.checkout.sessions.create(asked(), ONCE)
        fake.clear_faults()

    assert refused.value.http_status == 409
    assert refused.value.error is not None
    assert refused.value.error.code == "idempotency_key_in_use"
    assert [session["id"] for session in fake.sessions()] == [first.result().id]


def test_same_key_from_many_threads_has_one_effect(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent_id = str(fake.pay(make_session(client).id)["payment_intent"])
    together = threading.Barrier(8)

    def refund(_: int) -> str:
        together.wait()
        try:
            return client.v1.refunds.create({"payment_intent": intent_id, "amount": 100}, ONCE).id
        except stripe.APIError as error:
            return str(error.http_status)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(refund, range(8)))

    (made,) = fake.refunds()
    assert answers - {"409"} == {made["id"]}


def test_refused_parameters_do_not_use_up_the_key(fake: FakeStripe, client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(asked(success_url="nowhere"), ONCE)

    session = client.v1.checkout.sessions.create(asked(), ONCE)

    assert [row["id"] for row in fake.sessions()] == [session.id]


def test_refusal_by_the_state_is_replayed(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent_id = str(fake.pay(make_session(client).id)["payment_intent"])
    too_much: Any = {"payment_intent": intent_id, "amount": 9999}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(too_much, ONCE)

    assert refused.value.headers is not None
    assert refused.value.headers["Idempotent-Replayed"] == "true"


def test_key_is_free_again_after_a_day(fake: FakeStripe, client: stripe.StripeClient) -> None:
    first = client.v1.checkout.sessions.create(asked(), ONCE)
    fake.set_clock(offset=24 * 60 * 60 + 1)

    second = client.v1.checkout.sessions.create(asked(), ONCE)

    assert second.id != first.id


def test_key_of_more_than_255_characters_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="at most 255 characters"):
        client.v1.checkout.sessions.create(asked(), {"idempotency_key": "k" * 256})


def test_wrong_api_key_is_refused_without_being_printed(fake: FakeStripe) -> None:
    key = "sk_test_somebody_else_1234"

    with open_client(fake.base_url, key) as stranger, pytest.raises(stripe.AuthenticationError) as refused:
        stranger.v1.balance.retrieve()

    assert refused.value.http_status == 401
    assert refused.value.user_message == "Invalid API Key provided: sk_test_**************1234"
    assert refused.value.error is not None
    assert refused.value.error.type == "invalid_request_error"


def test_live_key_is_refused_by_a_fake_that_takes_any_test_key() -> None:
    with FakeStripe() as fake:
        with open_client(fake.base_url, "sk_test_any") as client:
            account = client.v1.accounts.retrieve_current()
        live = open_client(fake.base_url, "sk_live_any")
        with live as client, pytest.raises(stripe.AuthenticationError) as refused:
            client.v1.accounts.retrieve_current()

    assert account.object == "account"
    assert refused.value.http_status == 401
