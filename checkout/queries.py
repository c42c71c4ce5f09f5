"""Reads behind the checkout's pages and mail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from checkout.models import Order, Ticket
from checkout.providers.protocol import SessionLine
from events.facts import EventFacts
from kit import moments, money


@dataclass(frozen=True, slots=True)
class Line:
    """So many tickets of one type at one price, as a buyer reads it."""

    slug: str
    name: str
    quantity: int
    unit_text: str
    total_text: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """One ticket as its page, the mail and the PDF show it."""

    number: int
    type_name: str
    code: str
    url: str
    attendee_name: str
    price_text: str


@dataclass(frozen=True, slots=True)
class HoldClock:
    """How long the hold still runs, by the server's clock."""

    expires_at: datetime
    now: datetime
    renewals_left: int

    @property
    def seconds_left(self) -> int:
        return max(0, int((self.expires_at - self.now).total_seconds()))

    @property
    def minutes_left(self) -> int:
        return moments.minutes_left(self.expires_at - self.now)

    @property
    def may_renew(self) -> bool:
        return self.renewals_left > 0


class OrderView:
    """An order with its event, organiser, tickets and their types, all from one query."""

    def __init__(self, tickets: Sequence[Ticket], now: datetime) -> None:
        self._tickets = tickets
        self.now = now
        self.order: Order = tickets[0].order

    @cached_property
    def event(self) -> EventFacts:
        return EventFacts.of(self.order.event, flags={}, phase_times=(), now=self.now)

    @property
    def calendar_uid(self) -> str:
        """The same at each making, so that a calendar replaces the entry; not the token, which opens the order."""
        return f"order-{self.order.pk}@{urlsplit(settings.SITE_URL).hostname}"

    @property
    def currency(self) -> str:
        return self.order.event.currency

    @property
    def total_text(self) -> str:
        return money.price_text(self.order.total_minor, self.currency)

    @property
    def hold(self) -> HoldClock | None:
        if not self.order.is_open:
            return None
        return HoldClock(self.order.expires_at, self.now, self.order.renewals_left)

    @cached_property
    def lines(self) -> list[Line]:
        return [
            Line(
                slug,
                name,
                quantity,
                money.price_text(unit, self.currency),
                money.price_text(unit * quantity, self.currency),
            )
            for slug, name, quantity, unit in _grouped(self._tickets)
        ]

    @cached_property
    def tickets(self) -> list[TicketView]:
        return [ticket_view(ticket, self.currency) for ticket in self._tickets]


def order_view(token: str, *, now: datetime) -> OrderView | None:
    """What is behind a buyer's link, or None. One query."""
    return _view(order__token=token, now=now)


def order_for_mail(order_id: int, *, now: datetime) -> OrderView:
    """The same by number, for a message. One query; raises Order.DoesNotExist."""
    found = _view(order_id=order_id, now=now)
    if found is None:
        raise Order.DoesNotExist
    return found


def ticket_page(code: str, *, now: datetime) -> OrderView | None:
    """The order behind one ticket's code, holding that ticket alone, or None. One query."""
    return _view(code=code, now=now)


def _view(*, now: datetime, **wanted: Any) -> OrderView | None:
    # The description is the one long column, and no page of the checkout shows it.
    found = list(
        Ticket.objects.filter(**wanted)
        .select_related("order__event__organiser", "ticket_type")
        .defer("order__event__description", "ticket_type__description")
        .order_by("number")
    )
    for ticket in found:
        ticket.order = found[0].order
    if not found:
        return None
    found[0].order.event.description = ""
    return OrderView(found, now)


def ticket_view(ticket: Ticket, currency: str) -> TicketView:
    return TicketView(
        number=ticket.number,
        type_name=ticket.ticket_type.name,
        code=str(ticket),
        url=ticket.get_absolute_url(),
        attendee_name=ticket.attendee_name,
        price_text=money.price_text(ticket.price_minor, currency),
    )


def session_lines(order: Order) -> list[SessionLine]:
    """An order's lines for the payment page."""
    tickets = list(order.tickets.select_related("ticket_type").order_by("number"))
    return [SessionLine(name, quantity, unit) for _, name, quantity, unit in _grouped(tickets)]


def _grouped(tickets: Iterable[Ticket]) -> list[tuple[str, str, int, int]]:
    def kind(ticket: Ticket) -> tuple[str, str, int]:
        return ticket.ticket_type.slug, ticket.ticket_type.name, ticket.price_minor

    return [(slug, name, len(list(same)), unit) for (slug, name, unit), same in groupby(tickets, key=kind)]
