"""Who takes the money. Everything else speaks of sessions and refunds in the words of `protocol.py`."""

from functools import cache

from django.conf import settings

from checkout.providers.protocol import Provider
from checkout.providers.stripe_checkout import StripeCheckout


@cache
def provider() -> Provider:
    """The payment provider of this installation."""
    return StripeCheckout(
        secret_key=settings.STRIPE_SECRET_KEY,
        webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        api_base=settings.STRIPE_API_BASE,
    )
