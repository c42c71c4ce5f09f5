"""A code from the event page to the ticket: typed, wrong, taken off, by its link; each without JavaScript too."""

import os
from pathlib import Path

import pytest

from checkout.models import Order, State
from events.models import CodeUse, TicketType
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, books_balance, make_shop, only_order
from tests.browser.visitor import Look, Visitor
from tests.makers import make_code, make_quota, make_ticket_type

pytestmark = BROWSER
PICTURES = os.environ.get("TITO_PICTURES", "")


def keep(visitor: Visitor, name: str) -> None:
    """A picture of the whole page, for whoever asked for pictures."""
    if PICTURES:
        folder = Path(PICTURES) / str(visitor.look)
        folder.mkdir(parents=True, exist_ok=True)
        visitor.page.screenshot(path=folder / f"{name}.png", full_page=True)


def make_sale() -> TicketType:
    """Two ticket types for everybody and a secret one, with a code that makes the first cheaper and one that opens the
    last."""
    adult = make_shop()
    event = adult.event
    make_ticket_type(event=event, name="Child", price_minor=900, quotas=[make_quota(event=event)])
    crew = make_ticket_type(event=event, name="Crew", price_minor=500, secret=True)
    make_code(event=event, text="EARLY", percent=25, only=[adult], capacity=10)
    make_code(event=event, text="CREW", reveals_secret=True, only=[crew])
    return adult


def type_code(visitor: Visitor, text: str) -> None:
    if not visitor.field("Discount or access code").is_visible():
        visitor.page.get_by_text("Have a code?").click()
    visitor.field("Discount or access code").fill(text)


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_buyer_with_a_code_pays_less_and_loses_nothing_on_the_way(come: Come, look: Look) -> None:
    adult = make_sale()
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    keep(ada, "1-event")
    ada.choose("Adult", 2)
    ada.choose("Child", 1)

    type_code(ada, "ERLY")
    ada.press("Apply the code")
    ada.reads("We do not know the code ERLY.")
    ada.check()
    keep(ada, "2-wrong")
    assert ada.field("Quantity, Adult").input_value() == "2"
    type_code(ada, "early")
    ada.press("Apply the code")
    ada.reads("Code EARLY applied: 25% off.")
    ada.sees(adult.event.title)
    keep(ada, "3-applied")
    assert (ada.field("Quantity, Adult").input_value(), ada.field("Quantity, Child").input_value()) == ("2", "1")
    ada.press("Get tickets")
    ada.sees("Your details")
    ada.reads("£13.50 each with the code, £18.00 without")
    keep(ada, "4-details")
    ada.says_who()
    ada.press("Continue to review")
    ada.sees("Review and pay")
    keep(ada, "5-review")

    assert (only_order().total_minor, CodeUse.objects.get(code__text="EARLY").used) == (3600, 2)
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_link_opens_secret_tickets_and_the_code_can_be_taken_off(come: Come, look: Look) -> None:
    adult = make_sale()
    ada = come(look)

    ada.opens(f"{adult.event.get_absolute_url()}code/CREW/", adult.event.title)
    keep(ada, "6-secret")
    ada.choose("Crew", 1)
    ada.choose("Adult", 1)
    ada.press("Remove the code")
    ada.page.wait_for_url("**/code/?**")

    ada.sees(adult.event.title)
    assert ada.page.get_by_text("Crew").count() == 0
    assert ada.field("Quantity, Adult").input_value() == "1"


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_code_used_up_under_the_buyers_hands_is_told_and_one_goes_on_without(come: Come, look: Look) -> None:
    adult = make_sale()
    ada = come(look)
    ada.opens(f"{adult.event.get_absolute_url()}code/EARLY/", adult.event.title)
    ada.choose("Adult", 2)
    CodeUse.objects.filter(code__text="EARLY").update(capacity=1)

    ada.press("Get tickets")
    ada.sees("Check your tickets")
    keep(ada, "7-refused")
    assert "works for one more ticket only" in ada.page.locator(".field-error").inner_text()
    ada.field("Discount or access code").fill("")
    ada.press("Get tickets")
    ada.sees("Your details")

    order = Order.objects.get()
    assert (order.state, order.total_minor, order.code_text) == (State.HELD, 3600, "")


@pytest.mark.parametrize("look", [Look(1280, "light")], ids=str)
def test_enter_in_the_field_of_the_code_applies_it(come: Come, look: Look) -> None:
    adult = make_sale()
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)

    type_code(ada, "EARLY")
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url("**/code/EARLY/**")

    ada.sees(adult.event.title)
