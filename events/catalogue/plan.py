"""What must change in the database for an event to be as its catalogue says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from accounts.models import Organiser
from events.catalogue.differences import Difference, difference, positions
from events.catalogue.format import Catalogue, EventEntry
from events.models import Draw, Event, Quota, State, Stock, TicketType

EVENT_FIELDS: Final = (
    "title", "description", "venue", "timezone", "currency", "local_starts_at", "local_ends_at", "hold_minutes",
    "accent",
)  # fmt: skip
TYPE_FIELDS: Final = (
    "name", "description", "group_heading", "kind", "price_minor", "minimum_minor", "suggested_minor",
    "sale_starts_at", "sale_ends_at", "min_per_order", "max_per_order", "secret",
)  # fmt: skip
Pair = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """Rows as they are wanted, none of them saved yet. Draws are (ticket type, quota) by slug."""

    event: Event
    events: Difference[Event]
    quotas: Difference[Quota]
    stocks: Difference[Stock]
    ticket_types: Difference[TicketType]
    quota_of: Mapping[str, Quota]
    type_of: Mapping[str, TicketType]
    draws_new: tuple[Pair, ...]
    draws_gone: Mapping[Pair, int]

    @property
    def changes_nothing(self) -> bool:
        parts = (self.events.is_none, self.quotas.is_none, self.stocks.is_none, self.ticket_types.is_none)
        return all(parts) and not self.draws_new and not self.draws_gone


def make_plan(catalogue: Catalogue, organiser: Organiser, *, publish: bool) -> Plan:
    """Read what is there, in four queries at most, and compare. Writes nothing."""
    slug = catalogue.event.slug
    event = _event(organiser, slug)
    quotas = _quotas(event)
    types = {row.slug: row for row in event.ticket_types.order_by("position", "id")} if event.pk else {}
    quota_parts = _compare_quotas(catalogue, event, quotas)
    type_parts = _compare_types(catalogue, event, types)
    quota_of, type_of = {**quotas, **quota_parts.new}, {**types, **type_parts.new}
    drawn = _draws(event)
    wanted = {(entry.slug, pool): None for entry in catalogue.ticket_types for pool in entry.pools}
    return Plan(
        event=event,
        events=difference(
            {slug: event} if event.pk else {}, {slug: _event_values(catalogue.event, event, publish)}, lambda _: event
        ),
        quotas=quota_parts,
        stocks=difference(
            {slug: quota.stock for slug, quota in quotas.items()},
            {pool.slug: {"capacity": pool.capacity} for pool in catalogue.pools},
            lambda slug: Stock(quota=quota_of[slug]),
        ),
        ticket_types=type_parts,
        quota_of=quota_of,
        type_of=type_of,
        draws_new=tuple(pair for pair in wanted if pair not in drawn),
        draws_gone={pair: pk for pair, pk in drawn.items() if pair not in wanted},
    )


def _event(organiser: Organiser, slug: str) -> Event:
    """The organiser's event of this slug, or a new one, not saved."""
    return Event.objects.filter(organiser=organiser, slug=slug).first() or Event(organiser=organiser, slug=slug)


def _quotas(event: Event) -> dict[str, Quota]:
    """The quotas there are, each with its stock, in order."""
    if not event.pk:
        return {}
    return {row.slug: row for row in event.quotas.select_related("stock").order_by("position", "id")}


def _draws(event: Event) -> dict[Pair, int]:
    if not event.pk:
        return {}
    rows = Draw.objects.filter(ticket_type__event=event).values_list("ticket_type__slug", "quota__slug", "pk")
    return {(ticket_type, quota): pk for ticket_type, quota, pk in rows}


def _event_values(entry: EventEntry, event: Event, publish: bool) -> dict[str, object]:
    """What the event's fields shall be; a state only where one is given, so that an event keeps its own."""
    values = {name: getattr(entry, name) for name in EVENT_FIELDS}
    state = State.LIVE if publish else entry.state
    return {**values, "state": state} if state else values


def _compare_quotas(catalogue: Catalogue, event: Event, rows: Mapping[str, Quota]) -> Difference[Quota]:
    places = positions({slug: row.position for slug, row in rows.items()}, (pool.slug for pool in catalogue.pools))
    wanted = {pool.slug: {"name": pool.name, "position": places[pool.slug]} for pool in catalogue.pools}
    return difference(rows, wanted, lambda slug: Quota(event=event, slug=slug))


def _compare_types(catalogue: Catalogue, event: Event, rows: Mapping[str, TicketType]) -> Difference[TicketType]:
    entries = catalogue.ticket_types
    places = positions({slug: row.position for slug, row in rows.items()}, (entry.slug for entry in entries))
    wanted = {
        entry.slug: {**{name: getattr(entry, name) for name in TYPE_FIELDS}, "position": places[entry.slug]}
        for entry in entries
    }
    return difference(rows, wanted, lambda slug: TicketType(event=event, slug=slug))
