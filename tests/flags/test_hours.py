"""What flags cost is rolled up into hours: each window once, whatever happens to Redis, workers and rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.db import IntegrityError, connection
from django_redis import get_redis_connection
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs

from events.models import Event
from flags import asked, costs
from flags.actions import hours
from flags.models import Change, Flag, Grant, Hour, RolledUp
from flags.spending import Cost, Of
from tests.buyers import COMMITTED, race
from tests.flags.makers import make_flag, make_grant
from tests.makers import make_event, make_organiser

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
START = int(NOON.timestamp())
LATE = NOON + timedelta(minutes=9)  # every window of the first minutes after noon is settled
SUMMED = ("requests", "queries", "rows", "milliseconds", "uses", "worst_queries", "worst_ms")


def put(flag: Any, event: Event, *, at: int = START, route: str = "-", **cost: Any) -> None:
    """As a process that charged this puts it down."""
    costs._put(at, {Of(str(flag.name), event.pk, route): Cost(**cost)})


def ask(name: str, at: datetime) -> None:
    get_redis_connection("default").hset(asked.NAME, name, int(at.timestamp()))


def figures() -> list[tuple[int, ...]]:
    return list(Hour.objects.order_by("at", "event_id", "flag_id").values_list(*SUMMED))


def roll_up_all(now: datetime) -> int:
    done, total = hours.BATCH, 0
    while done == hours.BATCH:
        done = hours.roll_up(now=now)
        total += done
    return total


def test_windows_of_an_hour_add_up_and_keep_their_worst() -> None:
    flag, event = make_flag(), make_event()
    put(flag, event, requests=2, queries=6, rows=60, microseconds=5_400, uses=1,
        by_queries={3: 2}, by_tenths={27: 2})  # fmt: skip
    put(flag, event, at=START + 20, route="b/", requests=1, queries=9, rows=1, microseconds=90_000,
        by_queries={9: 1}, by_tenths={899: 1})  # fmt: skip

    roll_up_all(LATE)

    assert figures() == [(3, 15, 61, 95, 1, 9, 90)]
    assert Hour.objects.get().at == NOON


def test_routes_of_one_event_are_one_row_and_events_and_hours_have_their_own() -> None:
    flag, one, other = make_flag(), make_event(), make_event()
    for route in ("a/", "b/"):
        put(flag, one, route=route, requests=1, by_queries={0: 1})
    put(flag, other, at=START - 10, requests=5)
    put(flag, other, requests=7)

    roll_up_all(LATE)

    assert [row[0] for row in figures()] == [5, 2, 7]


def test_a_window_counts_once_however_often_it_is_rolled_up() -> None:
    put(make_flag(), make_event(), requests=1)

    first = roll_up_all(LATE)
    second = roll_up_all(LATE)

    assert (first > 0, second) == (True, 0)
    assert [row[0] for row in figures()] == [1]


def test_a_later_window_adds_to_the_row_there_is() -> None:
    flag, event = make_flag(), make_event()
    put(flag, event, requests=1, queries=4, by_queries={4: 1})
    roll_up_all(LATE)
    put(flag, event, at=START + 600, requests=2, queries=2, by_queries={1: 2})

    roll_up_all(LATE + timedelta(minutes=10))

    assert figures() == [(3, 6, 0, 0, 0, 4, 0)]


def test_a_window_waits_until_every_process_has_put_down_its_part() -> None:
    flag, event = make_flag(), make_event()
    RolledUp.objects.create(window=START - 10)
    put(flag, event, requests=1)
    over = NOON + timedelta(seconds=costs.WINDOW)

    early = hours.roll_up(now=over + timedelta(seconds=59))
    late = hours.roll_up(now=over + timedelta(seconds=60))

    assert (early, late) == (0, 1)
    assert RolledUp.objects.get().window == START


def test_a_worker_that_was_dead_for_long_catches_up_what_redis_keeps() -> None:
    flag, event = make_flag(), make_event()
    RolledUp.objects.create(window=START - 86_400)
    put(flag, event, requests=1)

    done = roll_up_all(NOON + timedelta(minutes=30))

    assert 350 < done <= 360
    assert [row[0] for row in figures()] == [1]


def test_flags_and_events_that_are_gone_are_skipped() -> None:
    flag, event, gone_flag, gone_event = make_flag(), make_event(), make_flag(), make_event()
    put(flag, event, requests=1, uses=1)
    put(gone_flag, event, requests=1, uses=1)
    put(flag, gone_event, requests=1, uses=1)
    ask(gone_flag.name, NOON)
    gone_flag.delete()
    gone_event.delete()

    roll_up_all(LATE)

    assert list(Hour.objects.values_list("flag", "event")) == [(flag.pk, event.pk)]


def test_nothing_is_done_while_redis_is_away_and_nothing_is_lost(settings: Settings) -> None:
    there = site.CACHES
    put(make_flag(), make_event(), requests=1)
    settings.CACHES = {"default": {**there["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
    with capture_logs() as said:
        away = hours.roll_up(now=LATE)
    settings.CACHES = there

    roll_up_all(LATE)

    assert (away, [line["event"] for line in said]) == (0, ["flags' costs not read"])
    assert [row[0] for row in figures()] == [1]


def test_what_fails_in_the_middle_is_done_whole_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    flag, event = make_flag(), make_event()
    put(flag, event, requests=1, uses=1)
    make_grant(flag, event)

    def fail(*_: Any) -> None:
        raise IntegrityError

    with monkeypatch.context() as patch:
        patch.setattr(hours, "_mark_used", fail)
        with pytest.raises(IntegrityError):
            roll_up_all(LATE)
    roll_up_all(LATE)

    assert [row[0] for row in figures()] == [1]
    assert Grant.objects.get().last_used_at == NOON


@COMMITTED
def test_of_several_workers_one_counts() -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event)
    for number in range(20):
        put(flag, event, at=START + number * costs.WINDOW, requests=1, uses=1)
    RolledUp.objects.create(window=START - 10)

    raced = race(*[lambda: hours.roll_up(now=LATE)] * 6)

    assert sorted(map(str, raced)) == ["0"] * 5 + ["48"]
    assert [row[0] for row in figures()] == [20]


@COMMITTED
def test_of_the_first_several_workers_one_counts() -> None:
    flag, event = make_flag(), make_event()
    put(flag, event, at=START - 3000, requests=1)

    raced = race(*[lambda: hours.roll_up(now=LATE)] * 6)

    assert sorted(map(str, raced)) == ["0"] * 5 + ["60"]
    assert [row[0] for row in figures()] == [1]


Give = Callable[[Any, Event], Grant]


def to_event(flag: Any, event: Event) -> Grant:
    make_grant(flag, event.organiser)
    return make_grant(flag, event)


def to_organiser(flag: Any, event: Event) -> Grant:
    return make_grant(flag, event.organiser)


def to_organiser_as_the_events_is_over(flag: Any, event: Event) -> Grant:
    make_grant(flag, event, expires_at=NOON)
    return make_grant(flag, event.organiser)


@pytest.mark.parametrize("give", [to_event, to_organiser, to_organiser_as_the_events_is_over])
def test_use_is_noted_on_the_grant_that_it_came_by(give: Give) -> None:
    flag, event = make_flag(), make_event()
    grant = give(flag, event)
    others = [make_grant(flag, make_event()), make_grant(make_flag(), event), make_grant(flag, make_organiser())]
    audit, version = Change.objects.count(), Event.objects.get(pk=event.pk).version
    put(flag, event, at=START - 20, uses=1)
    put(flag, event, uses=3)
    put(flag, event, at=START + 10, requests=5)  # seen, not used

    roll_up_all(LATE)

    used = dict(Grant.objects.exclude(last_used_at=None).values_list("pk", "last_used_at"))
    assert used == {grant.pk: NOON}
    assert len(others) == 3
    assert (Change.objects.count(), Event.objects.get(pk=event.pk).version) == (audit, version)


def test_an_earlier_use_does_not_take_the_place_of_a_later_one() -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event, last_used_at=LATE)
    put(flag, event, uses=1)

    roll_up_all(LATE)

    assert Grant.objects.get().last_used_at == LATE


def test_flag_knows_to_the_hour_when_it_was_last_asked_for() -> None:
    old, new, known = make_flag(), make_flag(), make_flag(last_asked_at=LATE)
    modified = Flag.objects.get(pk=old.pk).modified
    ask(old.name, NOON - timedelta(minutes=1))
    ask(new.name, NOON + timedelta(minutes=1))
    ask(known.name, NOON)

    hours.roll_up(now=LATE)

    at = dict(Flag.objects.values_list("pk", "last_asked_at"))
    assert at == {old.pk: NOON - timedelta(hours=1), new.pk: NOON, known.pk: LATE}
    assert Flag.objects.get(pk=old.pk).modified == modified
    assert set(Change.objects.values_list("what", flat=True)) == {"flag added"}


def test_hours_older_than_five_weeks_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hours, "DELETED_AT_ONCE", 3)
    flag, event = make_flag(), make_event()
    ages = [timedelta(days=35), *(timedelta(days=35, hours=hour) for hour in range(1, 9))]
    Hour.objects.bulk_create(Hour(flag=flag, event=event, at=LATE - age) for age in ages)

    roll_up_all(LATE)

    assert [row.at for row in Hour.objects.all()] == [LATE - timedelta(days=35)]


@pytest.mark.parametrize("number", [1, 30])
def test_it_asks_the_same_however_many_flags_and_events(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    event = make_event()
    RolledUp.objects.create(window=START - 10)
    for _ in range(number):
        flag, other = make_flag(), make_event()
        make_grant(flag, other)
        for one in (event, other):
            for window in range(START, START + 50, costs.WINDOW):
                put(flag, one, at=window, requests=1, uses=1)
        ask(flag.name, NOON)

    with django_assert_num_queries(13):
        hours.roll_up(now=LATE)

    assert Hour.objects.count() == 2 * number
    assert Grant.objects.filter(last_used_at=NOON + timedelta(seconds=40)).count() == number
    assert not connection.needs_rollback
