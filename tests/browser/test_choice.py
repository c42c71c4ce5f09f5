"""Choosing tickets: sold out, short, none at all, very many kinds of them, and those that a secret link opens."""

import pytest
from django.utils.timezone import now

from checkout.actions import availability
from checkout.models import Order
from events.models import Draw, Event, TicketType
from tests.browser.conftest import Come
from tests.browser.journeys import to_details
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, books_balance, buy, forget_pages, make_shop, only_order
from tests.browser.visitor import Look, Visitor
from tests.buyers import take_hold
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = BROWSER


def make_big_event(types: int) -> Event:
    """Ticket types under twelve headings, all on one quota."""
    event = make_event(title="Trade Fair")
    quota = make_quota(event=event, capacity=1000)
    made = TicketType.objects.bulk_create(
        TicketType(event=event, slug=f"stand-{n}", name=f"Stand {n}", price_minor=1000 + n, position=n,
                   group_heading=f"Hall {n // 25}", description="Three by three metres, with a table.")
        for n in range(types)
    )  # fmt: skip
    Draw.objects.bulk_create(Draw(ticket_type=ticket_type, quota=quota) for ticket_type in made)
    return event


def refusal(visitor: Visitor) -> str:
    """What stands beside the first field that is refused."""
    return visitor.page.locator(".field-error").first.inner_text()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_sold_out_ticket_keeps_its_place_and_says_so(come: Come, look: Look) -> None:
    adult = make_shop(capacity=1, price_minor=0)
    buy(adult)
    availability.refresh()
    forget_pages()
    ada = come(look)

    ada.opens(adult.event.get_absolute_url(), adult.event.title)

    ada.reads("Sold out")
    assert ada.page.locator(".row", has_text="Adult").count() == 1
    assert ada.page.locator("input[type=number], button").count() == 0


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_ticket_that_sells_out_under_the_buyers_hands_leads_back_to_the_others(come: Come, look: Look) -> None:
    adult = make_shop(capacity=1, price_minor=0)
    make_ticket_type(event=adult.event, name="Child", price_minor=900)
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.choose("Adult", 1)
    ada.choose("Child", 2)
    buy(adult)

    ada.press("Get tickets")
    ada.sees("Check your tickets")

    assert "Adult is sold out." in refusal(ada)
    assert ada.field("Quantity, Child").input_value() == "2"
    ada.choose("Adult", 0)
    ada.press("Get tickets")
    ada.sees("Your details")
    assert Order.objects.latest("id").total_minor == 1800
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_shortfall_says_how_many_are_left_and_keeps_the_choice(come: Come, look: Look) -> None:
    adult = make_shop(capacity=2)
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.choose("Adult", 3)

    ada.press("Get tickets")
    ada.sees("Check your tickets")

    assert "Only 2 of Adult left." in refusal(ada)
    assert ada.field("Quantity, Adult").input_value() == "3"
    ada.choose("Adult", 2)
    ada.press("Get tickets")
    ada.sees("Your details")
    assert only_order().tickets.count() == 2


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_all_held_says_that_some_may_come_back(come: Come, look: Look) -> None:
    adult = make_shop(capacity=1)
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.choose("Adult", 1)
    take_hold((adult, 1), now=now())
    availability.refresh()
    forget_pages()

    ada.press("Get tickets")
    ada.sees("Check your tickets")
    ada.reads("Some may come back")
    ada.follow("Back to all tickets")
    ada.sees(adult.event.title)
    ada.reloads(adult.event.title)  # the browser may have kept its own copy, for two seconds

    ada.reads("All held, some may come back")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_choice_of_nothing_is_an_error_that_leads_back(come: Come, look: Look) -> None:
    adult = make_shop()
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)

    ada.press("Get tickets")
    ada.sees("Check your tickets")
    ada.reads("Choose at least one ticket.")
    ada.follow("Choose tickets")

    ada.sees(adult.event.title)
    assert Order.objects.count() == 0


def test_more_than_an_order_may_hold_is_refused_beside_the_field(come: Come) -> None:
    adult = make_shop(max_per_order=4)
    ada = come(Look(320))
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.choose("Adult", 5)

    ada.press("Get tickets")
    ada.sees("Check your tickets")

    assert ada.page.title().startswith("Error: ")
    assert "Choose at most 4 of Adult per order." in refusal(ada)
    assert ada.field("Quantity, Adult").get_attribute("aria-invalid") == "true"


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_hold_is_taken_from_a_page_with_three_hundred_types(come: Come, look: Look) -> None:
    event = make_big_event(300)
    ada = come(look)

    ada.opens(event.get_absolute_url(), event.title)
    ada.choose("Stand 0", 1)
    ada.page.locator("summary", has_text="Hall 11").click()
    ada.choose("Stand 299", 2)
    if look.scripts:
        ada.reads("3 tickets, £35.98")
    ada.press("Get tickets")
    ada.sees("Your details")

    assert sorted(only_order().tickets.values_list("ticket_type__slug", flat=True)) == [
        "stand-0", "stand-299", "stand-299",
    ]  # fmt: skip
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_secret_link_opens_its_ticket_and_nobody_elses(come: Come, look: Look) -> None:
    adult = make_shop()
    crew = make_ticket_type(event=adult.event, name="Crew", price_minor=0, secret=True, max_per_order=2)
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    assert ada.page.get_by_text("Crew").count() == 0

    link = f"{adult.event.get_absolute_url()}secret/{crew.secret_key}/"
    ada.opens(link, adult.event.title)
    ada.choose("Crew", 3)
    ada.press("Get tickets")
    ada.sees("Check your tickets")
    ada.follow("Back to all tickets")
    ada.sees(adult.event.title)
    ada.choose("Crew", 1)
    ada.press("Get tickets")
    ada.sees("Your details")

    assert [ticket.ticket_type for ticket in only_order().tickets.all()] == [crew]


def test_running_total_follows_the_buttons_beside_a_quantity(come: Come) -> None:
    adult = make_shop(max_per_order=3)
    ada = come()
    ada.opens(adult.event.get_absolute_url(), adult.event.title)

    for _ in range(4):
        ada.press("One more, Adult")

    ada.reads("3 tickets, £54.00")
    ada.press("One fewer, Adult")
    ada.reads("2 tickets, £36.00")
    to_details(ada, (adult, 2))
