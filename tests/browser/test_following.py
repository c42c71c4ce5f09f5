"""A page that stays open follows the sale: its words, its rows, and what was typed meanwhile."""

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from checkout.actions import availability
from events import listing
from events.models import TicketType
from tests.browser.conftest import Come
from tests.browser.shop import BROWSER, buy, forget_pages, make_shop
from tests.browser.visitor import Look
from tests.buyers import take_hold
from tests.makers import make_quota, make_ticket_type

pytestmark = BROWSER
LOOKS = [Look(320, "dark"), Look(1280)]


@pytest.fixture(autouse=True)
def _asks_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "POLL_SECONDS", dict.fromkeys(listing.POLL_SECONDS, 1))


def tick() -> None:
    """What the worker does within a second."""
    availability.refresh()
    forget_pages()


def never_loaded_again(page: Page) -> bool:
    return bool(page.evaluate("window.neverLoadedAgain"))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_open_page_follows_what_sells_out_and_keeps_what_was_typed(come: Come, look: Look) -> None:
    adult = make_shop()
    child = make_ticket_type(event=adult.event, quotas=[make_quota(event=adult.event, capacity=2)], name="Child")
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.page.evaluate("window.neverLoadedAgain = true")
    ada.choose("Adult", 3)
    ada.choose("Child", 1)
    ada.reads("4 tickets, £64.00")

    take_hold((child, 2), now=now())
    tick()

    ada.reads("All held, some may come back")
    ada.reads("No longer to be had: Child")
    ada.reads("3 tickets, £54.00")
    expect(ada.field("Quantity, Adult")).to_have_value("3")
    assert ada.field("Quantity, Child").count() == 0
    assert never_loaded_again(ada.page)
    ada.check()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_open_page_says_that_few_are_left_and_then_none(come: Come, look: Look) -> None:
    only = make_shop(capacity=3, kind="free", price_minor=0)
    ada = come(look)
    tick()
    ada.opens(only.event.get_absolute_url(), only.event.title)
    status = ada.page.locator("[data-sale-status]")
    expect(status).to_have_text("Few tickets left")

    buy(only, 3)
    tick()

    expect(status).to_have_text("Sold out", timeout=10_000)
    expect(ada.page.get_by_role("button", name="Get tickets")).to_have_count(0, timeout=10_000)
    ada.check()


def test_open_page_is_left_alone_while_nothing_changes(come: Come) -> None:
    adult = make_shop()
    ada = come(Look(), fresh=True)
    asked: list[str] = []
    ada.page.on("response", lambda response: asked.append(response.url.rpartition(adult.event.slug)[2]))
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.page.evaluate("window.words = document.querySelector('[data-sale-status] .status')")

    with ada.page.expect_response("**/availability/"), ada.page.expect_response("**/availability/"):
        pass

    assert "/tickets/" not in asked
    assert ada.page.evaluate("window.words.isConnected")  # so that nothing is announced again


def test_open_page_keeps_what_it_shows_while_the_site_is_busy(come: Come) -> None:
    adult = make_shop()
    ada = come(Look(), fresh=True)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.page.route("**/availability/", lambda route: route.fulfill(status=503, body="<h1>We are very busy</h1>"))

    with ada.page.expect_response("**/availability/"):
        pass

    ada.reads("On sale")
    assert ada.page.get_by_text("very busy").count() == 0


def test_open_page_follows_a_sale_that_is_moved(come: Come) -> None:
    adult = make_shop(sale_starts_at=now().replace(year=now().year + 1))
    ada = come(Look())
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    expect(ada.page.get_by_role("button", name="Get tickets")).to_be_disabled()

    TicketType.objects.filter(pk=adult.pk).update(sale_starts_at=None)
    tick()

    expect(ada.page.get_by_role("button", name="Get tickets")).to_be_enabled(timeout=10_000)
    ada.reads("On sale")
