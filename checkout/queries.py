"""Reads behind the checkout's pages and mail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Model

import flags
from accounts.models import Organiser
from checkout.answers import OrderQuestions
from checkout.event_flags import EventFlags
from checkout.models import Order, State, Ticket
from checkout.providers.protocol import SessionLine
from events.facts import EventFacts
from events.models import Event, TicketType
from kit import moments, money

OF_TICKETS: Final = """
      FROM checkout_ticket
      JOIN events_tickettype ON events_tickettype.id = checkout_ticket.ticket_type_id
      JOIN checkout_order ON checkout_order.id = checkout_ticket.order_id
      JOIN events_event ON events_event.id = checkout_order.event_id
      JOIN accounts_organiser ON accounts_organiser.id = events_event.organiser_id
     WHERE {condition}
     ORDER BY checkout_ticket.number
"""
M = TypeVar("M", bound=Model)
log = structlog.stdlib.get_logger("checkout")


@dataclass(frozen=True, slots=True)
class Line:
    """So many tickets of one type at one price, as a buyer reads it. `was_text` is what one costs without the code."""

    slug: str
    name: str
    quantity: int
    unit_text: str
    total_text: str
    was_text: str = ""


@dataclass(frozen=True, slots=True)
class TicketView:
    """One ticket as its page, the mail and the PDF show it."""

    number: int
    type_name: str
    code: str
    url: str
    attendee_name: str
    price_text: str
    is_void: bool


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
        self._flags = EventFlags(self.order.event, now)

    @cached_property
    def event(self) -> EventFacts:
        known = EventFacts.of(self.order.event, flags={}, phase_times=(), now=self.now, has_texts=False)
        return replace(known, flags=self._flags)

    @cached_property
    def questions(self) -> OrderQuestions:
        """What the order is asked, from the same copy; from the database where there is none."""
        return OrderQuestions(self.order, self._tickets, self._flags.questions)

    @cached_property
    def terms(self) -> EventFacts:
        """The event with its refund policy: from the copy that its own pages are made of, or by a query."""
        event = self.order.event
        if found := self._flags.copy:
            return replace(self.event, refund_policy=found.refund_policy)
        rows = Event.objects.filter(pk=event.pk).values_list("refund_policy", "organiser__refund_policy")
        own, general = rows.get()
        return replace(self.event, refund_policy=own or general)

    @property
    def is_express(self) -> bool:
        """Whether the details page is all there is of this order's checkout."""
        return self.order.is_free and flags.is_on("express-checkout", self.event)

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
                money.price_text(unit + off, self.currency) if off else "",
            )
            for slug, name, quantity, unit, off in _grouped(self._tickets)
        ]

    @property
    def saving_text(self) -> str:
        """What the order's code took off in all, or nothing."""
        saved_minor = sum(ticket.discount_minor or 0 for ticket in self._tickets)
        return money.amount_text(saved_minor, self.currency) if saved_minor else ""

    @cached_property
    def tickets(self) -> list[TicketView]:
        return [ticket_view(ticket, self.currency) for ticket in self._tickets]


class Columns(Generic[M]):
    """The columns of one model in a row of several, from the `start`th on: all that it has, but those `without`."""

    def __init__(self, model: type[M], start: int, *, without: Sequence[str] = ()) -> None:
        meta = model._meta  # noqa: SLF001  -- Django's documented way to a model's fields
        fields = [field for field in meta.concrete_fields if field.name not in without]
        self.model, self.start, self.end = model, start, start + len(fields)
        self.names = [field.attname for field in fields]
        self.text = ", ".join(f"{meta.db_table}.{field.column}" for field in fields)

    def read(self, row: Sequence[Any]) -> M:
        return self.model.from_db(connection.alias, self.names, row[self.start : self.end])


class TicketRows:
    """One row a ticket, with all that a page of the checkout needs to know around it.

    Written here and not by the ORM, which would put the same statement together anew, four times an order and for
    longer than all else that Python does for it. The columns come from the models, so one that is added is read.
    """

    def __init__(self) -> None:
        # The long texts: no page of the checkout shows a description, and one the terms (OrderView.terms).
        self.ticket = Columns(Ticket, 0)
        self.ticket_type = Columns(TicketType, self.ticket.end, without=["description"])
        self.order = Columns(Order, self.ticket_type.end)
        self.event = Columns(Event, self.order.end, without=["description", "refund_policy"])
        self.organiser = Columns(Organiser, self.event.end, without=["refund_policy"])
        parts = (self.ticket, self.ticket_type, self.order, self.event, self.organiser)
        self.text = f"SELECT {', '.join(part.text for part in parts)}{OF_TICKETS}"

    def find(self, condition: str, value: str | int) -> list[Ticket]:
        """The tickets of one order for which `condition`, words of ours with one %s, holds."""
        with connection.cursor() as cursor:
            cursor.execute(self.text.format(condition=condition), (value,))
            rows = cursor.fetchall()
        return self._built(rows) if rows else []

    def _built(self, rows: Sequence[Sequence[Any]]) -> list[Ticket]:
        order, ticket_types = self.order.read(rows[0]), dict[int, TicketType]()
        order.event = self.event.read(rows[0])
        order.event.organiser = self.organiser.read(rows[0])
        tickets = [self.ticket.read(row) for row in rows]
        for ticket, row in zip(tickets, rows, strict=True):
            if ticket.ticket_type_id not in ticket_types:
                ticket_types[ticket.ticket_type_id] = self.ticket_type.read(row)
            ticket.order, ticket.ticket_type = order, ticket_types[ticket.ticket_type_id]
        return tickets


ROWS: Final = TicketRows()


def order_view(token: str, *, now: datetime) -> OrderView | None:
    """What is behind a buyer's link, or None. One query."""
    return _view("checkout_order.token = %s", token, now)


def order_for_mail(order_id: int, *, now: datetime) -> OrderView:
    """The same by number, for a message. One query; raises Order.DoesNotExist."""
    found = _view("checkout_order.id = %s", order_id, now)
    if found is None:
        raise Order.DoesNotExist
    return found


def ticket_page(code: str, *, now: datetime) -> OrderView | None:
    """The order behind one ticket's code, holding that ticket alone, or None. One query."""
    return _view("checkout_ticket.code = %s", code, now)


def _view(condition: str, value: str | int, now: datetime) -> OrderView | None:
    found = ROWS.find(condition, value)
    return OrderView(found, now) if found else None


def ticket_view(ticket: Ticket, currency: str) -> TicketView:
    return TicketView(
        number=ticket.number,
        type_name=ticket.ticket_type.name,
        code=str(ticket),
        url=ticket.get_absolute_url(),
        attendee_name=ticket.attendee_name,
        price_text=money.price_text(ticket.price_minor, currency),
        is_void=ticket.voided_at is not None or ticket.order.state == State.CANCELLED,
    )


def session_lines(order: Order) -> list[SessionLine]:
    """An order's lines for the payment page."""
    tickets = list(order.tickets.select_related("ticket_type").order_by("number"))
    return [SessionLine(name, quantity, unit) for _, name, quantity, unit, _ in _grouped(tickets)]


def _grouped(tickets: Iterable[Ticket]) -> list[tuple[str, str, int, int, int]]:
    """Slug and name of each run of like tickets, how many, what one costs, and what the code took off it."""

    def kind(ticket: Ticket) -> tuple[str, str, int, int]:
        of = ticket.ticket_type
        return of.slug, of.name, ticket.price_minor, ticket.discount_minor or 0

    return [(slug, name, len(list(same)), unit, off) for (slug, name, unit, off), same in groupby(tickets, key=kind)]
