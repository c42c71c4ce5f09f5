"""A change of a flag reaches a process that has a copy within two seconds: with Redis, and with Redis gone."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils.timezone import now
from pytest_django.fixtures import Settings

import flags
from events import facts
from events.models import Event
from flags.actions import flags as acts
from flags.actions import grants
from flags.models import Flag, Grant, Stage
from flags.models.grants import Recipient
from tests.buyers import COMMITTED
from tests.flags.makers import make_flag, make_grant, make_tried_flag
from tests.makers import make_event

WITHIN_SECONDS = 2.0
ON, OFF = (grants.Terms(is_on=is_on, reason="Trial") for is_on in (True, False))


@dataclass(frozen=True)
class Case:
    """An event that has copies everywhere, a flag, and another flag that it requires."""

    event: Event
    flag: Flag
    required: Flag


def kill(case: Case) -> None:
    acts.kill(flag=case.flag, reason="Stop", by=None, now=now())


def kill_the_required(case: Case) -> None:
    acts.kill(flag=case.required, reason="Stop", by=None, now=now())


def by_hand(case: Case) -> None:
    Flag.objects.filter(pk=case.flag.pk).update(is_killed=True)


def withdraw(case: Case) -> None:
    grants.withdraw(grant=Grant.objects.get(flag=case.flag), reason="Over", by=None, now=now())


def refuse(case: Case) -> None:
    grants.give(flag=case.flag, to=Recipient(event_id=case.event.pk), terms=OFF, by=None, now=now())


def retire(case: Case) -> None:
    acts.change_stage(flag=case.flag, to=Stage.RETIRED, reason="Over", by=None, now=now())


def require_another(case: Case) -> None:
    acts.require(flag=case.flag, prerequisites=[make_flag()], reason="It needs it", by=None, now=now())


def let_it_expire(case: Case) -> None:
    Grant.objects.filter(flag=case.flag).update(expires_at=now() + timedelta(seconds=0.1))


CHANGES: list[Callable[[Case], None]] = [
    kill, kill_the_required, by_hand, withdraw, refuse, retire, require_another, let_it_expire,
]  # fmt: skip


def make_case() -> Case:
    event, flag, required = make_event(), make_flag(), make_flag(stage=Stage.GENERAL)
    make_grant(flag, event.organiser)
    acts.require(flag=flag, prerequisites=[required], reason="It needs it", by=None, now=now())
    return Case(event, flag, required)


def look(case: Case) -> tuple[bool, str]:
    """What this process says of the flag, and the mark of the pages that it shows."""
    found = facts.find(case.event.organiser.slug, case.event.slug, now=now())
    assert found is not None
    return flags.is_on(case.flag.name, found), found.mark(now())


@COMMITTED
@pytest.mark.parametrize("redis", ["there", "gone"])
def test_change_of_a_flag_reaches_a_process_within_two_seconds(settings: Settings, redis: str) -> None:
    if redis == "gone":
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
    cases = {change.__name__: make_case() for change in CHANGES}
    before = {name: look(case) for name, case in cases.items()}
    assert {is_on for is_on, _ in before.values()} == {True}

    for change in CHANGES:
        change(cases[change.__name__])

    deadline, waiting = time.monotonic() + WITHIN_SECONDS, set(cases)
    while waiting and time.monotonic() < deadline:
        waiting = {name for name in waiting if look(cases[name])[0]}
        time.sleep(0.02)
    assert waiting == set()
    assert [name for name, case in cases.items() if look(case)[1] == before[name][1]] == []


@COMMITTED
@pytest.mark.parametrize("redis", ["there", "gone"])
def test_grant_to_an_organiser_reaches_a_process_within_two_seconds(settings: Settings, redis: str) -> None:
    if redis == "gone":
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
    case = Case(make_event(), make_tried_flag(), make_tried_flag())
    before = look(case)

    to_all = Recipient(organiser_id=case.event.organiser_id)
    grants.give(flag=case.flag, to=to_all, terms=ON, by=None, now=now())

    deadline = time.monotonic() + WITHIN_SECONDS
    while not look(case)[0] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (before[0], look(case)[0]) == (False, True)
    assert look(case)[1] != before[1]
