"""Accounts in a browser: from signing up to an organiser of one's own, with a code, a recovery code and a passkey."""

from collections.abc import Iterator
from typing import Final

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from playwright.sync_api import expect

from accounts.models import User
from tests.accounts.visitors import SECRET, add_passkey, code_of, link, set_up_app
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER
from tests.browser.staff import Member, member
from tests.browser.test_organiser_pages import keep
from tests.browser.visitor import Look
from tests.makers import make_user

pytestmark = BROWSER
PASSWORD: Final = "four words in rows"
AUTHENTICATOR: Final = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def ada(come: Come) -> Iterator[Member]:
    """At the site's name and not at its number: browsers do passkeys for names only."""
    visitor = come(Look(1280, "light"))
    browser = visitor.context.browser
    assert browser
    with Member(browser, visitor.look, site=visitor.site.replace("127.0.0.1", "localhost"), stripe="x") as made:
        yield made


def signs_up(ada: Member) -> None:
    ada.opens("/signup/", "Sign up")
    ada.field("Full name").fill("Ada Lovelace")
    ada.field("E-mail address").fill("ada@example.com")
    ada.field("Password").fill(PASSWORD)
    ada.press("Sign up")
    ada.sees("Confirm your address")
    ada.opens(link(), "Confirm your address")
    ada.press("Yes, confirm it")


def logs_in(ada: Member) -> None:
    ada.press("Log out")
    ada.sees("Log in")
    ada.field("E-mail address").fill("ada@example.com")
    ada.field("Password").fill(PASSWORD)
    ada.press("Log in")
    ada.sees("Second step")


def types_code(ada: Member, code: str) -> None:
    ada.field("Code from your app").fill(code)
    ada.press("Log in")
    ada.sees("Your events")


def confirms(ada: Member) -> None:
    ada.sees("Confirm that it is you")
    ada.field("Password").fill(PASSWORD)
    ada.press("Go on")


def sets_up_app(ada: Member) -> str:
    """Answers the secret, as typed into an app."""
    ada.opens("/accounts/2fa/", "Second step")
    ada.follow("Set up an app")
    confirms(ada)
    ada.sees("Set up an app")
    secret = ada.page.locator(".account-key").inner_text()
    ada.field("Code that the app shows").fill(code_of(secret))
    ada.press("Set it up")
    ada.sees("Recovery codes")
    return secret


def adds_passkey(ada: Member) -> None:
    session = ada.context.new_cdp_session(ada.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    ada.page.goto("/accounts/2fa/webauthn/add/")
    confirms(ada)
    ada.sees("Add a passkey")
    ada.press("Add a passkey")
    ada.sees("Second step")
    ada.reads("The passkey is added.")


def test_from_signing_up_to_an_organiser_kept_by_app_codes_and_passkey(ada: Member) -> None:
    signs_up(ada)
    ada.sees("Your events")
    ada.follow("New organiser")
    ada.sees("New organiser")
    ada.field("Name").fill("Riverside Makers")
    suggested = ada.field("Address on this site (optional)").input_value()
    ada.press("Create the organiser")
    ada.sees("Riverside Makers")
    ada.reads("Create your first event")

    secret = sets_up_app(ada)
    recovery = ada.page.locator(".account-codes code").first.inner_text()
    logs_in(ada)
    types_code(ada, code_of(secret, steps=1))
    logs_in(ada)
    types_code(ada, recovery)

    adds_passkey(ada)
    ada.press("Log out")
    ada.sees("Log in")
    ada.press("Log in with a passkey")
    ada.sees("Your events")

    assert suggested == "riverside-makers"


def make_well_kept() -> User:
    """Somebody with an app, a passkey and recovery codes."""
    user = make_user(full_name="Ada Lovelace")
    set_up_app(user)
    RecoveryCodes.activate(user)
    add_passkey(user)
    return user


def test_passkey_that_does_not_come_is_said_on_the_page(ada: Member) -> None:
    session = ada.context.new_cdp_session(ada.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})  # which knows no passkey
    ada.opens("/login/", "Log in")

    ada.press("Log in with a passkey")

    expect(ada.page.get_by_role("alert")).to_contain_text("The browser did not give us a passkey.")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_every_page_before_the_log_in_reads_well(come: Come, look: Look) -> None:
    with member(come, look) as eve:
        for path in ("/login/", "/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/"):
            eve.page.goto(path)
            seen(eve, path)
        eve.opens("/signup/", "Sign up")
        eve.press("Sign up")
        eve.sees("Sign up")
        keep(eve, "signup-errors")
        eve.field("Full name").fill("Eve")
        eve.field("E-mail address").fill("eve@example.com")
        eve.field("Password").fill(PASSWORD)
        eve.press("Sign up")
        eve.sees("Confirm your address")
        keep(eve, "confirmation-sent")
        eve.opens(link(), "Confirm your address")
        keep(eve, "confirm")
        eve.opens("/accounts/confirm-email/nonsense/", "This link does not work any more")
        eve.opens("/accounts/invitations/nonsense/", "This invitation does not work any more")
        eve.opens("/accounts/password/reset/key/1-nonsense/", "This link does not work any more")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_every_page_of_ones_account_reads_well(come: Come, look: Look) -> None:
    user = make_well_kept()
    key = Authenticator.objects.get(user=user, type=Authenticator.Type.WEBAUTHN).pk
    with member(come, look) as ada:
        ada.signs_in(user)
        ada.sees("Second step")
        keep(ada, "second-step")
        ada.field("Code from your app").fill("000000")
        ada.press("Log in")
        ada.sees("Second step")
        keep(ada, "second-step-errors")
        types_code(ada, code_of(SECRET))
        ada.page.goto("/accounts/2fa/recovery-codes/generate/")
        ada.sees("Confirm that it is you")
        keep(ada, "reauthenticate")
        ada.field("Password").fill("password")
        ada.press("Go on")
        ada.sees("Make new recovery codes?")
        for path in (
            "/accounts/", "/accounts/email/", "/accounts/password/change/", "/accounts/sessions/", "/accounts/2fa/",
            "/accounts/2fa/recovery-codes/", "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/",
            f"/accounts/2fa/webauthn/keys/{key}/edit/", f"/accounts/2fa/webauthn/keys/{key}/remove/",
            "/accounts/2fa/totp/deactivate/",
        ):  # fmt: skip
            ada.page.goto(path)
            seen(ada, path)
        Authenticator.objects.filter(type=Authenticator.Type.TOTP).delete()
        ada.opens("/accounts/2fa/totp/activate/", "Set up an app")
        keep(ada, "set-up-app")


def seen(visitor: Member, path: str) -> None:
    """The page is open, with its heading, and nothing is amiss."""
    visitor.page.wait_for_load_state("load")
    assert visitor.page.locator("h1").count() == 1, path
    visitor.check()
    keep(visitor, path.strip("/").replace("/", "-"))
