"""Which flags are reported as stale, and which are not."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from flags import stale
from flags.actions import flags, grants
from flags.audit import signed
from flags.models import Stage
from tests.flags.makers import NOON, declaration, make_flag, make_tried_flag, to
from tests.makers import make_event

pytestmark = pytest.mark.django_db

LONG_AGO = NOON - timedelta(days=31)
LATELY = NOON - timedelta(days=29)


def make_old(**over: Any) -> Any:
    """A flag that was made more than thirty days ago, and not touched since."""
    with signed(by=None, reason="Made", now=LONG_AGO):
        return make_tried_flag("old", **{"created": LONG_AGO, "last_asked_at": LATELY, **over})


def reasons(*, declared: bool = True, used: bool = True) -> list[str]:
    found = stale.report(
        declared={"old": declaration("old")} if declared else {}, used=["old"] if used else [], now=NOON
    )
    return found.get("old", [])


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"stage": Stage.GENERAL}, "on for everyone for 30 days"),
        ({"stage": Stage.TRIAL}, "off for everyone for 30 days"),
        ({"stage": Stage.GENERAL, "is_killed": True}, "off for everyone for 30 days"),
        ({"stage": Stage.UNSTAGED, "everyone": True}, "on for everyone for 30 days"),
        ({"stage": Stage.UNSTAGED}, "off for everyone for 30 days"),
    ],
    ids=str,
)
def test_flag_that_answers_everyone_the_same_for_long_is_stale(over: dict[str, Any], expected: str) -> None:
    make_old(**over)

    assert reasons() == [expected]


@pytest.mark.parametrize("asked_at", [None, LONG_AGO])
def test_flag_that_no_code_has_asked_for_in_long_is_stale(asked_at: datetime | None) -> None:
    make_old(last_asked_at=asked_at)

    assert reasons() == ["off for everyone for 30 days", "not asked for 30 days"]


def test_flag_that_is_young_need_not_have_been_asked_for() -> None:
    make_old(created=LATELY, last_asked_at=None)

    assert reasons() == []


def test_flag_past_its_end_is_stale() -> None:
    make_old(stage=Stage.GENERAL, expires_at=NOON)

    assert reasons() == ["past its end", "off for everyone for 30 days"]


def test_flag_without_code_is_stale() -> None:
    make_old()
    grants.give(flag=make_tried_flag("young"), to=to(make_event()), terms=grants.Terms(True, "A"), by=None, now=NOON)

    assert reasons(declared=False, used=False)[-2:] == ["not declared", "asked for nowhere in the code"]


def test_flag_that_was_moved_lately_is_not_stale() -> None:
    flag = make_old()
    flags.change_stage(flag=flag, to=Stage.BETA, reason="Go", by=None, now=LATELY)

    assert reasons() == []


def test_flag_whose_description_alone_was_changed_lately_is_stale() -> None:
    flag = make_old()
    with signed(by=None, reason="Words", now=LATELY):
        flag.purpose = "Another"
        flag.save()

    assert reasons() == ["off for everyone for 30 days"]


def test_flag_with_a_grant_in_force_within_the_time_is_not_stale() -> None:
    flag = make_old()
    ends = LATELY + timedelta(days=1)
    terms = grants.Terms(is_on=True, reason="Trial", expires_at=ends)
    grants.give(flag=flag, to=to(make_event()), terms=terms, by=None, now=LONG_AGO)

    assert reasons() == []


def test_report_costs_the_same_however_many_flags(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(30):
        make_flag(f"flag-{number}")

    with django_assert_num_queries(3):
        stale.report(declared={}, used=[], now=NOON)


def test_command_names_each_stale_flag_with_its_reasons() -> None:
    out, nothing = StringIO(), StringIO()
    call_command("flags", "report", stdout=nothing)
    make_flag("old", created=now() - timedelta(days=1))

    call_command("flags", "report", stdout=out)

    assert nothing.getvalue() == "No flag is stale.\n"
    assert out.getvalue() == "old: not declared, asked for nowhere in the code\n"
