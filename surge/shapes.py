"""What an event sells, as a rehearsal keeps it: enough to say later whether it is still the same event."""

from typing import Any

from events.models import Draw, Event

OF_A_TYPE = (
    "slug", "kind", "price_minor", "minimum_minor", "min_per_order", "max_per_order", "secret", "group_heading",
)  # fmt: skip


def shape_of(event: Event) -> dict[str, Any]:
    """Ticket types with the quotas that each draws on, capacities, and sizes of texts in characters. Three queries.

    Times are left out: a sale that is moved is the same sale.
    """
    drawn: dict[int, list[str]] = {}
    draws = Draw.objects.filter(ticket_type__event=event).order_by("quota__position", "quota_id")
    for type_id, slug in draws.values_list("ticket_type_id", "quota__slug"):
        drawn.setdefault(type_id, []).append(slug)
    quotas = dict(event.quotas.order_by("position", "id").values_list("slug", "stock__capacity"))
    types = [
        {**{name: getattr(row, name) for name in OF_A_TYPE}, "quotas": drawn.get(row.pk, []),
         "text": len(row.name) + len(row.description)}
        for row in event.ticket_types.order_by("position", "id")
    ]  # fmt: skip
    return {
        "ticket_types": types,
        "quotas": quotas,
        "capacity": sum(capacity for capacity in quotas.values() if capacity is not None),
        "hold_minutes": event.hold_minutes,
        "currency": event.currency,
        "text": len(event.title) + len(event.description) + len(event.venue),
    }
