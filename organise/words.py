"""Flags and rehearsals in an organiser's words: what a feature is, until when they have it, why it is off; whether a
rehearsal held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flags.models.grants import Switch
from flags.rules import Rule
from flags.where import Standing
from kit.moments import moment_text
from surge.models import RehearsalRun, RunState

REVIEWED_AHEAD: Final = timedelta(hours=48)  # how long before an on-sale what is not for everyone yet is looked at
LAST: Final = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
SWITCHED: Final[Mapping[str, str]] = {
    Switch.GUARD: "It asked more of our servers than it may, so we switched it off to keep your pages fast.",
    Switch.REVIEW: "Before your sale we switched off what was not used, or not tried with an event like yours.",
}
WHY_OFF: Final[Mapping[Rule, str]] = {
    Rule.KILLED: "Off for all events at the moment.",
    Rule.PREREQUISITE: "Off, because another feature that it needs is off.",
    Rule.EXPIRED: "This trial is over for all events.",
    Rule.RESTING: "Not ready for events yet.",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One flag, for its reader: its purpose, its technical name, and a sentence or two."""

    purpose: str
    name: str
    said: str
    reason: str = ""


def tried(standing: Standing, *, zone: ZoneInfo) -> Feature:
    """Is on by a grant, until its end."""
    return _feature(standing, f"On until {_moment(standing.ends_at, zone)}." if standing.ends_at else "On.")


def for_everyone(standing: Standing, *, zone: ZoneInfo) -> Feature:
    until = f" Until {_moment(standing.ends_at, zone)}." if standing.ends_at else ""
    return _feature(standing, until.strip())


def switched_off(standing: Standing, *, zone: ZoneInfo) -> Feature:
    """By the guard or the review; the reason is the one in the audit."""
    said = f"{SWITCHED[standing.switched_off_by]} It stays off until one of us turns it on again."
    return _feature(standing, said, standing.grant.reason if standing.grant else "")


def not_on(standing: Standing, *, zone: ZoneInfo) -> Feature:
    """Granted and off all the same, or granted off."""
    if standing.rule in WHY_OFF:
        return _feature(standing, WHY_OFF[standing.rule])
    until = f" until {_moment(standing.ends_at, zone)}" if standing.ends_at else ""
    return _feature(standing, f"Off for you{until}.", standing.grant.reason if standing.grant else "")


def _feature(standing: Standing, said: str, reason: str = "") -> Feature:
    return Feature(standing.flag.purpose or standing.name, standing.name, said, reason)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    """On the clock at the venue, where it may be a day later: so not on the last day that there is."""
    return moment_text(min(at, LAST).astimezone(zone))


@dataclass(frozen=True, slots=True)
class Review:
    """The next on-sale, and the look that is taken at features before it."""

    on_sale_text: str
    looked_text: str
    is_past: bool


def review(on_sale_at: datetime | None, *, zone: ZoneInfo, now: datetime) -> Review | None:
    """When features are looked at before this on-sale, or were; None without one."""
    if on_sale_at is None:
        return None
    looked_at = on_sale_at - REVIEWED_AHEAD
    return Review(_moment(on_sale_at, zone), _moment(looked_at, zone), is_past=looked_at <= now)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One rehearsal in a line or two; `look` is good, warn or bad."""

    number: int
    played_text: str
    size_text: str
    verdict: str
    look: str
    stale: str


VERDICTS: Final[Mapping[str, tuple[str, str]]] = {
    RunState.RUNNING: ("It is being played.", "warn"),
    RunState.PASSED: ("Passed: your sale can open like this.", "good"),
    RunState.FAILED: ("Failed: something must be mended before your sale.", "bad"),
    RunState.UNPROVEN: ("Not proven: nothing broke, but it was not tried hard enough.", "warn"),
    RunState.ABORTED: ("Stopped before its end: it says nothing about your sale.", "warn"),
}


def rehearsal(run: RehearsalRun, changed: Sequence[str], *, zone: ZoneInfo) -> Rehearsal:
    """When, with how many, whether it held, and whether it still says something."""
    verdict, look = VERDICTS[run.state]
    is_over = run.state != RunState.RUNNING
    stale = f"Out of date: {'; '.join(changed)}." if changed and is_over else ""
    return Rehearsal(run.pk, _moment(run.started_at, zone), _size(run.settings), verdict, look, stale)


def _size(settings: Mapping[str, Any]) -> str:
    buyers, seconds = settings.get("buyers"), settings.get("seconds")
    if not buyers or not seconds:
        return ""
    return f"{round(buyers * (settings.get('factor') or 1)):,} buyers within {seconds:,.0f} seconds"
