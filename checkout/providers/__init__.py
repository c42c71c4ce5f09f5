"""Who takes the money. Everything else speaks of sessions and refunds in the words of `protocol.py`."""

from functools import cache, lru_cache
from typing import Any, Final

from django.apps import apps
from django.conf import settings

from checkout.providers.protocol import Provider, ProviderUnavailable
from checkout.providers.stripe_checkout import StripeCheckout
from events.models import Event

# Not ours: whatever the address, no account's money can be moved with it. A Stripe that is real refuses it.
PLAY_KEY: Final = "sk_test_rehearsal"


@cache
def provider() -> Provider:
    """The payment provider of this installation."""
    return StripeCheckout(
        secret_key=settings.STRIPE_SECRET_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        api_base=settings.STRIPE_API_BASE,
    )


def provider_for(event: Event) -> Provider:
    """Who takes the money of this event's orders: of a rehearsal the fake of its own run, and never the real one.

    Raises ProviderUnavailable for a rehearsal without a run.
    """
    return _of_rehearsal(event.pk) if event.is_rehearsal else provider()


@lru_cache(maxsize=16)
def _of_rehearsal(event_id: int) -> Provider:
    """The fake whose address is kept with the run. (The run is of a room above us, so it is asked for by name.)"""
    runs: Any = apps.get_model("surge", "RehearsalRun").objects.filter(rehearsal_id=event_id)
    found = runs.values_list("payments_url", "payments_secret").first()
    if not found or not found[0]:
        raise ProviderUnavailable("This is a rehearsal without a payment page.")
    return StripeCheckout(secret_key=PLAY_KEY, webhook_secret=found[1], api_base=found[0])
