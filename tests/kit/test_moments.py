"""Moments in words, in the zone that they are in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit import moments

LONDON = ZoneInfo("Europe/London")
MORNING = datetime(2026, 12, 3, 9, 5, tzinfo=LONDON)


def test_moment_text_names_day_time_and_zone() -> None:
    assert moments.moment_text(MORNING) == "Thu 3 Dec 2026, 09:05 GMT"
    assert moments.moment_text(datetime(2026, 7, 13, 18, 30, tzinfo=LONDON)) == "Mon 13 Jul 2026, 18:30 BST"


def test_span_text_says_a_day_once() -> None:
    assert moments.span_text(MORNING, MORNING.replace(hour=17)) == "Thu 3 Dec 2026, 09:05 to 17:05"


def test_span_text_says_both_days_when_they_differ() -> None:
    until = datetime(2026, 12, 4, 0, 5, tzinfo=LONDON)

    assert moments.span_text(MORNING, until) == "Thu 3 Dec 2026, 09:05 to Fri 4 Dec 2026, 00:05"


def test_span_text_counts_days_where_the_event_is() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    start = datetime(2026, 12, 3, 10, 30, tzinfo=UTC).astimezone(zone)

    text = moments.span_text(start, start + timedelta(hours=1))

    assert text == "Thu 3 Dec 2026, 23:30 to Fri 4 Dec 2026, 00:30"


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (-1, 0), (-3600, 0), (0.001, 1), (59, 1), (60, 1), (60.5, 2), (900, 15)]
)
def test_minutes_left_are_rounded_up_and_never_negative(seconds: float, minutes: int) -> None:
    assert moments.minutes_left(timedelta(seconds=seconds)) == minutes
