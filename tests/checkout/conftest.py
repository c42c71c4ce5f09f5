"""A fake Stripe that the site's real SDK talks to, and the post box that its webhooks arrive in."""

from collections.abc import Iterator

import pytest
import stripe as sdk
from pytest_django.fixtures import Settings

from checkout.providers import provider
from fakestripe import FakeStripe, Options
from tests.checkout.accounts import Stripes, stripes_behind
from tests.checkout.payers import KEY, SECRET, Webhooks
from tests.fakestripe.makers import Shop, open_shop


@pytest.fixture(scope="session")
def post_box() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture(scope="session")
def running_stripe(post_box: Shop) -> Iterator[FakeStripe]:
    """One server for all tests; `stripe` is the same, empty for each."""
    options = Options(webhook_url=post_box.url, webhook_secret=SECRET, key=KEY, backoff=(0.01, 0.01))
    with FakeStripe(options) as fake:
        yield fake


@pytest.fixture
def stripe(
    running_stripe: FakeStripe, post_box: Shop, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeStripe]:
    """The fake Stripe, empty and without trouble, with the site pointed at it."""
    settings.STRIPE_API_BASE = running_stripe.base_url
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    monkeypatch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0.0)  # the SDK's pause before it tries again
    provider.cache_clear()
    yield running_stripe
    provider.cache_clear()
    running_stripe.reset()
    post_box.calls.clear()


@pytest.fixture
def webhooks(stripe: FakeStripe, post_box: Shop) -> Webhooks:
    return Webhooks(stripe, post_box)


@pytest.fixture
def stripes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripes]:
    """Three accounts at once: the installation's and two of organisers."""
    with stripes_behind(settings, monkeypatch) as found:
        yield found
