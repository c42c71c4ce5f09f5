"""Makes flags and grants for tests, past the acts, so that a test says only what matters to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from accounts.models import Organiser
from events.models import Event
from flags import Snapshot, costs
from flags.models import Change, Evidence, Flag, Grant, Hour, Kind, Stage
from flags.models.grants import Recipient
from flags.queries import snapshot
from flags.registry import Declaration
from flags.spending import Cost, Of, Spending

NOON: Final = datetime(2030, 5, 1, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
numbers = count(1)


@dataclass(frozen=True)
class Carrier:
    """Anything that was read together with its event's flags."""

    flags: Snapshot = field(default_factory=dict)
    id: int = 1


def make_flag(name: str = "", **over: Any) -> Any:
    """A flag in trial: off unless granted."""
    return Flag.objects.create(name=name or f"flag-{next(numbers)}", **{"stage": Stage.TRIAL, **over})


def make_evidence(flag: Flag, *, ticket_types: int = 50, **over: Any) -> Evidence:
    """A rehearsal of the flag with an event of that many ticket types."""
    values = {"rehearsal": "Rehearsal 4", "commit": "0123abc", "requests_per_second": 500, "at": NOON}
    return Evidence.objects.create(flag=flag, ticket_types=ticket_types, **{**values, **over})


def make_tried_flag(name: str = "", *, tried_with: int = 50, **over: Any) -> Any:
    """A flag in trial that no gate keeps from events of that size, unless they go on sale soon."""
    flag = make_flag(name, **over)
    make_evidence(flag, ticket_types=tried_with)
    return flag


def make_hour(flag: Flag, event: Event, *, at: datetime = NOON - HOUR, **over: Any) -> Hour:
    """An hour in which the flag was used once on the event, in ten requests of two queries each."""
    values = {"requests": 10, "queries": 20, "milliseconds": 30, "worst_queries": 2, "worst_ms": 4, "uses": 1}
    return Hour.objects.create(flag=flag, event=event, at=at, **{**values, **over})


def make_busy_hour(flag: Flag, event: Event, at: datetime, **over: Any) -> Hour:
    """An hour with 100 requests of 2 queries and 4 ms each, nobody using it."""
    busy = {"requests": 100, "queries": 200, "rows": 200, "milliseconds": 400, "uses": 0}
    return make_hour(flag, event, at=at, **{**busy, **over})


def make_grant(flag: Flag, to: Event | Organiser, **over: Any) -> Grant:
    """A grant of the flag on, without an end."""
    whom = {"event": to} if isinstance(to, Event) else {"organiser": to}
    return Grant.objects.create(flag=flag, **whom, **{"reason": "A trial.", **over})


def to(event_or_organiser: Event | Organiser) -> Recipient:
    if isinstance(event_or_organiser, Event):
        return Recipient(event_id=event_or_organiser.pk)
    return Recipient(organiser_id=event_or_organiser.pk)


def answers(event: Event, now: datetime = NOON) -> Snapshot:
    """The snapshot as it would travel with the event."""
    return snapshot(event.pk, organiser_id=event.organiser_id, now=now)


def is_on(flag: Any, event: Event, now: datetime = NOON) -> bool:
    return answers(event, now)[flag.name]


def changes_of(flag: Any) -> list[tuple[str, str, str, Any]]:
    """What was changed, by whom, why, and to what; the oldest first."""
    return list(Change.objects.filter(flag=flag.name).order_by("pk").values_list("what", "by", "reason", "after"))


def declaration(name: str, **over: Any) -> Declaration:
    values: Mapping[str, Any] = {
        "owner": "ada@example.com", "purpose": "Seats on a map.", "kind": Kind.RELEASE, "budget_queries": 1,
        "budget_ms": 5, "expires_at": NOON + timedelta(days=60), "prerequisites": frozenset(),
    }  # fmt: skip
    return Declaration(name=name, **{**values, **over})


def spend(flag: Any, event: Event, *windows: int, queries: int = 12, seconds: float = 1.04) -> None:
    """One request in each of these windows has asked so much of the database, as some process has put down."""
    for window in windows:
        cost = Cost()
        cost.charge(Spending(queries=queries, seconds=seconds))
        costs._put(window, {Of(flag.name, event.pk, "event"): cost})


def overspend(flag: Any, event: Event, last: int) -> None:
    """Far too much, in the window that begins at `last` and in the one before."""
    spend(flag, event, last - costs.WINDOW, last)
