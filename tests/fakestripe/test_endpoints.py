"""Webhook endpoints that a shop makes by itself, and accounts that tell whose they are."""

import json
from typing import Any

import pytest
import stripe as sdk

from fakestripe import FakeStripe, Options
from fakestripe.calls import Call
from fakestripe.webhooks import signature
from tests.fakestripe.makers import SECRET, make_session, open_client, open_shop

KINDS: Any = ["checkout.session.completed"]


def test_endpoint_hears_what_it_asked_for_signed_with_its_own_secret() -> None:
    with open_shop() as base, open_shop() as own:
        fake = FakeStripe(Options(webhook_url=base.url, webhook_secret=SECRET, backoff=(0.01,)))
        with fake, open_client(fake.base_url, "sk_test_1") as client:
            made = client.v1.webhook_endpoints.create({"url": own.url, "enabled_events": KINDS})
            session = make_session(client)
            fake.decline(session.id)
            fake.pay(session.id)
            fake.wait_for_webhooks()

        assert [type_of(call) for call in own.calls] == KINDS
        call = own.calls[0]
        stamp = int(call.headers["stripe-signature"].split(",")[0].removeprefix("t="))
        assert call.headers["stripe-signature"] == signature(str(made.secret), call.body, stamp)
        assert str(made.secret) != SECRET
        assert [type_of(call) for call in base.calls] == ["payment_intent.payment_failed", *KINDS]


def type_of(call: Call) -> str:
    return str(json.loads(call.body)["type"])


def test_endpoint_that_is_gone_hears_nothing_and_its_secret_is_told_once() -> None:
    with open_shop() as own, FakeStripe() as fake, open_client(fake.base_url, "sk_test_1") as client:
        made = client.v1.webhook_endpoints.create({"url": own.url, "enabled_events": ["*"]})
        shown = client.v1.webhook_endpoints.retrieve(made.id)
        client.v1.webhook_endpoints.delete(made.id)

        assert getattr(shown, "secret", None) is None
        with pytest.raises(sdk.InvalidRequestError, match="No such webhook endpoint"):
            client.v1.webhook_endpoints.retrieve(made.id)
        assert fake.webhook_endpoints() == []


def test_endpoint_that_is_no_public_address_is_refused() -> None:
    with FakeStripe() as fake, open_client(fake.base_url, "sk_test_1") as client:
        with pytest.raises(sdk.InvalidRequestError, match="Invalid URL"):
            client.v1.webhook_endpoints.create({"url": "http://shop.example/", "enabled_events": KINDS})

        assert fake.webhook_endpoints() == []


def test_account_says_whose_it_is() -> None:
    options = Options(account="acct_Own", account_name="Riverside", may_charge=False)
    with FakeStripe(options) as fake, open_client(fake.base_url, "rk_test_1") as client:
        found = client.v1.accounts.retrieve_current()
        fake.fail_next(status=403, only="GET /v1/account")

        assert (found.id, found.charges_enabled) == ("acct_Own", False)
        with pytest.raises(sdk.PermissionError, match="required permissions"):
            client.v1.accounts.retrieve_current()
