"""Times in a catalogue: as the wall at the venue shows them, or with an offset."""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from events.catalogue.format import FIRST_YEAR, LAST_YEAR

WALL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?")
OFFSET: Final = re.compile(r"Z|[+-]\d\d:\d\d")


def wall_time(text: str) -> datetime:
    """The naive datetime that `2027-05-30T10:00` writes. Raises ValueError with a sentence for the author."""
    return _read(text, WALL.fullmatch(text), "must be a time such as 2027-05-30T10:00")


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, that a wall time in `zone` or a time with an offset writes. Raises ValueError."""
    wall = WALL.match(text)
    rest = text[wall.end() :] if wall else ""
    read = _read(
        text,
        wall if not rest or OFFSET.fullmatch(rest) else None,
        "must be a time such as 2027-05-30T10:00 or 2027-05-30T10:00+01:00",
    )
    return instant_at(read, zone) if read.tzinfo is None else read.astimezone(UTC)


def instant_at(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the wall in `zone` shows `wall`, as Postgres' timezone() has it.

    For a time that the clocks skip or show twice there are two readings; Postgres takes the later.
    """
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def wall_text(wall: datetime) -> str:
    """A naive datetime as `2027-05-30T10:00`, with seconds only where there are some."""
    return wall.isoformat() if wall.second or wall.microsecond else wall.isoformat(timespec="minutes")


def moment_text(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as the wall in `zone` shows it; with its offset where the wall alone would say another instant."""
    local = instant.astimezone(zone)
    wall = local.replace(tzinfo=None)
    return wall_text(wall) if instant_at(wall, zone) == instant else local.isoformat()


def _read(text: str, shape: re.Match[str] | None, otherwise: str) -> datetime:
    try:
        read = datetime.fromisoformat(text) if shape else None
    except ValueError:
        read = None
    if read is None:
        raise ValueError(otherwise)
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise ValueError(f"must be between the years {FIRST_YEAR} and {LAST_YEAR}")
    return read
