"""What an event sells, as its organiser's pages show it: ticket types in words, quotas as a small tree."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from events.models import Availability, Draw, Event, Kind, Quota, State, TicketType
from kit import money
from organise.forms.times import told

# Of what is taken, what is not paid for yet; the rest is sold. By quota.
HELD: Final = """
    SELECT quota_id, count(*) FROM checkout_order o
      JOIN checkout_ticket t ON t.order_id = o.id
     CROSS JOIN LATERAL unnest(t.quota_ids) AS quota_id
     WHERE o.event_id = %s AND o.state IN ('held', 'paying')
     GROUP BY quota_id
"""
MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Branch:
    """One quota: how its capacity is used, and which ticket types draw on it."""

    quota: Quota
    capacity: int
    sold: int
    held: int
    types: Sequence[str]
    more: int

    @property
    def left(self) -> int:
        return self.capacity - self.sold - self.held

    @property
    def sold_percent(self) -> float:
        return self._percent(self.sold)

    @property
    def taken_percent(self) -> float:
        return self._percent(self.sold + self.held)

    def _percent(self, units: int) -> float:
        return round(100 * units / self.capacity, 1) if self.capacity else 0.0


@dataclass(frozen=True, slots=True)
class Listed:
    """One ticket type in the organiser's list."""

    row: TicketType
    price: str
    status: str
    look: str
    windows: Sequence[str]
    quotas: Sequence[str]


def tree(event: Event) -> list[Branch]:
    """The event's quotas, in order. Three queries."""
    quotas = list(event.quotas.select_related("stock").order_by("position", "id"))
    drawing: defaultdict[int, list[str]] = defaultdict(list)
    drawn = Draw.objects.filter(quota__event=event, ticket_type__is_hidden=False)
    for quota_id, name in drawn.order_by("ticket_type__position", "pk").values_list("quota_id", "ticket_type__name"):
        drawing[quota_id].append(name)
    held = held_by_quota(event)
    return [_branch(quota, held.get(quota.pk, 0), drawing[quota.pk]) for quota in quotas]


def _branch(quota: Quota, held: int, types: Sequence[str]) -> Branch:
    """The look at what is held comes a moment after that at the stock, so it may say more than is taken."""
    held = min(held, quota.stock.taken)
    return Branch(
        quota=quota, capacity=quota.stock.capacity, sold=quota.stock.taken - held, held=held, types=types[:MOST_NAMED],
        more=max(0, len(types) - MOST_NAMED),
    )  # fmt: skip


def held_by_quota(event: Event) -> dict[int, int]:
    """Units that buyers hold and have not paid for, by quota."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [event.pk])
        return dict(cursor.fetchall())


def listed(event: Event, rows: Sequence[TicketType], *, now: datetime) -> list[Listed]:
    """These ticket types in words. One query."""
    names: defaultdict[int, list[str]] = defaultdict(list)
    drawn = Draw.objects.filter(ticket_type__in=[row.pk for row in rows]).order_by("quota__position", "pk")
    for type_id, name in drawn.values_list("ticket_type_id", "quota__name"):
        names[type_id].append(name)
    return [_listed(event, row, names[row.pk], now) for row in rows]


def _listed(event: Event, row: TicketType, quotas: Sequence[str], now: datetime) -> Listed:
    status, look = _status(event, row, now)
    windows = [
        f"{verb} {told(moment, event.zone, now=now)}"
        for verb, moment in (("Opens" if row.is_before_sale(now) else "Opened", row.sale_starts_at),
                             ("Ended" if row.is_after_sale(now) else "Ends", row.sale_ends_at))
        if moment
    ]  # fmt: skip
    return Listed(row, price_text(row, event.currency), status, look, windows, quotas)


def price_text(row: TicketType, currency: str) -> str:
    if row.kind != Kind.PAY_WHAT_YOU_WANT:
        return money.price_text(row.price_minor, currency)
    least, suggested = (money.amount_text(minor or 0, currency) for minor in (row.minimum_minor, row.suggested_minor))
    return f"Pay what you want: from {least}, {suggested} suggested"


def _status(event: Event, row: TicketType, now: datetime) -> tuple[str, str]:
    """How it stands, as buyers see it, and the look of that."""
    cases: list[tuple[bool, str, str]] = [
        (row.is_hidden, "Put away", "off"),
        (row.is_paused, "Paused", "warn"),
        (row.is_after_sale(now), "Sale over", "off"),
        (event.state == State.CLOSED, "Event closed", "off"),
        (row.is_before_sale(now), "Not yet on sale", "off"),
        (event.state == State.DRAFT, "On sale once published", "off"),
        (row.availability == Availability.SOLD_OUT, "Sold out", "off"),
        (row.availability == Availability.ALL_HELD, "All held", "warn"),
    ]
    found: Any = next((case for case in cases if case[0]), (True, "On sale", "good"))
    return str(found[1]), str(found[2])
