"""Stripe accounts of organisers: two fakes at once behind one address, as Stripe has all accounts behind one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import stripe as sdk
from pytest_django.fixtures import Settings

from accounts.models import Organiser, StripeAccount
from checkout.actions import stripe_accounts
from checkout.providers import provider
from fakestripe import FakeStripe, Options, errors
from fakestripe.calls import Answer, Call, refusal
from fakestripe.server import Server
from tests.buyers import NOON
from tests.checkout.payers import KEY, SECRET
from tests.makers import make_user

OWN_KEY, OTHER_KEY = "sk_test_OrganisersOwnKey1234", "sk_test_AnotherAccountsKey5678"


class Stripes:
    """The fakes by their keys. `site` is the installation's, `own` and `other` are accounts of organisers."""

    def __init__(self) -> None:
        self.site = FakeStripe(Options(key=KEY, webhook_secret=SECRET, account="acct_Site"))
        self.own = FakeStripe(Options(key=OWN_KEY, account="acct_Own", account_name="Riverside Makers"))
        self.other = FakeStripe(Options(key=OTHER_KEY, account="acct_Other", account_name="Somebody Else"))
        self.fakes = {KEY: self.site, OWN_KEY: self.own, OTHER_KEY: self.other}

    def give_key(self, fake: FakeStripe, key: str) -> None:
        """A new key of the same account, in place of the old one."""
        fake._context.key = key
        self.fakes = {have: one for have, one in self.fakes.items() if one is not fake} | {key: fake}

    def answer(self, call: Call) -> Answer:
        fake = self.fakes.get(call.api_key)
        return fake._respond(call) if fake else refusal(errors.wrong_key(call.api_key))


@contextmanager
def stripes_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripes]:
    """The three, with the site pointed at them."""
    stripes = Stripes()
    door = Server("127.0.0.1", 0, stripes.answer)
    monkeypatch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0.0)
    with stripes.site, stripes.own, stripes.other, served(door):
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{door.server_port}"
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.SITE_URL = "http://127.0.0.1:9"  # nobody there: tests carry what is sent
        provider.cache_clear()
        yield stripes
        provider.cache_clear()


@contextmanager
def served(door: Server) -> Iterator[None]:
    thread = threading.Thread(target=door.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield
    door.shutdown()
    door.close_connections()
    door.server_close()
    thread.join()


def connect(organiser: Organiser, key: str = OWN_KEY) -> StripeAccount:
    """The organiser enters a key."""
    return stripe_accounts.connect(organiser=organiser, secret_key=key, by=make_user(), now=NOON)
