"""An event tried out in a browser, from the organiser's button to a ticket: each page says that it is a test."""

import pytest
from playwright.sync_api import expect

from checkout.models import Order, State
from events.models import Event
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, make_shop, only_order
from tests.browser.staff import member
from tests.browser.test_organiser_pages import keep
from tests.browser.visitor import Look, Visitor
from tests.makers import make_organiser, make_user

pytestmark = BROWSER


def is_told(visitor: Visitor, name: str) -> None:
    """The banner is there, above everything."""
    banner = visitor.page.get_by_label("Test mode", exact=True)
    expect(banner).to_contain_text("Test mode: no money moves and no ticket is valid.")
    keep(visitor, f"test-{name}")


def tries_it(ada: Visitor, event: Event) -> None:
    """From the event's page to a ticket, with one declined card on the way."""
    ada.opens(event.get_absolute_url(), "Autumn Conference")
    is_told(ada, "event")
    ada.choose("Adult", 2)
    ada.press("Get tickets")
    ada.sees("Your details")
    is_told(ada, "details")
    ada.says_who()
    ada.press("Continue to review")
    ada.sees("Review and pay")
    is_told(ada, "review")
    ada.reads("All back until")
    ada.press("Pay £36.00")
    ada.sees("Pretend payment")
    is_told(ada, "payment")
    ada.press("Decline the card")
    ada.sees("Review and pay")
    expect(ada.page.get_by_role("alert")).to_contain_text("The card was declined")
    ada.press("Pay £36.00")
    ada.sees("Pretend payment")
    ada.press("Pay £36.00")
    ada.sees("Your tickets to Autumn Conference")
    is_told(ada, "done")
    ada.opens(only_order().tickets.earliest("number").get_absolute_url(), "Adult")
    is_told(ada, "ticket")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_event_is_tried_out_and_nothing_is_left(come: Come, look: Look) -> None:
    owner = make_user()
    organiser = make_organiser(owner=owner, refund_policy="All back until **1 May**, half until 20 May.")
    event = make_shop(event={"organiser": organiser, "state": "draft"}).event
    desk, ada = f"/organise/{organiser.slug}/{event.slug}/test-mode/", come(look)
    with member(come, look) as owns:
        owns.signs_in(owner)
        owns.opens(desk, "Autumn Conference")
        owns.press("Begin test mode")
        owns.reads("Test mode is on")
        owns.check()

        tries_it(ada, event)
        assert only_order().state == State.COMPLETE

        owns.opens(desk, "Autumn Conference")
        keep(owns, "test-mode-on")
        owns.follow("End test mode…")
        owns.reads("1 test order with 2 tickets will be removed")
        owns.check()
        keep(owns, "test-mode-end")
        owns.press("Remove 1 test order and end test mode")
        owns.reads("1 test order was removed")

    assert Order.objects.count() == 0


@pytest.mark.parametrize("look", [Look(320, "dark"), Look(1280, "light")], ids=str)
def test_key_is_entered_and_refused_in_words(come: Come, look: Look) -> None:
    owner = make_user()
    organiser = make_organiser(owner=owner, name="Riverside Makers")
    with member(come, look) as owns:
        owns.signs_in(owner)
        owns.opens(f"/organise/{organiser.slug}/-/money/", "Riverside Makers")
        owns.follow("Connect your Stripe account")
        owns.field("Password").fill("password")
        owns.press("Go on")
        for key, words in (
            ("sk_test_wrong", "Stripe does not know this key."),
            ("sk_test_shop", "Stripe took the key."),
        ):
            owns.field("Secret key").fill(key)
            owns.press("Check and connect")
            owns.reads(words)
            owns.check()
            keep(owns, "money-refused" if "wrong" in key else "money-connected")
        owns.follow("Remove this account")
        owns.sees("Remove Fake Stripe?")
        keep(owns, "money-removal")
