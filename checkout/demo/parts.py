"""The parts of a demo catalogue, in the format of docs/organisers/catalogue.md."""

from datetime import datetime, timedelta
from typing import Any, Final

Part = dict[str, Any]

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
MOST_PER_ORDER: Final = 6


def day(now: datetime, *, weeks: int, weekday: int) -> datetime:
    """Midnight of the first such weekday that is at least so many weeks after `now`; without a zone."""
    date = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(weeks=weeks)
    return date + timedelta(days=(weekday - date.weekday()) % 7)


def at(date: datetime, clock: str, *, plus_days: int = 0) -> str:
    """`19:30` on that date, or so many days later, as a catalogue writes it."""
    return f"{date + timedelta(days=plus_days):%Y-%m-%d}T{clock}"


def pool(name: str, capacity: int) -> Part:
    return {"name": name, "capacity": capacity}


def ticket(slug: str, name: str, price_minor: int, *pools: str, **over: Any) -> Part:
    """A ticket type that draws on these pools."""
    return {
        "slug": slug, "name": name, "price_minor": price_minor, "pools": list(pools), "max_per_order": MOST_PER_ORDER,
        **over,
    }  # fmt: skip
