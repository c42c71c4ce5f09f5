"""Whether a flag is on for an event: read with the event in one query, and then asked of nobody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

import flags
from events.models import Event
from flags import Snapshot, evaluation
from flags.models import Flag, Grant
from flags.queries import snapshot
from tests.makers import make_event, make_ticket_type

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Carrier:
    """Anything that was read together with its event's flags."""

    flags: Snapshot = field(default_factory=dict)


@pytest.fixture(autouse=True)
def _nothing_missed_yet() -> Iterator[None]:
    evaluation._missed.clear()
    yield
    evaluation._missed.clear()


def make_flag(name: str = "waiting-room", *, everyone: bool | None = None) -> Flag:
    flag = Flag(name=name, everyone=everyone)
    flag.save()
    return flag


def grant(flag: Flag, event: Event, *, is_on: bool = True, expires_at: datetime | None = None) -> Grant:
    return Grant.objects.create(flag=flag, event=event, is_on=is_on, expires_at=expires_at, reason="A trial.")


def is_on(event: Event, name: str = "waiting-room") -> bool:
    return flags.is_on(name, Carrier(snapshot(event.pk, now=NOON)))


def test_flag_is_what_the_snapshot_says() -> None:
    event = Carrier({"on": True, "off": False})

    assert (flags.is_on("on", event), flags.is_on("off", event)) == (True, False)


def test_flag_that_does_not_exist_is_off_and_logged_once() -> None:
    with capture_logs() as logs:
        answers = [flags.is_on("waiting-roon", Carrier()) for _ in range(3)]
        flags.is_on("another", Carrier())

    assert answers == [False, False, False]
    assert [(line["event"], line["flag"], line["log_level"]) for line in logs] == [
        ("flag does not exist", "waiting-roon", "warning"),
        ("flag does not exist", "another", "warning"),
    ]


def test_flag_that_is_off_is_not_logged() -> None:
    with capture_logs() as logs:
        flags.is_on("off", Carrier({"off": False}))

    assert logs == []


@pytest.mark.django_db
def test_is_on_asks_nobody(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    flag, event = make_flag(), make_event()
    grant(flag, event)
    carrier = Carrier(snapshot(event.pk, now=NOON))
    cache.clear()
    Grant.objects.all().delete()

    with django_assert_num_queries(0):
        answers = [flags.is_on(name, carrier) for name in ("waiting-room", "missing")]

    assert answers == [True, False]
    assert cache.keys("*") == []  # type: ignore[attr-defined]  # of django-redis


@pytest.mark.django_db
@pytest.mark.parametrize(("everyone", "expected"), [(True, True), (False, False), (None, False)])
def test_flag_without_a_grant_is_what_it_is_for_everyone(everyone: bool | None, expected: bool) -> None:
    make_flag(everyone=everyone)

    assert is_on(make_event()) is expected


@pytest.mark.django_db
@pytest.mark.parametrize("everyone", [True, False, None])
@pytest.mark.parametrize("given", [True, False])
def test_grant_decides_for_its_event_and_no_other(everyone: bool | None, given: bool) -> None:
    flag, event, other = make_flag(everyone=everyone), make_event(), make_event()
    grant(flag, event, is_on=given)

    assert (is_on(event), is_on(other)) == (given, bool(everyone))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("expires_at", "expected"), [(NOON - HOUR, False), (NOON, False), (NOON + HOUR, True), (None, True)], ids=str
)
def test_grant_holds_until_it_expires(expires_at: datetime | None, expected: bool) -> None:
    flag, event = make_flag(), make_event()
    grant(flag, event, expires_at=expires_at)

    assert is_on(event) is expected
    assert Grant.objects.in_force(at=NOON).exists() is expected


@pytest.mark.django_db
def test_expired_refusal_gives_way_to_everyone() -> None:
    flag, event = make_flag(everyone=True), make_event()
    grant(flag, event, is_on=False, expires_at=NOON - HOUR)

    assert is_on(event)


@pytest.mark.django_db
def test_snapshot_is_one_query_however_many_flags_there_are(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    event, other = make_event(), make_event()
    for number in range(20):
        flag = make_flag(f"flag-{number}", everyone=number % 2 == 0)
        grant(flag, other)
        if number % 4 == 1:
            grant(flag, event)

    with django_assert_num_queries(1):
        answers = snapshot(event.pk, now=NOON)

    assert answers == {f"flag-{number}": number % 2 == 0 or number % 4 == 1 for number in range(20)}


@pytest.mark.django_db
def test_snapshot_without_flags_is_empty() -> None:
    assert snapshot(make_event().pk, now=NOON) == {}


@pytest.mark.django_db
def test_flags_set_no_cookie_on_the_event_page() -> None:
    flag, event = make_flag(), make_event()
    Flag.objects.update(percent=50, testing=True, rollout=True, authenticated=True)
    grant(flag, event)
    make_ticket_type(event=event)

    response = Client().get(event.get_absolute_url(), {"dwft_waiting-room": "1"})

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
