"""What is done to a flag as a whole: killed, revived, moved along its life, made to require others."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from flags.actions import flags
from flags.audit import NoReason
from flags.models import Change, Flag, Prerequisite, Stage
from tests.flags.makers import HOUR, NOON, changes_of, is_on, make_flag, make_grant
from tests.makers import make_event, make_user

pytestmark = pytest.mark.django_db

SIGNED: dict[str, Any] = {"reason": "It broke the sale", "by": None, "now": NOON}


def test_killed_flag_is_off_for_everyone_until_it_is_revived() -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event)

    flags.kill(flag=flag, **SIGNED)
    killed = is_on(flag, event)
    flags.revive(flag=flag, reason="Mended", by=make_user(email="ada@example.com"), now=NOON + HOUR)

    assert (killed, is_on(flag, event)) == (False, True)
    assert [change for change in changes_of(flag) if change[0] == "flag changed"] == [
        ("flag changed", "automatic", "It broke the sale", {"is_killed": True}),
        ("flag changed", "ada@example.com", "Mended", {"is_killed": False}),
    ]


def test_killing_again_changes_nothing() -> None:
    flag = make_flag()

    for _ in range(2):
        flags.kill(flag=flag, **SIGNED)

    assert [what for what, *_ in changes_of(flag)] == ["flag added", "flag changed"]
    assert flag.is_killed


def test_kill_keeps_what_somebody_else_has_changed_meanwhile() -> None:
    flag = make_flag()
    Flag.objects.filter(pk=flag.pk).update(purpose="Another", stage=Stage.BETA)

    flags.kill(flag=flag, **SIGNED)

    flag.refresh_from_db()
    assert (flag.purpose, flag.stage, flag.is_killed) == ("Another", Stage.BETA, True)


@pytest.mark.parametrize("to", Stage)
@pytest.mark.parametrize("at", Stage)
def test_act_and_trigger_allow_the_same_steps(at: Stage, to: Stage) -> None:
    flag, other = make_flag(stage=at), make_flag(stage=at)

    try:
        flags.change_stage(flag=flag, to=to, **SIGNED)
        by_act = True
    except flags.NotAStep:
        by_act = False
    try:
        with transaction.atomic():
            Flag.objects.filter(pk=other.pk).update(stage=to)
        by_hand = True
    except IntegrityError:
        by_hand = False

    assert by_act == at.may_become(to)
    assert by_hand == (by_act or at == to)
    assert Flag.objects.get(pk=flag.pk).stage == (to if by_act else at)


def test_life_goes_up_a_step_at_a_time_and_down_to_any() -> None:
    flag = make_flag(stage=Stage.DRAFT)
    for stage in (Stage.TRIAL, Stage.BETA, Stage.GENERAL, Stage.TRIAL, Stage.RETIRED, Stage.DRAFT):
        flags.change_stage(flag=flag, to=stage, **SIGNED)

    with pytest.raises(flags.NotAStep):
        flags.change_stage(flag=flag, to=Stage.BETA, **SIGNED)

    assert flag.stage == Stage.DRAFT


@pytest.mark.parametrize("reason", ["", " "])
def test_nothing_is_done_without_a_reason(reason: str) -> None:
    flag = make_flag()
    unsaid: dict[str, Any] = {**SIGNED, "reason": reason}

    acts: list[Callable[[], None]] = [
        lambda: flags.kill(flag=flag, **unsaid),
        lambda: flags.revive(flag=flag, **unsaid),
        lambda: flags.change_stage(flag=flag, to=Stage.BETA, **unsaid),
        lambda: flags.require(flag=flag, prerequisites=[], **unsaid),
    ]
    for act in acts:
        with pytest.raises(NoReason):
            act()

    assert Change.objects.filter(what="flag changed").count() == 0


def test_flag_requires_just_what_was_said_last() -> None:
    flag, one, two = make_flag(stage=Stage.GENERAL), make_flag(stage=Stage.GENERAL), make_flag()

    for prerequisites in ([one], [one, two], [two]):
        flags.require(flag=flag, prerequisites=prerequisites, **SIGNED)

    assert list(flag.prerequisites.all()) == [two]
    assert not is_on(flag, make_event())
    assert [(what, (after or {}).get("requires")) for what, _, _, after in changes_of(flag)[1:]] == [
        ("prerequisite added", one.name), ("prerequisite added", two.name), ("prerequisite removed", None),
    ]  # fmt: skip


@pytest.mark.parametrize("length", [1, 2, 4])
def test_circle_is_refused_by_the_act_and_by_postgres(length: int) -> None:
    row = [make_flag() for _ in range(length)]
    for flag, following in pairwise(row):
        flags.require(flag=flag, prerequisites=[following], **SIGNED)

    with pytest.raises(flags.Circle):
        flags.require(flag=row[-1], prerequisites=[row[0]], **SIGNED)
    with pytest.raises(IntegrityError, match=r"require itself|prerequisite_is_another"), transaction.atomic():
        Prerequisite.objects.create(flag=row[-1], requires=row[0])

    assert Prerequisite.objects.count() == length - 1


def test_two_ways_to_the_same_flag_are_no_circle() -> None:
    top, left, right, bottom = (make_flag() for _ in range(4))

    for flag, prerequisites in ((top, [left, right]), (left, [bottom]), (right, [bottom])):
        flags.require(flag=flag, prerequisites=prerequisites, **SIGNED)

    assert Prerequisite.objects.count() == 4
