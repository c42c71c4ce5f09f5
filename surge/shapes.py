"""What an event sells, as a rehearsal keeps it: enough to say later whether it is still the same event."""

from collections.abc import Sequence
from typing import Any

from events.models import Draw, Event, Quota, TicketType

OF_A_TYPE = (
    "slug", "kind", "price_minor", "minimum_minor", "min_per_order", "max_per_order", "secret", "group_heading",
)  # fmt: skip
Rows = dict[int, list[Any]]


def shape_of(event: Event) -> dict[str, Any]:
    """Ticket types with the quotas that each draws on, capacities, and sizes of texts in characters. Three queries.

    Times are left out: a sale that is moved is the same sale.
    """
    return shapes_of([event])[event.pk]


def shapes_of(events: Sequence[Event]) -> dict[int, dict[str, Any]]:
    """The same of many events, by their numbers. Three queries, however many there are."""
    drawn: Rows = {}
    draws = Draw.objects.filter(ticket_type__event__in=events).order_by("quota__position", "quota_id")
    for type_id, slug in draws.values_list("ticket_type_id", "quota__slug"):
        drawn.setdefault(type_id, []).append(slug)
    quotas: Rows = {}
    for event_id, slug, capacity in (
        Quota.objects.filter(event__in=events).order_by("position", "id")
        .values_list("event_id", "slug", "stock__capacity")
    ):  # fmt: skip
        quotas.setdefault(event_id, []).append((slug, capacity))
    types: Rows = {}
    for row in TicketType.objects.filter(event__in=events).order_by("position", "id"):
        types.setdefault(row.event_id, []).append(row)
    return {event.pk: _shape(event, types.get(event.pk, []), dict(quotas.get(event.pk, [])), drawn) for event in events}


def _shape(event: Event, types: Sequence[TicketType], quotas: dict[str, Any], drawn: Rows) -> dict[str, Any]:
    return {
        "ticket_types": [
            {**{name: getattr(row, name) for name in OF_A_TYPE}, "quotas": drawn.get(row.pk, []),
             "text": len(row.name) + len(row.description)}
            for row in types
        ],
        "quotas": quotas,
        "capacity": sum(capacity for capacity in quotas.values() if capacity is not None),
        "hold_minutes": event.hold_minutes,
        "currency": event.currency,
        "text": len(event.title) + len(event.description) + len(event.venue),
    }  # fmt: skip
