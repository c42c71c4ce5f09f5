"""Express checkout as a visitor meets it: a free ticket on one page, at every size, in both schemes."""

import pytest

from checkout.models import State
from events.models import Event
from flags.models import Flag, Grant
from tests.browser.conftest import Come
from tests.browser.journeys import to_details
from tests.browser.looks import ALL, DIFFERENT
from tests.browser.shop import BROWSER, books_balance, forget_pages, make_shop, only_order
from tests.browser.visitor import Look

pytestmark = BROWSER


def grant(event: Event) -> None:
    flag, _ = Flag.objects.get_or_create(name="express-checkout", defaults={"stage": "beta"})
    Grant.objects.create(flag=flag, event=event, reason="A trial.")
    forget_pages()


@pytest.mark.parametrize("look", ALL, ids=str)
def test_free_ticket_is_had_on_one_page(come: Come, look: Look) -> None:
    seat = make_shop(name="Seat", price_minor=0)
    grant(seat.event)
    ada = come(look)

    to_details(ada, (seat, 2), heading="Get your tickets")
    address = ada.page.url
    ada.check()
    ada.says_who()
    ada.press("Get my 2 tickets")
    ada.sees(f"Your tickets to {seat.event.title}")
    same = ada.page.url == address
    ada.page.reload()
    ada.sees(f"Your tickets to {seat.event.title}")
    ada.follow("Show ticket 1, Seat")
    ada.sees("Seat")

    assert same
    assert (only_order().state, only_order().tickets.count()) == (State.COMPLETE, 2)
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_wrong_address_is_asked_for_again_and_nothing_is_lost(come: Come, look: Look) -> None:
    seat = make_shop(price_minor=0)
    grant(seat.event)
    ada = come(look)
    to_details(ada, (seat, 1), heading="Get your ticket")

    ada.says_who(email="ada@")
    ada.press("Get my ticket")
    ada.reads("There is a problem")
    ada.check()
    ada.field("E-mail").fill("ada@example.com")
    ada.press("Get my ticket")
    ada.sees("Your tickets to Autumn Conference")

    assert only_order().full_name == "Ada Lovelace"


def test_paid_ticket_goes_the_ordinary_way(come: Come) -> None:
    adult = make_shop()
    grant(adult.event)
    ada = come()

    to_details(ada, (adult, 1))
    ada.says_who()
    ada.press("Continue to review")

    ada.sees("Review and pay")
