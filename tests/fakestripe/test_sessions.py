"""Checkout Sessions over the API: create, read, list, expire, and the payment intents behind them."""

import re
import time
from typing import Any

import pytest
import stripe

from fakestripe import FakeStripe, Refused
from fakestripe.objects import API_VERSION
from tests.fakestripe.makers import CANCEL_URL, SUCCESS_URL, asked, line, make_session


def test_session_is_created_open_and_unpaid(client: stripe.StripeClient) -> None:
    before = int(time.time())

    session = make_session(client)

    assert re.fullmatch("cs_test_[A-Za-z0-9]{58}", session.id)
    assert session.object == "checkout.session"
    assert (session.status, session.payment_status, session.mode) == ("open", "unpaid", "payment")
    assert (session.amount_total, session.amount_subtotal, session.currency) == (4150, 4150, "gbp")
    assert (session.client_reference_id, session.customer_email) == ("UHMF", "ada@example.com")
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"order": "UHMF"}
    assert (session.success_url, session.cancel_url) == (SUCCESS_URL, CANCEL_URL)
    assert session.livemode is False
    assert before <= session.created <= time.time()
    assert session.expires_at == session.created + 24 * 60 * 60


def test_session_has_no_payment_intent_before_the_first_attempt(client: stripe.StripeClient) -> None:
    session = make_session(client)

    assert session.payment_intent is None


def test_session_address_is_gone_once_it_is_closed(fake: FakeStripe, client: stripe.StripeClient) -> None:
    opened = make_session(client)

    closed = client.v1.checkout.sessions.expire(opened.id)

    assert opened.url == f"{fake.base_url}/pay/{opened.id}"
    assert closed.url is None


@pytest.mark.parametrize("ahead", [30 * 60 + 60, 24 * 60 * 60 - 60])
def test_session_expiry_may_be_30_minutes_to_24_hours_ahead(client: stripe.StripeClient, ahead: int) -> None:
    moment = int(time.time()) + ahead

    session = make_session(client, expires_at=moment)

    assert session.expires_at == moment


