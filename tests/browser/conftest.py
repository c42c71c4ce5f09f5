"""The browser, the site that it visits, and the fake Stripe that both of them talk to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import stripe as sdk
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from checkout.providers import provider
from embedded import browser
from fakestripe import FakeStripe, Options
from tests.browser.visitor import Look, Visitor
from tests.checkout.payers import KEY, SECRET

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
Come = Callable[..., Visitor]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = browser.find()
    assert program, browser.ADVICE
    # Playwright leaves an event loop running in this thread, and Django then takes every query for one in a coroutine.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with playwright.chromium.launch(executable_path=program, args=ARGUMENTS) as running:
            yield running


@pytest.fixture(scope="package")
def running_stripe() -> Iterator[FakeStripe]:
    """One server for all tests; `stripe` is the same, empty for each."""
    with FakeStripe(Options(webhook_secret=SECRET, key=KEY, backoff=(0.1, 0.1))) as fake:
        yield fake


@pytest.fixture(scope="package")
def site(running_stripe: FakeStripe, django_db_setup: None) -> Iterator[str]:
    """The site's address. A server of our own, because what pages may ask is settled once, when it starts."""
    rules = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    forms = {"form-action": [*rules["form-action"], running_stripe.base_url]}
    with override_settings(
        CONTENT_SECURITY_POLICY={"DIRECTIVES": {**rules, **forms}}, ROOT_URLCONF="tests.browser.addresses",
        STRIPE_API_BASE=running_stripe.base_url, STRIPE_SECRET_KEY=KEY, STRIPE_WEBHOOK_SECRET=SECRET,
    ):  # fmt: skip
        server = LiveServer("127.0.0.1")
        running_stripe.send_webhooks_to(f"{server.url}/webhooks/stripe/")
        with override_settings(SITE_URL=server.url):
            yield server.url
        server.stop()


@pytest.fixture
def stripe(running_stripe: FakeStripe, site: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """The fake Stripe, empty and without trouble, with the site pointed at it and its webhooks at the site."""
    monkeypatch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0.0)  # the SDK's pause before it tries again
    provider.cache_clear()
    yield running_stripe
    provider.cache_clear()
    running_stripe.reset()


@pytest.fixture(scope="package")
def regulars(chromium: Browser, site: str, running_stripe: FakeStripe) -> Iterator[dict[Look, Visitor]]:
    """Visitors who come again in the next test: opening a browser window takes longer than most that is done in it."""
    known: dict[Look, Visitor] = {}
    yield known
    for visitor in known.values():
        visitor.context.close()


@pytest.fixture
def come(chromium: Browser, site: str, stripe: FakeStripe, regulars: dict[Look, Visitor]) -> Iterator[Come]:
    """`come(look)` brings a visitor; `come(look, fresh=True)` one whose browser was never here, nor will be again."""
    here: dict[Look, Visitor] = {}
    with ExitStack() as stack:

        def made(look: Look) -> Visitor:
            return Visitor(chromium, look, site=site, stripe=stripe.base_url)

        def visitor(look: Look | None = None, *, fresh: bool = False) -> Visitor:
            look = look or Look()
            if fresh or look in here:
                return stack.enter_context(made(look))
            here[look] = regulars[look] = regulars.get(look) or made(look)
            return here[look].comes_again()

        yield visitor
        for regular in here.values():
            regular.leaves()
