"""Moments in words, in the zone of the event they belong to."""

from datetime import UTC, datetime, timedelta


def day_text(moment: datetime) -> str:
    """Thu 3 Dec 2026."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def clock_text(moment: datetime) -> str:
    """10:00."""
    return f"{moment:%H:%M}"


def moment_text(moment: datetime) -> str:
    """Thu 3 Dec 2026, 10:00 GMT."""
    return f"{day_text(moment)}, {clock_text(moment)} {moment.tzname()}"


def utc_text(moment: datetime) -> str:
    """3 December 2026, 12:00 UTC, for staff."""
    return f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def span_text(start: datetime, end: datetime) -> str:
    """From start to end, without saying the day twice when it is the same."""
    if start.date() == end.date():
        return f"{day_text(start)}, {clock_text(start)} to {clock_text(end)}"
    return f"{day_text(start)}, {clock_text(start)} to {day_text(end)}, {clock_text(end)}"


def distance_text(left: timedelta) -> str:
    """How far off a moment is: `in 3 h 20 min`, `in 12 days`, `5 min ago`."""
    minutes = int(abs(left).total_seconds() // 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    if days >= 3:
        words = f"{days} days"
    elif hours:
        words = f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    else:
        words = f"{minutes} min"
    return f"in {words}" if left > timedelta() else f"{words} ago"


def minutes_left(left: timedelta) -> int:
    """Whole minutes, rounded up, so that a hold is never shown as over before it is."""
    return max(0, -int(-left.total_seconds() // 60))
