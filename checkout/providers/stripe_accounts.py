"""What Stripe says of a key that somebody enters, and the webhook endpoint that we make with it. With the real SDK.

Stripe's side of each rule: https://docs.stripe.com/api/accounts/retrieve, /api/webhook_endpoints, /keys.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import stripe
from django.conf import settings

from checkout.providers.protocol import ProviderUnavailable

T = TypeVar("T")
KEY: Final = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9]{1,240}")
WEBHOOK_SECRET: Final = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,240}")
# What we act on (docs/operators/running.md).
HEARD: Final = (
    "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed", "payment_intent.payment_failed",
)  # fmt: skip
NOT_KNOWN: Final = "Stripe does not know this key. Copy all of it once more, or make a new one at Stripe."
PUBLISHABLE: Final = "This is the publishable key. We need the secret one: it begins with sk_ or rk_."
NO_KEY: Final = "A key begins with sk_live_, sk_test_, rk_live_ or rk_test_."
NOT_READY: Final = (
    "Stripe does not let this account take payments yet. Finish its set-up at Stripe, then enter the key."
)


class KeyRefused(Exception):
    """The key cannot be used. Its text says why, and what helps."""


class CannotListen(Exception):
    """Stripe would not make the endpoint: somebody has to make it there and paste its secret."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account as Stripe tells of it."""

    stripe_id: str
    name: str
    statement_prefix: str
    is_live: bool


def look(secret_key: str) -> AccountFacts:
    """Whose key this is, by asking Stripe all that we will ask later and that changes nothing.

    Raises KeyRefused and ProviderUnavailable.
    """
    shape = KEY.fullmatch(secret_key)
    if shape is None:
        raise KeyRefused(PUBLISHABLE if secret_key.startswith("pk_") else NO_KEY)
    client, is_live = _client(secret_key), shape[1] == "live"
    account = _asked(client.v1.accounts.retrieve_current, "read the account (Accounts, read)")
    _asked(lambda: client.v1.checkout.sessions.list({"limit": 1}), "use Checkout (Checkout Sessions, write)")
    _asked(lambda: client.v1.refunds.list({"limit": 1}), "pay back (Charges and Refunds, write)")
    if is_live and not account.charges_enabled:
        raise KeyRefused(NOT_READY)
    shown: Any = account.settings
    return AccountFacts(
        stripe_id=account.id,
        name=_text(shown, "dashboard", "display_name") or account.email or "",
        statement_prefix=_text(shown, "card_payments", "statement_descriptor_prefix"),
        is_live=is_live,
    )


def listen(secret_key: str, url: str) -> tuple[str, str]:
    """Have Stripe send its notices there; the endpoint's id and its secret. Raises CannotListen."""
    params: Any = {
        "url": url, "enabled_events": list(HEARD), "description": "Tickets by Tito", "api_version": stripe.api_version,
    }  # fmt: skip
    try:
        made = _client(secret_key).v1.webhook_endpoints.create(params)
    except stripe.StripeError as fault:
        raise CannotListen(str(fault.user_message or fault)) from fault
    return made.id, str(made.secret)


def stop_listening(secret_key: str, endpoint_id: str) -> None:
    """Take the endpoint away. When Stripe does not, it sends what nobody acts on, which does no harm."""
    with suppress(stripe.StripeError):
        _client(secret_key).v1.webhook_endpoints.delete(endpoint_id)


def _client(secret_key: str) -> stripe.StripeClient:
    addresses: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else {}
    return stripe.StripeClient(
        secret_key, base_addresses=addresses, max_network_retries=1, http_client=stripe.RequestsClient(timeout=10)
    )


def _asked(call: Callable[[], T], what: str) -> T:
    try:
        return call()
    except stripe.AuthenticationError as fault:
        raise KeyRefused(NOT_KNOWN) from fault
    except stripe.PermissionError as fault:
        raise KeyRefused(f"This key is restricted and may not {what}. Allow it at Stripe, or enter another.") from fault
    except stripe.StripeError as fault:
        raise ProviderUnavailable(str(fault)) from fault


def _text(shown: Any, *path: str) -> str:
    """What stands there, or nothing; a restricted key may be shown less."""
    for name in path:
        shown = getattr(shown, name, None)
    return str(shown or "")
