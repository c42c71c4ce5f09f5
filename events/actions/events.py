"""An event's life: made, changed, shown, closed, put away, deleted.

Each act writes a line to the organiser's log, in its own transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.actions import log
from accounts.models import Organiser, User
from events import readiness
from events.models import Event, State
from events.readiness import Reason
from kit import since

# What its organiser may change at any time; the address, as it is printed and linked, while nobody knows it.
EDITED: Final = (
    "title", "slug", "description", "venue", "timezone", "local_starts_at", "local_ends_at", "currency", "accent",
    "hold_minutes",
)  # fmt: skip
WORDS: Final[Mapping[str, str]] = {
    "title": "title", "slug": "address", "description": "description", "venue": "venue", "timezone": "time zone",
    "local_starts_at": "start", "local_ends_at": "end", "currency": "currency", "accent": "accent colour",
    "hold_minutes": "minutes that tickets are held",
}  # fmt: skip
LONGEST_SAID: Final = 60


class AddressTaken(Exception):
    """Another event of this organiser has this address."""


class ChangedMeanwhile(Exception):
    """Somebody else has changed some of these `fields` since a form was read at `was`.

    `now` holds those that have changed, as they are; `mark` is what a form of today is read at.
    """

    def __init__(self, fields: Mapping[str, Any], was: str = "") -> None:
        self.now = {name: fields[name] for name in since.changed(was, fields)}
        self.mark = since.mark(fields)
        super().__init__(", ".join(self.now))


class NotReady(Exception):
    """It cannot be published yet; `reasons` says why."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(" ".join(reason.said for reason in reasons))
        self.reasons = list(reasons)


class HasOrders(Exception):
    """There are orders, so this cannot be done any more."""


class WrongState(Exception):
    """The event is in another state than this begins with: somebody was quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What a new event begins with. Times are as the wall at the venue shows them."""

    title: str
    slug: str
    local_starts_at: datetime
    local_ends_at: datetime
    timezone: str
    currency: str
    venue: str = ""


def values_of(event: Event) -> dict[str, Any]:
    """What a form of it is read at: kit/since.py."""
    return {name: getattr(event, name) for name in EDITED}


def create(*, organiser: Organiser, new: NewEvent, by: User, now: datetime) -> Event:
    """Make a draft, which nobody else sees. Raises AddressTaken."""
    try:
        with transaction.atomic():
            event = Event.objects.create(organiser=organiser, **asdict(new))
            event.refresh_from_db()  # its instants
            _record(event, by, "event-created", f"Made the draft “{event.title}”.", now)
    except IntegrityError as error:
        raise _taken(error) from error
    return event


def edit(*, event: Event, values: Mapping[str, Any], was: str, by: User, now: datetime) -> Event:
    """Change these fields of the event. `was` is the mark of what the form was read at. Answers the event as it is now.

    Raises ChangedMeanwhile, AddressTaken, and HasOrders where its currency cannot change any more.
    """
    try:
        with transaction.atomic():
            row = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
            before = values_of(row)
            if since.changed(was, {name: before[name] for name in values}):
                raise ChangedMeanwhile({name: before[name] for name in values}, was)
            changes = {name: value for name, value in values.items() if before[name] != value}
            if "currency" in changes and has_orders(row):
                raise HasOrders
            if changes:
                Event.objects.filter(pk=row.pk).update(**changes)
                said = "; ".join(_said(name, before[name], value) for name, value in changes.items())
                _record(row, by, "event-changed", f"Changed {said}.", now)
            row.refresh_from_db()
    except IntegrityError as error:
        raise _taken(error) from error
    return row


def publish(*, event: Event, by: User, now: datetime) -> None:
    """Show a draft to everyone, or open a closed event again. Raises NotReady, and WrongState for one that is live."""
    with transaction.atomic():
        row = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        if row.state == State.LIVE:
            raise WrongState
        if reasons := readiness.missing(row, now=now):
            raise NotReady(reasons)
        Event.objects.filter(pk=row.pk).update(state=State.LIVE, archived_at=None)
        said = "Published the event." if row.state == State.DRAFT else "Opened the event again."
        _record(row, by, "event-published", said, now)


