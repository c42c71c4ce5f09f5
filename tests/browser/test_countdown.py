"""The moment a sale opens: counted on the server's clock, and the form is there without loading the page again."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from events.models import TicketType
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, forget_pages, make_shop, only_order
from tests.browser.visitor import Look

pytestmark = BROWSER
# A clock that is so many hours wrong, and no waiting in turn: real visitors ask within seconds after the opening.
WRONG = """
  const right = Date, by = %d * 3600e3;
  Date = class extends right { constructor(...given) { super(...(given.length ? given : [right.now() + by])); } };
  Date.now = () => right.now() + by;
  Math.random = () => 0;
"""


@pytest.mark.parametrize(("look", "hours"), [(Look(320, "dark"), -5), (Look(1280), 5)], ids=str)
def test_form_opens_by_itself_whatever_the_visitors_clock_says(come: Come, look: Look, hours: int) -> None:
    adult = make_shop(sale_starts_at=now() + timedelta(seconds=8))
    ada = come(look, fresh=True)
    ada.page.add_init_script(WRONG % hours)

    ada.page.goto(adult.event.get_absolute_url())
    expect(ada.page.locator("sale-countdown p").first).to_have_text(re.compile("^Opens in [1-8] seconds?$"))
    expect(ada.page.get_by_role("button", name="Get tickets")).to_be_disabled()
    ada.page.evaluate("window.neverLoadedAgain = true")
    expect(ada.page.get_by_role("button", name="Get tickets")).to_be_enabled(timeout=15_000)
    ada.choose("Adult", 2)
    ada.check()
    ada.reads("On sale")

    assert ada.page.evaluate("window.neverLoadedAgain")
    ada.press("Get tickets")
    ada.sees("Your details")
    assert only_order().tickets.count() == 2


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_page_before_the_sale_says_when_and_a_reload_opens_it(come: Come, look: Look) -> None:
    adult = make_shop(sale_starts_at=now() + timedelta(hours=3))
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.reads("Opens ")
    expect(ada.page.get_by_role("button", name="Get tickets")).to_be_disabled()

    TicketType.objects.update(sale_starts_at=now() - timedelta(seconds=1))
    forget_pages()
    ada.reloads(adult.event.title)

    expect(ada.page.get_by_role("button", name="Get tickets")).to_be_enabled()
    ada.choose("Adult", 1)
