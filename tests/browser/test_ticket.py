"""One ticket's page: to be scanned or typed at the door, with or without a connection."""

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from checkout.actions import orders
from checkout.models import Ticket
from tests.browser.conftest import Come
from tests.browser.looks import ALL
from tests.browser.shop import BROWSER, buy, make_shop
from tests.browser.visitor import Look

pytestmark = BROWSER


def make_ticket() -> Ticket:
    """Grace's ticket to a conference."""
    return buy(make_shop(price_minor=0)).tickets.get()


@pytest.mark.parametrize("look", ALL, ids=str)
def test_ticket_shows_a_code_large_enough_to_scan_and_in_letters(come: Come, look: Look) -> None:
    ticket = make_ticket()
    grace = come(look, fresh=True)

    grace.opens(ticket.get_absolute_url(), "Adult")

    code = grace.page.locator(".ticket-qr svg")
    box = code.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 240
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= look.width
    around = "element => getComputedStyle(element.parentElement).backgroundColor"
    assert code.evaluate(around) == "rgb(255, 255, 255)"
    grace.reads(str(ticket))
    if look.scripts:
        grace.reads("Kept on this device")


def test_ticket_opens_without_a_connection_once_it_was_opened_with_one(come: Come) -> None:
    ticket = make_ticket()
    grace = come(Look(320, "dark"), fresh=True)
    grace.opens(ticket.get_absolute_url(), "Adult")
    grace.reads("Kept on this device")
    grace.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    grace.context.set_offline(True)
    grace.page.reload()

    grace.reads(str(ticket))
    expect(grace.page.locator(".ticket-qr svg")).to_be_visible()
    assert grace.page.locator(".ticket-qr").evaluate("element => getComputedStyle(element).display") == "grid"


def test_cancelled_ticket_shows_no_code_also_where_it_was_kept(come: Come) -> None:
    ticket = make_ticket()
    grace = come(Look(320), fresh=True)
    grace.opens(ticket.get_absolute_url(), "Adult")
    grace.reads("Kept on this device")
    orders.void(order=ticket.order, by="staff", now=now(), back_on_sale=True)

    grace.reloads("Adult")
    grace.reads("This ticket was cancelled.")
    assert grace.page.locator(".ticket-qr").count() == 0

    grace.context.set_offline(True)
    grace.page.reload()
    grace.reads("This ticket was cancelled.")
