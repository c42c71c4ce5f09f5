"""Buying without a mouse: what has the focus can be seen, and leads where it says."""

import pytest
from playwright.sync_api import Locator, expect

from checkout.models import State
from tests.browser.conftest import Come
from tests.browser.journeys import to_details
from tests.browser.shop import BROWSER, make_shop, only_order
from tests.browser.visitor import Look, Visitor
from tests.makers import make_ticket_type

pytestmark = BROWSER
MOST_STOPS = 60
# Of what has the focus: its name, and how much of its middle line something else lies over.
FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const points = [0.1, 0.5, 0.9].map((part) => [box.left + box.width * part, box.top + box.height / 2]);
  const covered = points.filter(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return !top || !(at.contains(top) || top.contains(at));
  });
  return [at === document.body ? "" : at.outerHTML.slice(0, 80), covered.length];
}"""


def tab_to(visitor: Visitor, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{wanted} cannot be reached by Tab from {visitor.page.url}")


@pytest.mark.parametrize("look", [Look(320, "dark"), Look(1280)], ids=str)
def test_free_ticket_is_had_with_the_keyboard_alone(come: Come, look: Look) -> None:
    seat = make_shop(name="Seat", price_minor=0)
    ada = come(look)
    ada.opens(seat.event.get_absolute_url(), seat.event.title)
    keys = ada.page.keyboard

    tab_to(ada, ada.page.get_by_role("link", name="Skip to the content"))
    keys.press("Enter")
    tab_to(ada, ada.field("Quantity, Seat"))
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    tab_to(ada, ada.page.get_by_role("button", name="Get tickets"))
    keys.press("Enter")
    ada.sees("Your details")
    tab_to(ada, ada.field("Full name"))
    keys.type("Ada Lovelace")
    keys.press("Tab")
    keys.type("ada@example.com")
    keys.press("Enter")  # from within a field, which must not press the renewal above it

    ada.sees("Your tickets to Autumn Conference")
    assert (only_order().state, only_order().renewals, only_order().tickets.count()) == (State.COMPLETE, 0, 2)


@pytest.mark.parametrize("look", [Look(320), Look(1280, "dark"), Look(320, "dark", scripts=False)], ids=str)
def test_error_summary_takes_the_focus_and_leads_to_the_fields(come: Come, look: Look) -> None:
    ada = come(look)
    to_details(ada, (make_shop(), 1))
    ada.says_who(name="", email="ada")

    ada.press("Continue to review")
    ada.reads("There is a problem")
    ada.check()

    expect(ada.page.locator(".error-summary")).to_be_focused()
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("Enter")
    expect(ada.field("Full name")).to_be_focused()
    email = ada.field("E-mail")
    described = email.evaluate(
        "f => f.getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id).innerText)"
    )
    assert email.get_attribute("aria-invalid") == "true"
    assert any("name@example.com" in text for text in described)


@pytest.mark.parametrize("backwards", [False, True])
def test_bar_at_the_foot_of_a_phone_never_hides_what_has_the_focus(come: Come, backwards: bool) -> None:
    first = make_shop(description="Both days, with lunch.")
    for number in range(12):
        make_ticket_type(event=first.event, name=f"Workshop {number}", description="An hour and a half.")
    ada = come(Look(320))
    ada.opens(first.event.get_absolute_url(), first.event.title)
    ada.choose("Adult", 1)

    seen = []
    for _ in range(MOST_STOPS):
        ada.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        seen.append(tuple(ada.page.evaluate(FOCUSED)))

    assert sum("quantity-" in html for html, _ in set(seen)) >= 13 - backwards
    assert [html for html, covered in seen if html and covered] == []


def test_names_are_copied_to_all_tickets_with_one_press(come: Come) -> None:
    ada = come(Look(320))
    to_details(ada, (make_shop(), 3))
    ada.says_who()

    ada.page.get_by_role("checkbox", name="Use my name for ticket 1").check()
    ada.page.get_by_text("Name each ticket").click()
    expect(ada.field("Attendee name, Adult (1) (optional)")).to_have_value("Ada Lovelace")
    ada.press("Copy ticket 1’s name to all")  # noqa: RUF001  -- as the page writes it
    ada.check()
    ada.press("Continue to review")
    ada.sees("Review and pay")

    assert set(only_order().tickets.values_list("attendee_name", flat=True)) == {"Ada Lovelace"}
