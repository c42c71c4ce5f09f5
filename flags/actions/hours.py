"""Hours: what flags cost and how often they were used, rolled up from Redis: a row for each flag, event and hour."""

import math
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from django.apps import apps
from django.db import transaction

from flags import asked, costs
from flags.models import Flag, Grant, Hour, RolledUp
from flags.spending import Cost

log = structlog.stdlib.get_logger("flags")

BATCH: Final = 60  # windows at once: ten minutes
SETTLED: Final = 60  # seconds after which no process has anything to add to a window any more (flags/costs.py)
KEPT: Final = timedelta(days=35)
DELETED_AT_ONCE: Final = 5000
SUMS: Final = ("requests", "queries", "rows", "milliseconds", "uses")
WORST: Final = ("worst_queries", "worst_ms")

Windows = dict[int, dict[tuple[str, int], Cost]]
Uses = dict[tuple[int, int], datetime]  # when each flag was last used, by the numbers of flag and event


def roll_up(*, now: datetime) -> int:
    """Add the windows that are settled and not added yet to their hours, the oldest first; answers how many, at most
    BATCH. The same few queries however many flags and events there are.

    Of several workers one does it. What Redis no longer has, after an hour, is skipped. While Redis is away nothing is
    done. Uses are noted on the grants they came by, and on flags that they were asked for.
    """
    since = RolledUp.objects.values_list("window", flat=True).first()
    windows = _due(since or 0, now)
    try:
        spent: Windows = {window: costs.by_event(found) for window, found in costs.spent(windows).items()}
        asked_at = {name: _hour_of(seconds) for name, seconds in asked.read().items()}
    except costs.AWAY as fault:
        log.warning("flags' costs not read", fault=str(fault))
        return 0
    with transaction.atomic():
        if windows and not _claim(since, windows[-1]):
            return 0
        _write(spent, asked_at)
    if windows and _hour_of(windows[-1]) != _hour_of(since or 0):
        _delete_old(now)
    return len(windows)


def _due(since: int, now: datetime) -> list[int]:
    settled = costs.window_of(now.timestamp() - SETTLED - costs.WINDOW)
    oldest = max(since + costs.WINDOW, costs.window_of(now.timestamp() - costs.KEPT))
    return list(range(oldest, settled + 1, costs.WINDOW))[:BATCH]


def _claim(since: int | None, until: int) -> bool:
    """Whether these windows are ours. Another worker waits here for our end, and finds that they are not."""
    if since is None:
        RolledUp.objects.bulk_create([RolledUp()], ignore_conflicts=True)
    return RolledUp.objects.filter(window=since or 0).update(window=until) == 1


def _write(spent: Windows, asked_at: dict[str, datetime]) -> None:
    keys = {key for by_event in spent.values() for key in by_event}
    names = {*asked_at, *(name for name, _ in keys)}
    flags: dict[str, Any] = {flag.name: flag for flag in Flag.objects.filter(name__in=names)}
    events: Any = apps.get_model("events", "Event").objects.filter(pk__in={event_id for _, event_id in keys})
    organisers: dict[int, int] = dict(events.values_list("pk", "organiser_id"))
    known = {
        window: {(flags[name].pk, pk): cost for (name, pk), cost in found.items() if name in flags and pk in organisers}
        for window, found in spent.items()
    }
    if any(known.values()):
        _add_to_hours(known)
    uses: Uses = {key: _moment(window) for window in sorted(known) for key, cost in known[window].items() if cost.uses}
    late = [
        flags[name] for name, at in asked_at.items()
        if name in flags and (flags[name].last_asked_at is None or flags[name].last_asked_at < at)
    ]  # fmt: skip
    if uses or late:
        # As whoever changes a flag or grants it: of two at once one waits.
        locked = Flag.objects.select_for_update(no_key=True).order_by("pk")
        list(locked.filter(pk__in={flag_id for flag_id, _ in uses} | {flag.pk for flag in late}).values("pk"))
        _mark_asked(late, asked_at)
        _mark_used(uses, organisers)


def _add_to_hours(known: dict[int, dict[tuple[int, int], Cost]]) -> None:
    hours = {}
    for row in _rows_of({key for found in known.values() for key in found}, {_hour_of(window) for window in known}):
        hours[row.flag_id, row.event_id, row.at] = row
    changed = {}
    for window, found in known.items():
        for (flag_id, event_id), cost in found.items():
            key = flag_id, event_id, _hour_of(window)
            hour = hours.setdefault(key, Hour(flag_id=flag_id, event_id=event_id, at=key[2]))
            changed[key] = _add(hour, cost)
    Hour.objects.bulk_create(
        changed.values(), update_conflicts=True, unique_fields=["flag", "event", "at"], update_fields=[*SUMS, *WORST]
    )


def _rows_of(keys: Collection[tuple[int, int]], hours: Collection[datetime]) -> Iterable[Hour]:
    """Those there are; of more pairs of flag and event than were asked for."""
    flag_ids, event_ids = {flag_id for flag_id, _ in keys}, {event_id for _, event_id in keys}
    return Hour.objects.filter(flag_id__in=flag_ids, event_id__in=event_ids, at__in=hours)


def _add(hour: Hour, cost: Cost) -> Hour:
    for name in ("requests", "queries", "rows", "uses"):
        setattr(hour, name, getattr(hour, name) + getattr(cost, name))
    hour.milliseconds += round(cost.microseconds / 1000)
    hour.worst_queries = max(hour.worst_queries, cost.queries_p95)
    hour.worst_ms = max(hour.worst_ms, math.ceil(cost.ms_p95))
    return hour


def _mark_used(uses: Uses, organisers: dict[int, int]) -> None:
    """On the event's grant that was in force, else on its organiser's."""
    if not uses:
        return
    granted = Grant.objects.filter(flag_id__in={flag_id for flag_id, _ in uses}, is_on=True)
    whose = {event_id for _, event_id in uses}
    mine, ours = granted.filter(event_id__in=whose), granted.filter(organiser_id__in={organisers[pk] for pk in whose})
    grants = {(grant.flag_id, grant.event_id, grant.organiser_id): grant for grant in mine.union(ours)}
    changed = []
    for (flag_id, event_id), at in uses.items():
        for key in ((flag_id, event_id, None), (flag_id, None, organisers[event_id])):
            grant = grants.get(key)
            if grant is not None and (grant.expires_at is None or grant.expires_at > at):
                if grant.last_used_at is None or grant.last_used_at < at:
                    grant.last_used_at = at
                    changed.append(grant)
                break
    Grant.objects.bulk_update(changed, ["last_used_at"])


def _mark_asked(late: list[Any], asked_at: dict[str, datetime]) -> None:
    for flag in late:
        flag.last_asked_at = asked_at[flag.name]
    Flag.objects.bulk_update(late, ["last_asked_at"])


def _delete_old(now: datetime) -> None:
    while True:
        old = Hour.objects.filter(at__lt=now - KEPT).values("pk")[:DELETED_AT_ONCE]
        if Hour.objects.filter(pk__in=old).delete()[0] < DELETED_AT_ONCE:
            return


def _moment(window: int) -> datetime:
    return datetime.fromtimestamp(window, UTC)


def _hour_of(seconds: int) -> datetime:
    return _moment(seconds).replace(minute=0, second=0)
