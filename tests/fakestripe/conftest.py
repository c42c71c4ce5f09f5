"""A fake Stripe, a shop that hears its webhooks, and the real SDK between them."""

from collections.abc import Iterator

import pytest
import stripe

from fakestripe import FakeStripe, Options
from tests.fakestripe.makers import KEY, SECRET, Shop, open_client, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture
def fake(shop: Shop) -> Iterator[FakeStripe]:
    options = Options(webhook_url=shop.url, webhook_secret=SECRET, key=KEY, backoff=(0.01, 0.01))
    with FakeStripe(options) as fake:
        yield fake


@pytest.fixture
def client(fake: FakeStripe) -> Iterator[stripe.StripeClient]:
    with open_client(fake.base_url) as client:
        yield client
