"""Stripe in our own words: what is sent, how its amounts are counted, and what its refusals mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe as sdk
from babel.numbers import list_currencies
from django.utils.timezone import now
from hypothesis import example, given
from hypothesis import strategies as st

from checkout.providers import provider
from checkout.providers.protocol import (
    NotAuthentic,
    ProviderBroke,
    ProviderRefused,
    ProviderUnavailable,
    SessionLine,
    SessionRequest,
)
from checkout.providers.stripe_checkout import StripeCheckout, our_amount, stripe_amount
from fakestripe import FakeStripe
from kit import money
from tests.checkout.payers import KEY
from tests.fakestripe.makers import make_session, open_client

CREATE = "POST /v1/checkout/sessions"
REFUNDS = "POST /v1/refunds"


def asked(*lines: SessionLine, **over: Any) -> SessionRequest:
    values: dict[str, Any] = {
        "payment_id": 7, "order_token": "token", "reference": "UHMF", "email": "ada@example.com", "currency": "GBP",
        "lines": lines or [SessionLine("Adult", 2, 1000)], "success_url": "https://tickets.example/paid/",
        "cancel_url": "https://tickets.example/", "expires_at": now() + timedelta(hours=1),
        "idempotency_key": "order-1-payment-1", **over,
    }  # fmt: skip
    return SessionRequest(**values)


@pytest.mark.parametrize(
    ("currency", "amount_minor", "at_stripe"),
    [
        ("GBP", 1250, 1250),
        ("HUF", 500_000, 500_000),
        ("TWD", 80_000, 80_000),
        ("JPY", 500, 500),
        ("VND", 50_000, 50_000),
        ("ISK", 5, 500),
        ("UGX", 5, 500),
        ("RSD", 1000, 100_000),
        ("ALL", 300, 30_000),
        ("KWD", 5120, 5120),
        ("TND", 10, 10),
    ],
)
def test_amounts_are_counted_as_stripe_counts_them(currency: str, amount_minor: int, at_stripe: int) -> None:
    assert stripe_amount(amount_minor, currency) == at_stripe
    assert our_amount(at_stripe, currency) == amount_minor


@example("CLF", 170)
@given(st.sampled_from(sorted(list_currencies())), st.integers(0, money.MOST_MINOR))
def test_amount_comes_back_as_it_was_or_is_refused(currency: str, amount_minor: int) -> None:
    try:
        at_stripe = stripe_amount(amount_minor, currency)
    except ProviderRefused:
        assert amount_minor % 10 ** (money.exponent(currency) - 2)  # more decimals than Stripe has: CLF has four
        return

    assert our_amount(at_stripe, currency) == amount_minor


@pytest.mark.parametrize(
    ("currency", "amount_minor", "words"),
    [
        ("KWD", 1235, "KWD1.235 cannot be paid by card: amounts in KWD go in steps of KWD0.010."),
        ("LYD", 1235, "LYD1.235 cannot be paid by card: amounts in LYD go in steps of LYD0.010."),
    ],
)
def test_amount_that_stripe_cannot_charge_is_refused_in_words(currency: str, amount_minor: int, words: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        stripe_amount(amount_minor, currency)

    assert str(refused.value) == words


@pytest.mark.parametrize("currency", ["ISK", "UGX", "RSD"])
def test_fraction_that_cannot_be_ours_is_not_rounded(currency: str) -> None:
    with pytest.raises(ProviderBroke, match=f"550 {currency}"):
        our_amount(550, currency)


@pytest.mark.parametrize(
    ("currency", "unit_minor", "at_stripe"),
    [("GBP", 1250, 2500), ("JPY", 500, 1000), ("ISK", 2500, 500_000), ("UGX", 900, 180_000), ("KWD", 5120, 10_240)],
)
def test_page_is_opened_for_stripes_amount_and_read_back_as_ours(
    stripe: FakeStripe, currency: str, unit_minor: int, at_stripe: int
) -> None:
    session = provider().open(asked(SessionLine("Adult", 2, unit_minor), currency=currency))

    assert stripe.session(session.id)["amount_total"] == at_stripe
    assert (session.amount_minor, session.currency) == (2 * unit_minor, currency)


def test_page_for_an_amount_that_stripe_cannot_charge_is_not_asked_for(stripe: FakeStripe) -> None:
    with pytest.raises(ProviderRefused, match="steps of KWD"):
        provider().open(asked(SessionLine("Adult", 1, 1235), currency="KWD"))

    assert stripe.sessions() == []


def test_page_says_what_is_bought_by_whom_and_where_to_go_on(stripe: FakeStripe) -> None:
    ends_at = now() + timedelta(hours=1)

    session = provider().open(asked(SessionLine("Adult", 2, 1000), SessionLine("Child", 1, 0), expires_at=ends_at))

    with open_client(stripe.base_url, KEY) as client:
        lines = client.v1.checkout.sessions.line_items.list(session.id).data
    shown = stripe.session(session.id)
    assert (session.status, session.url, session.payment_id, session.order_token) == ("open", shown["url"], 7, "token")
    assert [(line.description, line.quantity, line.amount_total) for line in lines] == [
        ("Adult", 2, 2000),
        ("Child", 1, 0),
    ]
    assert shown["metadata"] == {"payment": "7", "order": "token", "reference": "UHMF"}
    assert (shown["mode"], shown["client_reference_id"]) == ("payment", "token")
    assert (shown["customer_email"], shown["expires_at"]) == ("ada@example.com", int(ends_at.timestamp()))
    assert (shown["success_url"], shown["cancel_url"]) == ("https://tickets.example/paid/", "https://tickets.example/")


def test_page_lives_as_long_as_stripe_asks_for(stripe: FakeStripe) -> None:
    session = provider().open(asked(expires_at=now() + timedelta(minutes=5)))

    left = stripe.session(session.id)["expires_at"] - datetime.now(UTC).timestamp()
    assert 30 * 60 < left <= 31 * 60


@pytest.mark.parametrize(("count", "shown"), [(100, 100), (101, 1)])
def test_more_lines_than_stripe_shows_become_one(stripe: FakeStripe, count: int, shown: int) -> None:
    session = provider().open(asked(*[SessionLine(f"Workshop {place}", 2, 150) for place in range(count)]))

    with open_client(stripe.base_url, KEY) as client:
        lines = client.v1.checkout.sessions.line_items.list(session.id).data
    assert (len(lines), session.amount_minor) == (shown, count * 300)
    if shown == 1:
        assert lines[0].description == "202 tickets, order UHMF"


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"lines": [SessionLine("Adult", 1, 10)]}, "The total is less than the least that can be paid by card."),
        (
            {"lines": [SessionLine("Adult", 1, 10**9)]},
            "The total is more than the most that can be paid by card at once.",
        ),
        ({"email": "ada@localhost"}, "The payment page does not accept your e-mail address. Please change it."),
        ({"success_url": "nowhere"}, "Not a valid URL"),
    ],
    ids=["too small", "too large", "address", "any other"],
)
def test_refusal_is_a_sentence_for_the_buyer(stripe: FakeStripe, over: dict[str, Any], words: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider().open(asked(**over))

    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("status", "meaning"), [(429, ProviderUnavailable), (500, ProviderBroke), (503, ProviderBroke)], ids=str
)
def test_trouble_at_stripe_is_no_refusal(stripe: FakeStripe, status: int, meaning: type[Exception]) -> None:
    stripe.fail_next(count=3, status=status)

    with pytest.raises(ProviderUnavailable) as trouble:
        provider().open(asked())

    assert type(trouble.value) is meaning


def test_key_that_was_used_for_another_order_is_spent(stripe: FakeStripe) -> None:
    provider().open(asked())

    with pytest.raises(ProviderBroke, match="same parameters"):
        provider().open(asked(email="grace@example.com"))


@pytest.mark.parametrize("key", ["", "sk_test_another"])
def test_wrong_api_key_is_trouble_and_no_refusal(stripe: FakeStripe, key: str) -> None:
    stranger = StripeCheckout(secret_key=key, webhook_secret="whsec_x", api_base=stripe.base_url)

    with pytest.raises(ProviderUnavailable) as trouble:
        stranger.open(asked())

    assert type(trouble.value) is ProviderUnavailable


def test_provider_that_cannot_be_reached_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0.0)
    nobody = StripeCheckout(secret_key=KEY, webhook_secret="whsec_x", api_base="http://127.0.0.1:9")

    with pytest.raises(ProviderUnavailable):
        nobody.open(asked())


def test_session_is_retrieved_with_the_reason_of_the_last_failure(stripe: FakeStripe) -> None:
    opened = provider().open(asked())
    stripe.decline(opened.id)

    declined = provider().retrieve(opened.id)
    stripe.pay(opened.id)
    paid = provider().retrieve(opened.id)

    assert (declined.status, declined.problem) == ("open", "Your card was declined.")
    assert (paid.status, paid.problem) == ("paid", "")
    assert paid.payment_reference == stripe.payment_intents()[0]["id"]


def test_session_that_is_unknown_is_refused(stripe: FakeStripe) -> None:
    for ask in (provider().retrieve, provider().expire):
        with pytest.raises(ProviderRefused, match="No such checkout"):
            ask("cs_test_unknown")


def test_ending_a_session_says_how_it_ended(stripe: FakeStripe) -> None:
    paid, unpaid = provider().open(asked()), provider().open(asked(idempotency_key="order-2-payment-1"))
    stripe.pay(paid.id)

    ends = [provider().expire(session.id).status for session in (paid, unpaid, unpaid)]

    assert ends == ["paid", "expired", "expired"]


def test_all_sessions_since_a_moment_are_listed_over_several_pages(stripe: FakeStripe) -> None:
    stripe.set_clock(-7200)
    with open_client(stripe.base_url, KEY) as client:
        make_session(client)
        stripe.set_clock(0)
        made = {make_session(client).id for _ in range(101)}

    listed = list(provider().sessions_since(now() - timedelta(hours=1)))

    assert len(listed) == 101
    assert {session.id for session in listed} == made
    assert {session.payment_id for session in listed} == {None}


def test_trouble_between_two_pages_is_told_in_our_words(stripe: FakeStripe) -> None:
    with open_client(stripe.base_url, KEY) as client:
        for _ in range(101):
            make_session(client)
    listed = provider().sessions_since(now() - timedelta(hours=1))
    next(listed)
    stripe.fail_next(count=3, status=503)

    with pytest.raises(ProviderUnavailable):
        list(listed)


def test_refund_of_one_key_is_one_refund_whatever_the_attempt(stripe: FakeStripe) -> None:
    opened = provider().open(asked())
    stripe.pay(opened.id)
    reference = provider().retrieve(opened.id).payment_reference

    made = [provider().refund(reference, 500, "GBP", key="refund-1", attempt=attempt) for attempt in (0, 0, 1, 2)]

    assert set(made) == {stripe.refunds()[0]["id"]}
    assert [refund["amount"] for refund in stripe.refunds()] == [500]


def test_refund_that_broke_is_asked_for_anew(stripe: FakeStripe) -> None:
    opened = provider().open(asked())
    stripe.pay(opened.id)
    reference = provider().retrieve(opened.id).payment_reference
    stripe.fail_next(status=500, only=REFUNDS)
    with pytest.raises(ProviderBroke):
        provider().refund(reference, 500, "GBP", key="refund-1", attempt=0)

    provider().refund(reference, 500, "GBP", key="refund-1", attempt=1)

    assert [refund["amount"] for refund in stripe.refunds()] == [500]


def test_refund_that_stripe_cannot_express_is_refused(stripe: FakeStripe) -> None:
    opened = provider().open(asked(SessionLine("Adult", 1, 5120), currency="KWD"))
    stripe.pay(opened.id)
    reference = provider().retrieve(opened.id).payment_reference

    with pytest.raises(ProviderRefused, match="steps of KWD"):
        provider().refund(reference, 1235, "KWD", key="refund-1", attempt=0)

    assert stripe.refunds() == []


def test_notice_without_a_secret_is_not_authentic(stripe: FakeStripe) -> None:
    careless = StripeCheckout(secret_key=KEY, webhook_secret="", api_base=stripe.base_url)

    with pytest.raises(NotAuthentic):
        careless.read_notice(b"{}", "t=1,v1=x")
