"""Which moments a clock on the wall means, over years and zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.moments import distance_text
from kit.wall_time import instants_at

ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "UTC"]


@given(
    instant=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
@settings(max_examples=200, deadline=None)
def test_every_instant_is_among_those_that_its_wall_time_means(instant: datetime, zone: ZoneInfo) -> None:
    wall = instant.astimezone(zone).replace(tzinfo=None)

    found = instants_at(wall, zone)

    assert instant in found
    assert found == sorted(set(found))
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("wall", "hours"),
    [
        (datetime(2030, 3, 31, 1, 30), []),  # the clocks go from 1:00 to 2:00
        (datetime(2030, 10, 27, 1, 30), [0, 1]),  # and come from 2:00 to 1:00
        (datetime(2030, 7, 1, 1, 30), [0]),
    ],
)
def test_london_skips_and_repeats_an_hour(wall: datetime, hours: list[int]) -> None:
    found = instants_at(wall, ZoneInfo("Europe/London"))

    assert [moment.hour for moment in found] == hours


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=3, minutes=20), "in 3 h 20 min"), (timedelta(minutes=5), "in 5 min"),
        (timedelta(hours=2), "in 2 h"), (timedelta(days=12), "in 12 days"), (timedelta(minutes=-5), "5 min ago"),
    ],
)  # fmt: skip
def test_distance_is_said_in_the_largest_words_that_are_exact_enough(left: timedelta, words: str) -> None:
    assert distance_text(left) == words
