"""A wall time is kept as it stands, and the instant follows from it in Postgres."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.forms import modelform_factory

from events.models import Event
from kit.wall_time import WallTimeFormField, as_utc
from tests.makers import make_event


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # year, month, day and so on


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        ("Europe/London", (2030, 1, 15, 12), (2030, 1, 15, 12)),
        ("Europe/London", (2030, 7, 15, 12), (2030, 7, 15, 11)),
        ("Asia/Kathmandu", (2030, 7, 15, 12), (2030, 7, 15, 6, 15)),
        ("Pacific/Auckland", (2030, 1, 1, 0), (2029, 12, 31, 11)),
        ("America/New_York", (2030, 3, 10, 3), (2030, 3, 10, 7)),
    ],
)
def test_instant_follows_from_wall_time_and_zone(zone: str, local: tuple[int, ...], instant: tuple[int, ...]) -> None:
    event = make_event(timezone=zone, local_starts_at=wall(*local), local_ends_at=wall(2031, 1, 1))

    assert event.local_starts_at == wall(*local)
    assert event.starts_at == wall(*instant).replace(tzinfo=UTC)


@pytest.mark.django_db
def test_time_that_the_clocks_skip_is_read_by_the_clock_before() -> None:
    event = make_event(local_starts_at=wall(2030, 3, 31, 1, 30), local_ends_at=wall(2031, 1, 1))

    assert event.starts_at == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)
    assert event.starts_at.astimezone(event.zone).hour == 2


@pytest.mark.django_db
def test_time_that_comes_twice_is_read_by_the_clock_after() -> None:
    event = make_event(local_starts_at=wall(2030, 10, 27, 1, 30), local_ends_at=wall(2031, 1, 1))

    assert event.starts_at == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_wall_time_comes_back_without_a_zone_whatever_it_was_given() -> None:
    given: list[Any] = [
        wall(2030, 6, 1, 10),
        "2030-06-01T10:00",
        wall(2030, 6, 1, 10).replace(tzinfo=timezone(timedelta(hours=5))),
    ]

    kept = []
    for value in given:
        event = make_event(local_starts_at=value, local_ends_at=wall(2031, 1, 1))
        kept.append(Event.objects.values_list("local_starts_at", flat=True).get(pk=event.pk))

    assert kept == [wall(2030, 6, 1, 10)] * 3


@pytest.mark.django_db
def test_form_shows_and_takes_the_wall_time_as_it_stands() -> None:
    event = make_event(timezone="Pacific/Auckland", local_starts_at=wall(2030, 6, 1, 10))
    form_class = modelform_factory(Event, fields=["local_starts_at"])

    shown = form_class(instance=event)["local_starts_at"].value()
    form = form_class({"local_starts_at": "2030-06-01 09:00"}, instance=event)
    form.save()

    event.refresh_from_db()
    assert isinstance(form.fields["local_starts_at"], WallTimeFormField)
    assert shown == wall(2030, 6, 1, 10)
    assert event.local_starts_at == wall(2030, 6, 1, 9)


def test_form_field_refuses_what_is_no_time() -> None:
    form = modelform_factory(Event, fields=["local_starts_at"])({"local_starts_at": "soon"})

    assert not form.is_valid()
    assert form.errors == {"local_starts_at": ["Enter a valid date/time."]}


def test_as_utc_is_the_same_instant() -> None:
    moment = datetime(2030, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))

    assert as_utc(moment).isoformat() == "2030-06-01T10:00:00+00:00"


def test_as_utc_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        as_utc(wall(2030, 6, 1, 12))
