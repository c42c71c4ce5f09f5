"""The site's own fake Stripe, as the checkout's tests have it."""

from tests.checkout.conftest import post_box, running_stripe, stripe

__all__ = ["post_box", "running_stripe", "stripe"]
