"""The audit: whatever changes a flag leaves a row, signed as well as can be, and no row is ever changed."""

import pytest
from django.db import connection, transaction

from flags.actions import flags, grants
from flags.audit import signed
from flags.models import Change, Flag, Grant, Prerequisite, Stage
from tests.flags.makers import HOUR, NOON, make_flag, make_grant, make_tried_flag, to
from tests.makers import make_event, make_organiser, make_user

pytestmark = pytest.mark.django_db


def last() -> Change:
    change = Change.objects.first()
    assert change is not None
    return change


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        return f"database: {cursor.fetchone()[0]}"


def test_change_by_an_act_says_who_when_why_and_what_was_before() -> None:
    flag = make_flag(stage=Stage.TRIAL)
    ada = make_user(email="ada@example.com")

    flags.change_stage(flag=flag, to=Stage.BETA, reason="It held", by=ada, now=NOON)

    change = last()
    assert (change.by, change.at, change.reason) == ("ada@example.com", NOON, "It held")
    assert (change.flag, change.what, change.before, change.after) == (
        flag.name, "flag changed", {"stage": "trial"}, {"stage": "beta"},
    )  # fmt: skip


def test_change_by_hand_is_signed_by_the_database_role() -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE flags_grant SET is_on = false")

    change = last()
    assert (change.by, change.reason, change.flag, change.event) == (role(), "", flag.name, event)
    assert (change.what, change.before, change.after) == ("grant changed", {"is_on": True}, {"is_on": False})


def test_change_that_goes_past_the_acts_is_no_exception() -> None:
    flag, organiser = make_flag(), make_organiser()
    required = Prerequisite.objects.create(flag=flag, requires=make_flag("seats"))
    Flag.objects.filter(pk=flag.pk).update(everyone=True)
    grant = make_grant(flag, organiser)

    grant.delete()
    required.delete()
    flag.delete()

    found = list(Change.objects.filter(flag=flag.name).order_by("pk"))
    assert [change.what for change in found] == [
        "flag added", "prerequisite added", "flag changed", "grant added", "grant removed", "prerequisite removed",
        "flag removed",
    ]  # fmt: skip
    assert {change.by for change in found} == {role()}
    assert [change.organiser_id for change in found[3:5]] == [organiser.pk] * 2
    assert (found[1].after or {})["requires"] == "seats"


def test_audit_outlives_what_it_tells_of() -> None:
    flag, event = make_tried_flag(), make_event(state="draft")
    grants.give(flag=flag, to=to(event), terms=grants.Terms(True, "Trial"), by=None, now=NOON)
    event_id = event.pk

    event.delete()
    flag.delete()

    kept = Change.objects.select_related("event").filter(what="grant added").get()
    assert (kept.event_id, kept.event, kept.flag) == (event_id, None, flag.name)


def test_signature_ends_with_its_act() -> None:
    flag = make_flag()
    flags.kill(flag=flag, reason="Signed", by=None, now=NOON)

    Flag.objects.filter(pk=flag.pk).update(is_killed=False)

    assert (last().by, last().reason) == (role(), "")


def test_signature_ends_with_an_act_that_fails() -> None:
    flag = make_flag()
    with pytest.raises(flags.NotAStep), transaction.atomic():
        flags.change_stage(flag=flag, to=Stage.GENERAL, reason="Too far", by=None, now=NOON)

    Flag.objects.filter(pk=flag.pk).update(is_killed=True)

    assert (last().by, last().reason) == (role(), "")


def test_saving_without_a_change_leaves_no_row() -> None:
    flag = make_flag()
    before = Change.objects.count()

    with signed(by=None, reason="Nothing", now=NOON + HOUR):
        flag.save()
        Grant.objects.update(is_on=True)

    assert Change.objects.count() == before


def test_of_answers_leaves_out_what_only_describes() -> None:
    flag = make_flag()
    Flag.objects.update(purpose="Another")
    Flag.objects.update(is_killed=True)

    found = [change.after for change in Change.objects.of_answers().filter(flag=flag.name, what="flag changed")]

    assert found == [{"is_killed": True}]
