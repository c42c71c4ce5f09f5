"""Of an order's tickets, those that admit somebody: an organiser may have taken back a part of them."""

from collections.abc import Iterable

from checkout.queries import TicketView


def live(tickets: Iterable[TicketView]) -> list[TicketView]:
    return [ticket for ticket in tickets if not ticket.is_void]
