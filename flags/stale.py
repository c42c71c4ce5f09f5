"""Which flags are there for nothing: past their end, the same for everyone or not asked for in long, without code."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max

from flags.models import Change, Flag, Grant, Stage
from flags.registry import Declaration

STILL: Final = timedelta(days=30)


def report(*, declared: Mapping[str, Declaration], used: Collection[str], now: datetime) -> dict[str, list[str]]:
    """Why each stale flag is stale, by name. `used` are the names that the code asks for. Three queries."""
    found = {}
    flags = list(Flag.objects.order_by("name"))
    moved = _last_moved()
    uneven = _uneven(now - STILL)
    for flag in flags:
        reasons = [
            *(["past its end"] if flag.expires_at and flag.expires_at <= now else []),
            *_still(flag, moved.get(flag.name), flag.pk in uneven, now),
            *([] if flag.name in declared else ["not declared"]),
            *([] if flag.name in used else ["asked for nowhere in the code"]),
            *_unasked(flag, now),
        ]
        if reasons:
            found[str(flag.name)] = reasons
    return found


def _still(flag: Any, moved_at: datetime | None, is_uneven: bool, now: datetime) -> list[str]:
    """Whether the flag has answered everyone the same for thirty days, by its audit."""
    if is_uneven or max(moved_at or flag.created, flag.created) > now - STILL:
        return []
    is_on = flag.everyone if flag.stage == Stage.UNSTAGED else flag.stage == Stage.GENERAL
    is_off = flag.is_killed or (flag.expires_at is not None and flag.expires_at <= now) or not is_on
    return [f"{'off' if is_off else 'on'} for everyone for {STILL.days} days"]


def _unasked(flag: Any, now: datetime) -> list[str]:
    """Whether no process has asked for it for thirty days, to the hour."""
    since = max(flag.last_asked_at or flag.created, flag.created)
    return [f"not asked for {STILL.days} days"] if since <= now - STILL else []


def _last_moved() -> dict[str, datetime]:
    """When each flag's answers last may have changed."""
    return dict(Change.objects.of_answers().order_by().values_list("flag").annotate(Max("at")))


def _uneven(since: datetime) -> set[int]:
    """Flags with a grant that made a difference after that."""
    return set(Grant.objects.in_force(at=since).order_by().values_list("flag_id", flat=True))
