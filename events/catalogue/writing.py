"""Writes an event's catalogue as JSON."""

import json
from typing import Any

from events.catalogue.format import FORMAT
from events.catalogue.pools import mentioner, pool_of
from events.catalogue.reading import read
from events.catalogue.times import moment_text, wall_text
from events.models import Draw, Event, Kind, TicketType


def write(event: Event) -> dict[str, Any]:
    """The event's catalogue, ready for JSON. It names no organiser, so a copy with another organiser writes the same.

    Raises Faulty when the event holds what a catalogue cannot say, such as a slug that is another pool's name.
    """
    pools = [pool_of(quota) for quota in event.quotas.select_related("stock").order_by("position", "id")]
    mentions = mentioner(pools)
    draws: dict[int, set[str]] = {}
    for type_id, slug in Draw.objects.filter(ticket_type__event=event).values_list("ticket_type_id", "quota__slug"):
        draws.setdefault(type_id, set()).add(slug)
    types = [
        {**_ticket_type(row, event), "pools": mentions(draws.get(row.pk, ()))}
        for row in event.ticket_types.order_by("position", "id")
    ]
    written = {
        "format": FORMAT,
        "event": _event(event),
        "pools": [{"name": pool.name, "slug": pool.slug, "capacity": pool.capacity} for pool in pools],
        "ticket_types": types,
    }
    read(dump(written))
    return written


def dump(written: dict[str, Any]) -> str:
    """The JSON text of what `write` gives: one fact a line, so that versions can be compared."""
    return json.dumps(written, indent=1, ensure_ascii=False) + "\n"


def _event(event: Event) -> dict[str, Any]:
    return {
        "title": event.title,
        "slug": event.slug,
        "description": event.description,
        "venue": event.venue,
        "timezone": event.timezone,
        "currency": event.currency,
        "starts_at": wall_text(event.local_starts_at),
        "ends_at": wall_text(event.local_ends_at),
        "state": event.state,
        "hold_minutes": event.hold_minutes,
        "accent": event.accent,
    }


def _ticket_type(row: TicketType, event: Event) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "description": row.description,
        "group": row.group_heading,
        "kind": row.kind,
        **_price(row),
        **{
            key: moment_text(instant, event.zone)
            for key, instant in (("sale_starts_at", row.sale_starts_at), ("sale_ends_at", row.sale_ends_at))
            if instant
        },
        "min_per_order": row.min_per_order,
        "max_per_order": row.max_per_order,
        "secret": row.secret,
    }


def _price(row: TicketType) -> dict[str, int | None]:
    if row.kind == Kind.PAY_WHAT_YOU_WANT:
        return {"minimum_minor": row.minimum_minor, "suggested_minor": row.suggested_minor}
    return {"price_minor": row.price_minor}
