"""Who takes the money. Everything else speaks of sessions and refunds in the words of `protocol.py`."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

from django.apps import apps
from django.conf import settings

from accounts.models import StripeAccount
from checkout.models import Payment
from checkout.providers.play import PlayMoney
from checkout.providers.protocol import Provider, ProviderRefused, ProviderUnavailable
from checkout.providers.stripe_checkout import StripeCheckout
from events.models import Event
from kit import secrets

# Not ours: whatever the address, no account's money can be moved with it. A Stripe that is real refuses it.
PLAY_KEY: Final = "sk_test_rehearsal"
PLAY: Final = PlayMoney()


@cache
def provider() -> Provider:
    """The payment provider of this installation, for organisers without an account of their own."""
    return StripeCheckout(
        secret_key=settings.STRIPE_SECRET_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        api_base=settings.STRIPE_API_BASE,
    )


def provider_for(event: Event) -> Provider:
    """Who takes the money of this event's next order: of a rehearsal the fake of its own run, in test mode play money,
    else the organiser's account, or the installation's. A payment that exists has its own: `provider_of`.

    Raises ProviderUnavailable for a rehearsal without a run.
    """
    return _taker(event, lambda: StripeAccount.objects.current().filter(organiser=event.organiser_id).first())


def provider_of(payment: Payment) -> Provider:
    """Who has, or would have, this payment's money, whatever account its organiser has by now. No query where `order`,
    `order.event` and `account` were read along. Raises ProviderUnavailable, and ProviderRefused where its account's key
    is forgotten."""
    return _taker(payment.order.event, lambda: payment.account)


def _taker(event: Event, account: Callable[[], StripeAccount | None]) -> Provider:
    if event.is_rehearsal:
        return _of_rehearsal(event.pk)
    if event.is_test:
        return PLAY
    found = account()
    return provider() if found is None else provider_at(found)


def provider_at(account: StripeAccount) -> Provider:
    """The organiser's Stripe account. Raises ProviderRefused when its key was forgotten, ProviderUnavailable when
    nothing opens it."""
    if not account.sealed_key:
        raise ProviderRefused("The key to this Stripe account was removed here; it can be done at Stripe itself.")
    try:
        return _of_sealed(account.sealed_key, account.sealed_webhook_secret, settings.STRIPE_API_BASE)
    except secrets.Unreadable as fault:
        raise ProviderUnavailable(str(fault)) from fault


@lru_cache(maxsize=128)
def _of_sealed(sealed_key: str, sealed_webhook_secret: str, api_base: str) -> Provider:
    """By what the database has now: so a key that was changed is never asked with again, and opened once a process."""
    return StripeCheckout(
        secret_key=secrets.unseal(sealed_key), webhook_secret=secrets.unseal(sealed_webhook_secret), api_base=api_base
    )


@lru_cache(maxsize=16)
def _of_rehearsal(event_id: int) -> Provider:
    """The fake whose address is kept with the run. (The run is of a room above us, so it is asked for by name.)"""
    runs: Any = apps.get_model("surge", "RehearsalRun").objects.filter(rehearsal_id=event_id)
    found = runs.values_list("payments_url", "payments_secret").first()
    if not found or not found[0]:
        raise ProviderUnavailable("This is a rehearsal without a payment page.")
    return StripeCheckout(secret_key=PLAY_KEY, webhook_secret=found[1], api_base=found[0])