def unpublish(*, event: Event, by: User, now: datetime) -> None:
    """Make it a draft again, which nobody else sees. Raises HasOrders: buyers would lose its page; and WrongState."""
    with transaction.atomic():
        row = Event.objects.select_for_update().get(pk=event.pk)
        if row.state == State.DRAFT:
            raise WrongState
        if has_orders(row):
            raise HasOrders
        Event.objects.filter(pk=row.pk).update(state=State.DRAFT)
        _record(row, by, "event-unpublished", "Took the event's page down: it is a draft again.", now)


@transaction.atomic
def close(*, event: Event, by: User, now: datetime) -> None:
    """Stop selling at once; the page stays. Who holds tickets may still pay for them. Raises WrongState."""
    if not Event.objects.filter(pk=event.pk, state=State.LIVE).update(state=State.CLOSED):
        raise WrongState
    _record(event, by, "event-closed", "Closed the sale.", now)


@transaction.atomic
def archive(*, event: Event, by: User, now: datetime) -> None:
    """Put it away: lists of its organiser leave it out. Raises WrongState for one that is live. Twice is once."""
    if event.archived_at is not None:
        return
    if not Event.objects.exclude(state=State.LIVE).filter(pk=event.pk, archived_at=None).update(archived_at=now):
        raise WrongState
    _record(event, by, "event-archived", "Put the event away.", now)


@transaction.atomic
def bring_back(*, event: Event, by: User, now: datetime) -> None:
    """Have its organiser's lists show it again."""
    if Event.objects.filter(pk=event.pk, archived_at__isnull=False).update(archived_at=None):
        _record(event, by, "event-brought-back", "Brought the event back from the archive.", now)


def delete(*, event: Event, by: User, now: datetime) -> None:
    """Delete a draft with all that belongs to it. Raises HasOrders, and WrongState for what is no draft."""
    try:
        with transaction.atomic():
            types = list(event.ticket_types.select_for_update().order_by("pk"))  # before the event, as triggers do
            row = Event.objects.select_for_update().get(pk=event.pk)
            if row.state != State.DRAFT:
                raise WrongState
            if has_orders(row):
                raise HasOrders
            said = f"Deleted the draft “{row.title}” ({row.slug})."
            log.record(organiser=event.organiser, event=None, by=by, kind="event-deleted", said=said, now=now)
            for ticket_type in types:
                ticket_type.delete()  # with its draws, which would keep the quotas
            row.delete()
    except IntegrityError as error:  # a buyer was quicker (checkout/sql/guards.sql)
        raise HasOrders from error


def has_orders(event: Event) -> bool:
    """Whether anybody has ordered, be it cancelled by now. (Orders are checkout's, above us.)"""
    return Event.objects.filter(pk=event.pk, orders__isnull=False).exists()


def _record(event: Event, by: User, kind: str, said: str, now: datetime) -> None:
    log.record(organiser=event.organiser, event=event, by=by, kind=kind, said=said, now=now)


def _said(name: str, old: Any, new: Any) -> str:
    """`title: “A” → “B”`, short enough to be read."""
    if name == "description":
        return "description"
    return f"{WORDS[name]}: {_short(old)} → {_short(new)}"


def _short(value: Any) -> str:
    text = f"{value:%-d %b %Y, %H:%M}" if isinstance(value, datetime) else str(value)
    return f"“{text if len(text) <= LONGEST_SAID else text[: LONGEST_SAID - 1] + '…'}”"


def _taken(error: IntegrityError) -> Exception:
    """That the address is taken, or the error itself where it is about something else."""
    return AddressTaken() if "event_slug_once_per_organiser" in str(error) else error
