"""Moves a catalogue to another date."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from events.catalogue.faults import Faults
from events.catalogue.format import Catalogue
from events.catalogue.times import instant_at


def moved(catalogue: Catalogue, *, local_starts_at: datetime) -> Catalogue:
    """The same catalogue with its event starting at this wall time.

    The event keeps its length and every sale window its distance from the start, as the wall shows them:
    what opened at ten opens at ten. Raises Faulty where a change of the clocks leaves a window without length.
    """
    event = catalogue.event
    by = local_starts_at - event.local_starts_at
    zone = ZoneInfo(event.timezone)
    ticket_types = tuple(
        replace(
            entry,
            sale_starts_at=_shifted(entry.sale_starts_at, by, zone),
            sale_ends_at=_shifted(entry.sale_ends_at, by, zone),
        )
        for entry in catalogue.ticket_types
    )
    faults = Faults()
    for place, entry in enumerate(ticket_types):
        if entry.sale_starts_at and entry.sale_ends_at and entry.sale_ends_at <= entry.sale_starts_at:
            faults.at(f"ticket_types[{place}].sale_ends_at", "would fall before sale_starts_at, as clocks change there")
    faults.refuse()
    moved_event = replace(event, local_starts_at=local_starts_at, local_ends_at=event.local_ends_at + by)
    return replace(catalogue, event=moved_event, ticket_types=ticket_types)


def _shifted(instant: datetime | None, by: timedelta, zone: ZoneInfo) -> datetime | None:
    if instant is None or not by:
        return instant
    return instant_at(instant.astimezone(zone).replace(tzinfo=None) + by, zone)
