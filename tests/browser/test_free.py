"""A free ticket, from the event page to the ticket, at every size, in both schemes, with and without JavaScript."""

import pytest
from django.core.mail import EmailMessage

from checkout.models import Order, State
from tests.browser.conftest import Come
from tests.browser.journeys import to_details
from tests.browser.looks import ALL, DIFFERENT
from tests.browser.shop import BROWSER, books_balance, make_shop, only_order, work
from tests.browser.visitor import Look

pytestmark = BROWSER


@pytest.mark.parametrize("look", ALL, ids=str)
def test_free_ticket_is_had_in_three_pages(come: Come, look: Look, mailoutbox: list[EmailMessage]) -> None:
    seat = make_shop(name="Seat", price_minor=0)
    ada = come(look)

    to_details(ada, (seat, 2))
    ada.says_who()
    ada.press("Confirm free order")
    ada.sees(f"Your tickets to {seat.event.title}")
    work()
    ada.follow("Show ticket 1, Seat")
    ada.sees("Seat")

    order = only_order()
    assert (order.state, order.full_name, order.tickets.count()) == (State.COMPLETE, "Ada Lovelace", 2)
    assert [(mail.to, order.reference in mail.subject) for mail in mailoutbox] == [(["ada@example.com"], True)]
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_details_without_an_address_are_asked_for_again_and_nothing_is_lost(come: Come, look: Look) -> None:
    ada = come(look)
    to_details(ada, (make_shop(price_minor=0), 2))

    ada.says_who(email="")
    ada.page.get_by_text("Name each ticket").click()
    ada.field("Attendee name, Adult (2) (optional)").fill("Grace Hopper")
    ada.press("Confirm free order")
    ada.reads("There is a problem")
    ada.check()

    assert ada.page.title().startswith("Error: ")
    assert ada.field("Full name").input_value() == "Ada Lovelace"
    assert ada.field("Attendee name, Adult (2) (optional)").input_value() == "Grace Hopper"
    ada.field("E-mail").fill("ada@example.com")
    ada.press("Confirm free order")
    ada.sees("Your tickets to Autumn Conference")
    ada.reads("Grace Hopper")


def test_confirmation_opens_again_from_its_bookmark_in_another_browser(come: Come) -> None:
    ada = come()
    to_details(ada, (make_shop(price_minor=0), 1))
    ada.says_who()
    ada.press("Confirm free order")
    ada.sees("Your tickets to Autumn Conference")

    later = come(Look(320, "dark"))
    later.opens(ada.page.url, "Your tickets to Autumn Conference")

    assert later.page.url.endswith(only_order().get_absolute_url())


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_tickets_are_sent_again_to_a_corrected_address(come: Come, look: Look, mailoutbox: list[EmailMessage]) -> None:
    ada = come(look)
    to_details(ada, (make_shop(price_minor=0), 1))
    ada.says_who(email="ada@gmial.com")
    ada.press("Confirm free order")
    ada.sees("Your tickets to Autumn Conference")
    work()

    ada.field("E-mail").fill("ada@")
    ada.press("Send the tickets again")
    ada.reads("There is a problem")
    ada.check()
    ada.field("E-mail").fill("ada@gmail.com")
    ada.press("Send the tickets again")
    ada.reads("on their way once more")
    ada.check()
    work()

    assert [mail.to for mail in mailoutbox] == [["ada@gmial.com"], ["ada@gmail.com"]]
    assert Order.objects.get().email == "ada@gmail.com"