@pytest.mark.parametrize(
    ("ahead", "message"),
    [
        (29 * 60, "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."),
        (25 * 3600, "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."),
    ],
)
def test_session_expiry_out_of_range_is_refused(client: stripe.StripeClient, ahead: int, message: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        make_session(client, expires_at=int(time.time()) + ahead)

    assert refused.value.http_status == 400
    assert refused.value.param == "expires_at"
    assert refused.value.user_message == message


WRONG: list[tuple[dict[str, Any], str, str | None]] = [
    ({"mode": None}, "mode", None),
    ({"mode": "gift"}, "mode", None),
    ({"mode": "subscription"}, "mode", None),
    ({"success_url": None}, "success_url", "parameter_missing"),
    ({"success_url": "shop.test/paid"}, "success_url", "url_invalid"),
    ({"cancel_url": ""}, "cancel_url", "parameter_invalid_empty"),
    ({"line_items": None}, "line_items", "parameter_missing"),
    ({"line_items": [line("A", 100, 1)] * 101}, "line_items", None),
    ({"line_items": [line("A", 100, 0)]}, "line_items[0][quantity]", "parameter_invalid_integer"),
    (
        {"line_items": [line("A", -1, 1)]},
        "line_items[0][price_data][unit_amount]",
        "parameter_invalid_integer",
    ),
    (
        {"line_items": [line("", 100, 1)]},
        "line_items[0][price_data][product_data][name]",
        "parameter_invalid_empty",
    ),
    ({"line_items": [line("A", 100, 1), line("B", 100, 1, "eur")]}, "line_items", None),
    ({"line_items": [{"price": "price_1", "quantity": 1}]}, "line_items[0][price]", "resource_missing"),
    (
        {"line_items": [line("A", 1005, 1, "kwd")]},
        "line_items[0][price_data][unit_amount]",
        "parameter_invalid_integer",
    ),
    ({"currency": "eur"}, "line_items", None),
    ({"customer_email": "ada at example"}, "customer_email", "email_invalid"),
    ({"client_reference_id": "x" * 201}, "client_reference_id", None),
    ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
    ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
    ({"metadata": {str(number): "v" for number in range(51)}}, "metadata", None),
    ({"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
    ({"payment_method_types": ["card", "klarna"]}, "payment_method_types", None),
    ({"discounts": [{"coupon": "x"}]}, "discounts", "parameter_unknown"),
    (
        {"payment_intent_data": {"capture_method": "manual"}},
        "payment_intent_data[capture_method]",
        "parameter_unknown",
    ),
]


@pytest.mark.parametrize(("over", "param", "code"), WRONG)
def test_session_with_a_wrong_parameter_is_refused_by_its_name(
    fake: FakeStripe, client: stripe.StripeClient, over: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        make_session(client, **over)

    assert (refused.value.http_status, refused.value.param, refused.value.code) == (400, param, code)
    assert fake.sessions() == []


@pytest.mark.parametrize(
    ("currency", "unit_minor", "least"),
    [
        ("gbp", 29, "£0.30 gbp"),
        ("usd", 0, "$0.50 usd"),
        ("jpy", 49, "¥50 jpy"),
        ("huf", 17499, "HUF175.00 huf"),
    ],
)
def test_session_total_below_the_smallest_charge_is_refused(
    client: stripe.StripeClient, currency: str, unit_minor: int, least: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        make_session(client, line_items=[line("A", unit_minor, 1, currency)])

    assert refused.value.code == "amount_too_small"
    assert refused.value.user_message == (f"The Checkout Session's total amount due must add up to at least {least}")


def test_session_total_above_eight_digits_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        make_session(client, line_items=[line("A", 99_999_999, 2)])

    assert refused.value.code == "amount_too_large"


def test_session_is_retrieved_with_its_payment_intent_expanded(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)
    fake.pay(session.id)

    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge", "line_items"]})

    assert (found.status, found.payment_status) == ("complete", "paid")
    intent, lines = found.payment_intent, found.line_items
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount, intent.amount_received) == ("succeeded", 4150, 4150)
    assert intent.metadata.to_dict() == {"order": "UHMF", "7": "seven"}
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert (intent.latest_charge.paid, intent.latest_charge.amount_captured) == (True, 4150)
    assert lines is not None
    assert [(row.description, row.quantity, row.amount_total) for row in lines.data] == [
        ("Adult & guest <1>", 2, 4000),
        ("Programme", 1, 150),
    ]


def test_session_property_that_cannot_be_expanded_is_refused(client: stripe.StripeClient) -> None:
    session = make_session(client)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.retrieve(session.id, {"expand": ["status"]})

    assert refused.value.user_message == "This property cannot be expanded (status)."


def test_session_that_does_not_exist_is_a_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.retrieve("cs_test_nobody")

    assert refused.value.http_status == 404
    assert (refused.value.code, refused.value.param) == ("resource_missing", "session")
    assert refused.value.user_message == "No such checkout.session: 'cs_test_nobody'"


def test_session_names_the_buyer_once_paid(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)

    fake.pay(session.id)

    details = client.v1.checkout.sessions.retrieve(session.id).customer_details
    assert details is not None
    assert (details.email, details.name) == ("ada@example.com", "Fake Buyer")


def test_expired_session_cannot_be_paid_or_expired_again(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)

    closed = client.v1.checkout.sessions.expire(session.id)

    assert (closed.status, closed.payment_status) == ("expired", "unpaid")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.expire(session.id)
    assert refused.value.http_status == 400
    assert refused.value.user_message == (
        'Only Checkout Sessions with a status in ["open"] can be expired.'
        " This Checkout Session has a status of `expired`."
    )
    with pytest.raises(Refused, match="has a status of `expired`"):
        fake.pay(session.id)
    assert fake.payment_intents() == []


def test_paid_session_cannot_be_expired(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)
    fake.pay(session.id)

    with pytest.raises(stripe.InvalidRequestError, match="has a status of `complete`"):
        client.v1.checkout.sessions.expire(session.id)

    assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_declined_payment_leaves_the_session_open_and_says_why(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)

    fake.decline(session.id)

    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_status) == ("open", "unpaid")
    intent = found.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.message == "Your card was declined."
    assert intent.last_payment_error.code == "card_declined"
    assert isinstance(intent.latest_charge, str)
    assert client.v1.charges.retrieve(intent.latest_charge).status == "failed"


def test_payment_after_a_decline_uses_the_same_payment_intent(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)
    declined = fake.decline(session.id)

    paid = fake.pay(session.id)

    assert paid["payment_intent"] == declined["payment_intent"]
    intent = client.v1.payment_intents.retrieve(paid["payment_intent"])
    assert (intent.status, intent.last_payment_error) == ("succeeded", None)


def test_expiry_after_a_decline_cancels_the_payment_intent(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client)
    declined = fake.decline(session.id)

    client.v1.checkout.sessions.expire(session.id)

    assert client.v1.payment_intents.retrieve(declined["payment_intent"]).status == "canceled"


def test_fake_speaks_the_api_version_of_the_sdk() -> None:
    assert stripe.api_version == API_VERSION


def test_parameters_of_the_makers_are_taken_whole(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(
        asked(
            currency="gbp",
            ui_mode="hosted_page",
            locale="en",
            submit_type="book",
            payment_method_types=["card"],
        )
    )

    assert (session.locale, session.submit_type, session.payment_method_types) == ("en", "book", ["card"])
