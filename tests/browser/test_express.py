"""A free ticket in express checkout: one page, at every size, in both schemes, with and without JavaScript."""

from typing import Any

import pytest
from django.core.mail import EmailMessage
from playwright.sync_api import Request

from checkout.models import State
from events.models import TicketType
from tests.browser.conftest import Come
from tests.browser.journeys import to_payment
from tests.browser.looks import ALL, DIFFERENT
from tests.browser.shop import BROWSER, books_balance, let_lapse, make_shop, only_order, work
from tests.browser.visitor import Look, Visitor
from tests.flags.makers import make_flag, make_grant

pytestmark = BROWSER


def make_express(**over: Any) -> TicketType:
    """A free ticket type of an event that was granted the flag."""
    ticket_type = make_shop(**{"name": "Seat", "slug": "seat", "price_minor": 0, **over})
    make_grant(make_flag("express-checkout"), ticket_type.event)
    return ticket_type


def to_express(visitor: Visitor, seat: TicketType, quantity: int = 1) -> None:
    """From the event page to the one page of the checkout."""
    visitor.opens(seat.event.get_absolute_url(), seat.event.title)
    visitor.choose("Seat", quantity)
    visitor.press("Get tickets")
    visitor.sees("Get your ticket")


@pytest.mark.parametrize("look", ALL, ids=str)
def test_free_ticket_is_had_on_one_page(come: Come, look: Look, mailoutbox: list[EmailMessage]) -> None:
    seat = make_express()
    ada = come(look)

    to_express(ada, seat)
    here = ada.page.url
    ada.says_who()
    ada.press("Get my ticket")
    ada.sees(f"Your tickets to {seat.event.title}")
    assert ada.page.url == here
    work()
    ada.follow("Show ticket 1, Seat")
    ada.sees("Seat")
    ada.reads("Ada Lovelace")

    order = only_order()
    assert (order.state, order.full_name, order.tickets.get().attendee_name) == (State.COMPLETE, *["Ada Lovelace"] * 2)
    assert [(mail.to, order.reference in mail.subject) for mail in mailoutbox] == [(["ada@example.com"], True)]
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_mistaken_address_is_asked_for_again_on_the_same_page(come: Come, look: Look) -> None:
    ada = come(look)
    to_express(ada, make_express(), 2)

    ada.says_who(email="ada@")
    ada.page.get_by_text("Name each ticket").click()
    ada.field("Attendee name, Seat (2) (optional)").fill("Grace Hopper")
    ada.press("Get my 2 tickets")
    ada.reads("There is a problem")
    ada.check()

    assert ada.page.title().startswith("Error: ")
    assert ada.field("Full name").input_value() == "Ada Lovelace"
    assert ada.field("Attendee name, Seat (2) (optional)").input_value() == "Grace Hopper"
    ada.field("E-mail").fill("ada@example.com")
    ada.press("Get my 2 tickets")
    ada.sees("Your tickets to Autumn Conference")
    ada.reads("Grace Hopper")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_reload_and_back_show_the_tickets_again_and_make_no_more(come: Come, look: Look) -> None:
    ada = come(look)
    to_express(ada, make_express())
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.extend([request.url] * (request.method == "POST"))

    ada.says_who()
    ada.press("Get my ticket")
    ada.sees("Your tickets to Autumn Conference")
    ada.page.on("request", note)
    ada.reloads("Your tickets to Autumn Conference")
    ada.page.remove_listener("request", note)
    ada.page.go_back()
    ada.reloads("Your tickets to Autumn Conference")

    assert len(sent) == (0 if look.scripts else 1)  # the browser asks first, where it must send the form again
    assert list(only_order().history.values_list("kind", flat=True)) == ["held", "completed"]


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_hold_that_lapsed_while_typing_is_taken_again_on_the_same_kind_of_page(come: Come, look: Look) -> None:
    ada = come(look)
    to_express(ada, make_express())
    let_lapse(only_order())

    ada.says_who()
    ada.press("Get my ticket")
    ada.sees("Your time ran out")
    ada.press("Try again")
    ada.sees("Get your ticket")
    ada.press("Get my ticket")

    ada.sees("Your tickets to Autumn Conference")
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_paid_order_goes_its_ordinary_way(come: Come, look: Look) -> None:
    adult = make_express(name="Adult", slug="adult", price_minor=1800)
    ada = come(look)

    to_payment(ada, (adult, 1), total="£18.00")
    ada.press("Pay £18.00")

    ada.sees("Your tickets to Autumn Conference")
    assert only_order().state == State.COMPLETE
