"""The ticket listing: rows in words, and the summary that heads the page. Built once per version and phase."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString

from events.facts import EventFacts
from events.given import NOTHING, Given
from events.models import Availability, Kind, State, TicketType
from kit import money
from kit.moments import moment_text

LAYOUT: Final = 5  # raised when what is cached below changes

POLL_SECONDS: Final = {"before": 30, "open": 15, "few": 10, "all_held": 10, "paused": 15, "sold_out": 60}
SPREAD_MS: Final = 1500  # those who wait for the opening ask for the form at some moment of this time
LONG: Final = 24  # rows in all beyond which groups are folded,
FOLD: Final = 50  # and rows in one fold of a group that has no heading

BUYABLE: Final = (Availability.PLENTY, Availability.FEW)


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket type as the page lists it."""

    slug: str
    name: str
    description: str
    group_heading: str
    kind: str
    price_text: str
    phase: str
    availability: str
    status_text: str
    min_per_order: int
    max_per_order: int
    lowest_minor: int
    highest_minor: int
    suggested_minor: int
    minimum_text: str
    suggested_input: str
    price_input: str
    opens_at: datetime | None
    is_secret: bool
    quantity: str = "0"
    was_text: str = ""  # the price without the code, where that makes it cheaper
    plain: "Row | None" = field(default=None, repr=False)  # the row for everybody, where this one differs

    @property
    def is_buyable(self) -> bool:
        return self.phase == "open" and self.availability in BUYABLE

    @property
    def limits_text(self) -> str:
        if self.min_per_order > 1:
            return f"{self.min_per_order} to {self.max_per_order} per order"
        return f"Up to {self.max_per_order} per order"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    heading: str
    rows: Sequence[Row]

    @property
    def rows_text(self) -> str:
        """What a folded group says of itself."""
        number = len(self.rows)
        types = f"{number} ticket type{'s' if number > 1 else ''}"
        return types if any(row.is_buyable for row in self.rows) else f"{types}, none on sale now"


@dataclass(frozen=True, slots=True)
class ListingSummary:
    """What the head of the page says of all rows together. `status` is the code behind `status_text`."""

    price_text: str
    status: str
    status_text: str
    opens_at: datetime | None
    schema_json: SafeString

    @property
    def poll_seconds(self) -> int:
        """How often an open page asks how the sale stands; 0 where nothing will change by itself."""
        return POLL_SECONDS.get(self.status, 0)

    @property
    def is_gone(self) -> bool:
        """Whether all that is on sale is sold out or held by others."""
        return self.status in {"sold_out", "all_held"}


@dataclass(frozen=True, slots=True)
class Listing:
    """The rendered rows and their summary: what the Redis fragment holds. `mark` tells one content from another."""

    html: SafeString
    summary: ListingSummary
    mark: str


def rows_of(event: EventFacts, *, now: datetime, given: Given = NOTHING) -> list[Row]:
    """The rows to list, in order: the public types, and before them those that a link or a code opens. One query."""
    return [_priced(_row(ticket_type, event, now), ticket_type, event, given) for ticket_type in _types(event, given)]


def _types(event: EventFacts, given: Given) -> "QuerySet[TicketType]":
    types = TicketType.objects.filter(event_id=event.id, is_hidden=False).order_by("-secret", "position", "id")
    opened = Q(secret_key=given.secret or None)
    if given.code is not None and given.code.reveals_secret:
        if given.code.only is None:
            return types
        opened |= Q(pk__in=given.code.only)
    return types.filter(Q(secret=False) | (Q(secret=True) & opened))


def _priced(row: Row, ticket_type: TicketType, event: EventFacts, given: Given) -> Row:
    """The row as it is by what was given: cheaper by the code, and with what was typed."""
    if given.typed:
        quantity, offer = given.typed.get(f"quantity-{row.slug}"), given.typed.get(f"price-{row.slug}")
        row = replace(row, plain=row, quantity=quantity or "0", suggested_input=offer or row.suggested_input)
    off_minor = given.code.discount_minor(ticket_type, event.currency) if given.code else 0
    if not off_minor:
        return row
    price_minor = ticket_type.price_minor - off_minor
    return replace(
        row, plain=row.plain or row, price_text=money.price_text(price_minor, event.currency), was_text=row.price_text,
        lowest_minor=price_minor, highest_minor=price_minor,
        price_input=money.input_text(price_minor, event.currency),
    )  # fmt: skip


def is_long(rows: Sequence[Row]) -> bool:
    """Whether a phone shows the groups folded."""
    return len(rows) > LONG


def groups_of(rows: Sequence[Row]) -> list[Group]:
    """Neighbouring rows with the same heading, together; of a long listing's rows without one, so many at a time."""
    groups = [Group(heading, list(members)) for heading, members in groupby(rows, key=lambda row: row.group_heading)]
    if not is_long(rows):
        return groups
    return [part for group in groups for part in ([group] if group.heading else _parts_of(group.rows))]


def _parts_of(rows: Sequence[Row]) -> list[Group]:
    starts = range(0, len(rows), FOLD)
    return [Group(f"Tickets {at + 1} to {min(at + FOLD, len(rows))}", rows[at : at + FOLD]) for at in starts]


def phase_of(ticket_type: TicketType, event: EventFacts, now: datetime) -> str:
    """before, open, paused or closed."""
    if event.state != State.LIVE or ticket_type.is_after_sale(now):
        return "closed"
    if ticket_type.is_paused:
        return "paused"
    return "before" if ticket_type.is_before_sale(now) else "open"


def _row(ticket_type: TicketType, event: EventFacts, now: datetime) -> Row:
    phase = phase_of(ticket_type, event, now)
    opens_at = ticket_type.sale_starts_at.astimezone(event.zone) if ticket_type.sale_starts_at else None
    suggested_minor = ticket_type.suggested_minor or 0
    lowest_minor = ticket_type.lowest_minor
    return Row(
        slug=ticket_type.slug, name=ticket_type.name, description=ticket_type.description,
        group_heading=ticket_type.group_heading, kind=ticket_type.kind,
        price_text=_price_text(ticket_type, event.currency), phase=phase, availability=ticket_type.availability,
        status_text=_status_text(ticket_type, phase, opens_at), min_per_order=ticket_type.min_per_order,
        max_per_order=ticket_type.max_per_order, lowest_minor=lowest_minor,
        highest_minor=max(lowest_minor, suggested_minor), suggested_minor=suggested_minor,
        minimum_text=money.amount_text(lowest_minor, event.currency),
        suggested_input=money.input_text(suggested_minor, event.currency),
        price_input=money.input_text(lowest_minor, event.currency),
        opens_at=opens_at if phase == "before" else None, is_secret=ticket_type.secret,
    )  # fmt: skip


def _price_text(ticket_type: TicketType, currency: str) -> str:
    price = money.price_text(ticket_type.lowest_minor, currency)
    if ticket_type.kind != Kind.PAY_WHAT_YOU_WANT:
        return price
    return f"From {price}" if ticket_type.lowest_minor else "Pay what you want"


def _status_text(ticket_type: TicketType, phase: str, opens_at: datetime | None) -> str:
    if phase == "before" and opens_at:
        return f"Opens {moment_text(opens_at)}"
    if phase in {"closed", "paused"}:
        return "Sales have closed" if phase == "closed" else "Paused by the organiser"
    if ticket_type.availability == Availability.PLENTY:
        return ""
    return str(Availability(ticket_type.availability).label)
