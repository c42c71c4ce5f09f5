"""What people and the system did: the organiser's own log, and what was changed of its features, the last first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.actions.log import SYSTEM
from accounts.models import LogEntry, Membership, User
from events.models import Event
from flags.audit import AUTOMATIC
from flags.models import Change, Flag
from organise.queries.events import events_of

A_PAGE: Final = 50
FEATURES: Final = "features"
STAFF: Final = "Tito"
KINDS_OF: Final = 500  # kinds are offered that are among so many last lines


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was done: when, by whom, to what, in a sentence."""

    at: datetime
    by: str
    kind: str
    said: str
    event_title: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. `by` is a user's number, "system" or "tito"; `before` where the page before ended."""

    kind: str = ""
    by: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    next_before: tuple[int, int] | None


def entries(member: Membership, event: Event | None) -> "QuerySet[LogEntry]":
    """Of one event, or of the organiser; whoever is limited to chosen events reads of those only."""
    found = LogEntry.objects.filter(organiser=member.organiser_id)
    if event:
        return found.filter(event_id=event.pk)
    return found.filter(event_id__in=events_of(member).values("pk")) if member.is_limited else found


def changes(member: Membership, event: Event | None) -> "QuerySet[Change]":
    """Grants to the event or its organiser: what else is changed of a flag is of no event."""
    if event:
        return Change.objects.filter(Q(event=event) | Q(organiser=member.organiser_id))
    of_events = Q(event__in=events_of(member).values("pk"))
    return Change.objects.filter(of_events if member.is_limited else of_events | Q(organiser=member.organiser_id))


def page(member: Membership, event: Event | None, asked: Asked) -> Page:
    """So many lines of both, merged by time. Each is read on from its own last number: none is lost or shown twice."""
    told = _told(_entries(member, event, asked), A_PAGE + 1)
    altered = _told(_changes(member, event, asked), A_PAGE + 1)
    # Not sorted as one: each stays in the order of its numbers, by which it is read on.
    both: list[Any] = list(merge(told, altered, key=lambda row: row.at, reverse=True))
    shown = both[:A_PAGE]
    words = {flag.name: flag.purpose for flag in Flag.objects.filter(name__in={r.flag for r in shown if _is_flag(r)})}
    titles = dict(Event.objects.filter(pk__in={r.event_id for r in shown if _is_flag(r)}).values_list("pk", "title"))
    lines = [_of_change(row, words, titles) if _is_flag(row) else _of_entry(row) for row in shown]
    if len(both) <= A_PAGE:
        return Page(lines, None)
    last = asked.before or (2**62, 2**62)
    ended = [
        min([row.pk for row in shown if _is_flag(row) is is_flag], default=last[is_flag]) for is_flag in (False, True)
    ]
    return Page(lines, (ended[0], ended[1]))


def kinds(member: Membership, event: Event | None) -> list[str]:
    """Those of the last lines, by name."""
    return sorted(set(entries(member, event).order_by("-id").values_list("kind", flat=True)[:KINDS_OF]))


def people(member: Membership) -> list[tuple[str, str]]:
    """Whoever is a member now, by number and name."""
    found = User.objects.filter(memberships__organiser=member.organiser_id).order_by("full_name", "email")
    return [(str(user.pk), user.get_full_name()) for user in found]


def _told(rows: Any, most: int) -> Sequence[Any]:
    return [] if rows is None else list(rows.order_by("-id")[:most])


def _entries(member: Membership, event: Event | None, asked: Asked) -> Any:
    found = entries(member, event)
    if asked.kind == FEATURES or asked.by == "tito":
        return None
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.by:
        found = found.filter(by_id=None, by=SYSTEM) if asked.by == "system" else found.filter(by_id=int(asked.by))
    return _dated(found.filter(pk__lt=asked.before[0]) if asked.before else found, asked)


def _changes(member: Membership, event: Event | None, asked: Asked) -> Any:
    if asked.kind not in {"", FEATURES} or asked.by not in {"", "system", "tito"}:
        return None
    found = changes(member, event)
    if asked.by:
        found = found.filter(by=AUTOMATIC) if asked.by == "system" else found.exclude(by=AUTOMATIC)
    return _dated(found.filter(pk__lt=asked.before[1]) if asked.before else found, asked)


def _dated(found: Any, asked: Asked) -> Any:
    found = found.filter(at__gte=asked.start) if asked.start else found
    return found.filter(at__lt=asked.end) if asked.end else found


def _is_flag(row: Any) -> bool:
    return isinstance(row, Change)


def _of_entry(entry: LogEntry) -> Line:
    return Line(entry.at, entry.by, entry.kind, entry.said, entry.event_title)


def _of_change(change: Change, words: dict[str, str], titles: dict[Any, str]) -> Line:
    """In plain words, and without the name of the one of us who did it."""
    by = SYSTEM if change.by == AUTOMATIC else STAFF
    said = " ".join(_sentences(change, words.get(change.flag) or change.flag))
    return Line(change.at, by, FEATURES, said, titles.get(change.event_id, ""))


def _sentences(change: Change, feature: str) -> Iterator[str]:
    after, before = change.after or {}, change.before or {}
    to = "for this event" if change.event_id else "for all your events"
    yield f"Feature “{feature}” {_what(change.what, after, before)} {to}."
    if change.reason:
        yield f"Reason: {change.reason}"


def _what(what: str, after: dict[str, Any], before: Collection[str]) -> str:
    if what == "grant removed":
        return "no longer set"
    if after.get("switched_off_by"):
        return "switched off by itself"
    if "is_on" in after:
        return "turned on" if after["is_on"] else "turned off"
    return "given another end" if "expires_at" in after else "changed"
