"""The way to the tickets, as far as a test needs it gone: each step ends on a page held against every check."""

from events.models import TicketType
from tests.browser.visitor import Visitor


def to_details(visitor: Visitor, *wanted: tuple[TicketType, int]) -> None:
    """From the event page to a hold of so many of each ticket type."""
    event = wanted[0][0].event
    visitor.opens(event.get_absolute_url(), event.title)
    for ticket_type, quantity in wanted:
        visitor.choose(ticket_type.name, quantity)
    visitor.press("Get tickets")
    visitor.sees("Your details")


def to_review(visitor: Visitor, *wanted: tuple[TicketType, int]) -> None:
    """On to the last page before the payment, as Ada."""
    to_details(visitor, *wanted)
    visitor.says_who()
    visitor.press("Continue to review")
    visitor.sees("Review and pay")


def to_payment(visitor: Visitor, *wanted: tuple[TicketType, int], total: str) -> None:
    """On to the fake Stripe's page, which asks for `total`."""
    to_review(visitor, *wanted)
    visitor.press(f"Pay {total}")
    visitor.sees(f"Pay {total}")
    assert visitor.at_stripe()
