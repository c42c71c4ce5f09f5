"""The waiting list: joined where all is sold out, left by the mail's link, and a mail when tickets come back."""

import re

import pytest
from django.core.mail import EmailMessage
from django.utils.timezone import now
from playwright.sync_api import expect

from checkout.actions import availability, orders
from checkout.models import Order
from events import listing
from events.actions import waiting_list
from events.models import TicketType, Waiting
from tests.browser.conftest import Come
from tests.browser.looks import ALL, DIFFERENT
from tests.browser.shop import BROWSER, buy, forget_pages, make_shop, work
from tests.browser.visitor import Look
from tests.flags.makers import make_flag, make_grant

pytestmark = BROWSER
JOIN = "Join the waiting list"


def make_gone() -> tuple[TicketType, Order]:
    """An event of which the last two tickets went to somebody else."""
    seat = make_shop(name="Seat", price_minor=0, capacity=2)
    make_grant(make_flag("waiting-list"), seat.event)
    for number in range(12):
        wish = waiting_list.Wish(f"fan-{number}@example.com", 1)
        waiting_list.join(event_id=seat.event_id, wish=wish, now=now())
    Waiting.objects.update(confirm_at=None)
    order = buy(seat, 2)
    tick()
    return seat, order


def tick() -> None:
    """What the worker does within some seconds."""
    availability.refresh()
    waiting_list.count(now=now())
    forget_pages()


@pytest.mark.parametrize("look", ALL, ids=str)
def test_waiting_list_is_joined_and_left_again(come: Come, look: Look, mailoutbox: list[EmailMessage]) -> None:
    seat, _ = make_gone()
    ada = come(look)

    ada.opens(seat.event.get_absolute_url(), seat.event.title)
    ada.reads("12 people are waiting.")
    ada.field("E-mail").fill("ada@example.com")
    ada.field("How many tickets").fill("2")
    ada.press(JOIN)
    ada.sees("You are on the waiting list")
    ada.follow("Back to the event")
    ada.sees(seat.event.title)
    work()
    (mail,) = [mail for mail in mailoutbox if "waiting list" in mail.subject]
    (link,) = re.findall(r"https?://\S+/waiting-list/\S+", str(mail.body))
    ada.opens(link, "Leave the waiting list?")
    ada.press("Leave the list")
    ada.sees("You have left the waiting list")
    ada.reloads("You have left the waiting list")

    assert mail.to == ["ada@example.com"]
    assert not Waiting.objects.filter(email="ada@example.com").exists()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_wrong_answers_are_asked_for_again_and_nothing_is_lost(come: Come, look: Look) -> None:
    seat, _ = make_gone()
    ada = come(look)
    ada.opens(seat.event.get_absolute_url(), seat.event.title)

    ada.field("E-mail").fill("ada@")
    ada.field("How many tickets").fill("40")
    ada.press(JOIN)
    ada.sees(JOIN)
    ada.reads("There is a problem")
    ada.check()

    expect(ada.field("E-mail")).to_have_value("ada@")
    expect(ada.field("How many tickets")).to_have_value("40")
    ada.field("E-mail").fill("fan-3@example.com")
    ada.field("How many tickets").fill("4")
    ada.press(JOIN)
    ada.sees("You are on the waiting list")
    ada.reads("If you were on it already you keep your place")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_who_joins_when_tickets_are_back_is_led_to_them(come: Come, look: Look, mailoutbox: list[EmailMessage]) -> None:
    seat, order = make_gone()
    ada = come(look)
    ada.opens(seat.event.get_absolute_url(), seat.event.title)
    ada.field("E-mail").fill("ada@example.com")

    orders.void(order=order, by="staff", now=now(), back_on_sale=True)
    mailoutbox.clear()
    work()
    forget_pages()
    ada.press(JOIN)
    ada.sees("There are tickets again")
    ada.follow("See tickets")
    ada.sees(seat.event.title)

    expect(ada.field("Quantity, Seat")).to_be_visible()
    told = sorted(mail.to[0] for mail in mailoutbox if "available again" in mail.subject)
    assert told == ["fan-0@example.com", "fan-1@example.com"]


@pytest.mark.parametrize("look", [Look(320, "dark"), Look(1280)], ids=str)
def test_open_page_shows_and_takes_away_the_list_and_keeps_what_was_typed(
    come: Come, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "POLL_SECONDS", dict.fromkeys(listing.POLL_SECONDS, 1))
    seat, order = make_gone()
    TicketType.objects.update(availability="all_held")
    ada = come(look)
    ada.opens(seat.event.get_absolute_url(), seat.event.title)
    ada.field("E-mail").fill("ada@example.com")
    ada.field("How many tickets").fill("3")

    tick()

    expect(ada.page.locator("[data-sale-status]")).to_have_text("Sold out", timeout=10_000)
    expect(ada.page.locator(".row-sold_out")).to_be_visible(timeout=10_000)
    expect(ada.field("E-mail")).to_have_value("ada@example.com")
    expect(ada.field("How many tickets")).to_have_value("3")
    orders.void(order=order, by="staff", now=now(), back_on_sale=True)
    tick()
    expect(ada.page.get_by_role("button", name="Get tickets")).to_be_visible(timeout=15_000)
    expect(ada.page.get_by_role("button", name=JOIN)).to_have_count(0)
    assert ada.page.locator("[data-news]").text_content() == ""
    ada.check()
