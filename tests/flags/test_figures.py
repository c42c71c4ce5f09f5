"""Figures for pages: hours added up to steps of six hours, over the last seven days and no more."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from flags import figures
from flags.figures import STEP, STEPS, Step, begins_at
from tests.flags.makers import HOUR, NOON, make_busy_hour, make_flag
from tests.makers import make_event

pytestmark = pytest.mark.django_db


def test_steps_begin_on_the_quarters_of_the_day_and_the_last_is_now() -> None:
    now = NOON + timedelta(hours=1, minutes=23)

    assert begins_at(now) + (STEPS - 1) * STEP == NOON
    assert begins_at(NOON - timedelta(seconds=1)) + STEPS * STEP == NOON


def test_hours_are_added_up_and_the_worst_is_kept() -> None:
    flag, event = make_flag(), make_event()
    make_busy_hour(flag, event, NOON, uses=2, worst_ms=9)
    make_busy_hour(flag, event, NOON + HOUR, uses=3, worst_queries=7)
    make_busy_hour(flag, event, NOON - HOUR)

    series = figures.of_flag(flag.pk, [event.pk], now=NOON + 2 * HOUR)[event.pk]

    assert len(series.steps) == STEPS
    assert series.filled == [Step(NOON - STEP, 100, 0, 4, 2), Step(NOON, 200, 5, 9, 7)]
    assert (series.requests, series.uses, series.ms, series.queries) == (300, 5, 9, 7)


def test_what_is_older_than_seven_days_or_anothers_is_not_counted() -> None:
    flag, event, other = make_flag(), make_event(), make_event()
    make_busy_hour(flag, event, begins_at(NOON) - HOUR)
    make_busy_hour(flag, other, NOON)
    make_busy_hour(make_flag(), event, NOON)

    assert figures.of_flag(flag.pk, [event.pk], now=NOON) == {}
    assert list(figures.of_event(event.pk, now=NOON)) != [flag.pk]


def test_events_of_a_flag_are_named_by_what_they_cost() -> None:
    flag, cheap, dear = make_flag(), make_event(), make_event()
    make_busy_hour(flag, cheap, NOON, milliseconds=10)
    make_busy_hour(flag, dear, NOON, milliseconds=20)

    assert figures.costliest_events(flag.pk, now=NOON) == ([dear.pk, cheap.pk], False)


def test_only_ten_events_are_named_and_it_says_that_there_are_more() -> None:
    flag = make_flag()
    for _ in range(11):
        make_busy_hour(flag, make_event(), NOON)

    found, has_more = figures.costliest_events(flag.pk, now=NOON)

    assert (len(found), has_more) == (10, True)


def test_flags_of_an_event_are_read_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    event, flags = make_event(), [make_flag() for _ in range(20)]
    for flag in flags:
        make_busy_hour(flag, event, NOON)

    with django_assert_num_queries(1):
        found = figures.of_event(event.pk, now=NOON)

    assert set(found) == {flag.pk for flag in flags}
