"""Making an event anew from one there was: all of it but its orders.

What rooms and files hang on an event beside its catalogue they copy themselves: `copier`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from accounts.actions import log
from accounts.models import User
from events import copying
from events.actions.events import AddressTaken
from events.catalogue.times import instant_at
from events.models import Draw, Event, Picture, Quota, State, TicketType


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copier is told: the event and its copy, and of each ticket type and quota, by number, the copy of it."""

    event: Event
    copy: Event
    ticket_types: Mapping[int, TicketType]
    quotas: Mapping[int, Quota]


Copier = Callable[[Copied], None]
_copiers: Final[list[Copier]] = []


def copier(copy: Copier) -> Copier:
    """Have this called, too, in the transaction of a duplication."""
    _copiers.append(copy)
    return copy


def duplicate(
    *, event: Event, title: str, slug: str, local_starts_at: datetime, by: User, now: datetime
) -> Event:  # fmt: skip
    """A draft like this event, starting at this wall time. Raises AddressTaken.

    It keeps its length, and every sale window its distance from the start as the wall shows them.
    """
    try:
        with transaction.atomic():
            return _duplicate(event, {"title": title, "slug": slug}, local_starts_at, by, now)
    except IntegrityError as error:
        raise (AddressTaken() if "event_slug_once_per_organiser" in str(error) else error) from error


def _duplicate(event: Event, named: dict[str, str], starts_at: datetime, by: User, now: datetime) -> Event:
    by_this = starts_at - event.local_starts_at
    fresh = Event()
    made = copying.like(
        event, state=State.DRAFT, archived_at=None, is_test=False, version=fresh.version, created_at=None,
        question_count=fresh.question_count, rehearsal_of_id=None, local_starts_at=starts_at,
        local_ends_at=event.local_ends_at + by_this, **named,
    )  # fmt: skip
    made.save(force_insert=True)
    made.refresh_from_db()
    quotas = copying.quotas(event, made)
    types = _ticket_types(event, made, by_this)
    drawn = Draw.objects.filter(ticket_type__event=event, ticket_type__is_hidden=False).order_by("pk")
    Draw.objects.bulk_create(
        Draw(ticket_type=types[draw.ticket_type_id], quota=quotas[draw.quota_id]) for draw in drawn
    )
    for copy in _copiers:
        copy(Copied(event, made, types, quotas))
    said = f"Made the draft “{made.title}” from “{event.title}”."
    log.record(organiser=event.organiser, event=made, by=by, kind="event-duplicated", said=said, now=now)
    return made


def _ticket_types(event: Event, copy: Event, by_this: timedelta) -> dict[int, TicketType]:
    """Copies with windows moved, and secret links of their own. What was put away stays behind."""
    rows = list(event.ticket_types.filter(is_hidden=False).order_by("position", "id"))
    copies = TicketType.objects.bulk_create(_moved(row, copy, by_this) for row in rows)
    return {row.pk: made for row, made in zip(rows, copies, strict=True)}


def _moved(row: TicketType, copy: Event, by_this: timedelta) -> TicketType:
    fresh = TicketType()
    windows = {name: _later(getattr(row, name), by_this, copy) for name in ("sale_starts_at", "sale_ends_at")}
    if windows["sale_starts_at"] and windows["sale_ends_at"] and windows["sale_starts_at"] >= windows["sale_ends_at"]:
        windows = {name: at and at + by_this for name in windows for at in [getattr(row, name)]}  # clocks change there
    return copying.like(
        row, event=copy, availability=fresh.availability, secret_key=fresh.secret_key, is_paused=False, **windows
    )


def _later(instant: datetime | None, by_this: timedelta, event: Event) -> datetime | None:
    """As many days and hours later, as the wall shows them: what opened at ten opens at ten."""
    if instant is None:
        return None
    return instant_at(instant.astimezone(event.zone).replace(tzinfo=None) + by_this, event.zone)


@copier
def _picture(copied: Copied) -> None:
    """The same files, as these never change."""
    for picture in Picture.objects.filter(event=copied.event):
        copying.like(picture, event=copied.copy).save(force_insert=True)
