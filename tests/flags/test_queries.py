"""The snapshot: one query however many flags, and every field of it read from where it is; and why, in words."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from pytest_django import DjangoAssertNumQueries

from events.models import Event
from flags import registry
from flags.models import Flag, Grant, Prerequisite, Stage
from flags.queries import Explanation, explain
from flags.rules import FlagState, Rule
from tests.flags.makers import HOUR, NOON, answers, declaration, is_on, make_flag, make_grant
from tests.flags.test_rules import as_the_list_reads, houses
from tests.makers import make_event, make_organiser

pytestmark = pytest.mark.django_db


def why(event: Event) -> list[Explanation]:
    return explain(event.pk, organiser_id=event.organiser_id, now=NOON)


@pytest.mark.parametrize("is_granted", [True, False])
def test_grant_to_an_event_decides_for_it_and_no_other(is_granted: bool) -> None:
    flag, event = make_flag(stage=Stage.TRIAL if is_granted else Stage.GENERAL), make_event()
    other = make_event(organiser=event.organiser)
    make_grant(flag, event, is_on=is_granted)

    assert (is_on(flag, event), is_on(flag, other)) == (is_granted, not is_granted)


@pytest.mark.parametrize("is_granted", [True, False])
def test_grant_to_an_organiser_decides_for_all_their_events_and_no_others(is_granted: bool) -> None:
    flag, organiser = make_flag(stage=Stage.TRIAL if is_granted else Stage.GENERAL), make_organiser()
    events = [make_event(organiser=organiser) for _ in range(2)]
    make_grant(flag, organiser, is_on=is_granted)

    assert [is_on(flag, event) for event in (*events, make_event())] == [is_granted, is_granted, not is_granted]


def test_event_goes_before_its_organiser_while_its_grant_holds() -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event.organiser)
    make_grant(flag, event, is_on=False, expires_at=NOON + HOUR)

    assert [is_on(flag, event, now) for now in (NOON, NOON + HOUR)] == [False, True]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, True),
        ({"is_killed": True}, False),
        ({"expires_at": NOON}, False),
        ({"expires_at": NOON + HOUR}, True),
        ({"stage": Stage.DRAFT}, False),
        ({"stage": Stage.UNSTAGED, "everyone": True}, True),
        ({"stage": Stage.UNSTAGED, "everyone": None}, False),
    ],
    ids=str,
)
def test_what_the_flag_itself_says_is_read(over: dict[str, Any], expected: bool) -> None:
    flag = make_flag(**{"stage": Stage.GENERAL, **over})

    assert is_on(flag, make_event()) is expected


def test_prerequisite_is_judged_for_the_same_event() -> None:
    seats, maps = make_flag(), make_flag(stage=Stage.GENERAL)
    Prerequisite.objects.create(flag=maps, requires=seats)
    event, other = make_event(), make_event()
    make_grant(seats, event)

    assert (is_on(maps, event), is_on(maps, other)) == (True, False)


@pytest.mark.parametrize("many", [1, 200])
def test_snapshot_is_one_query_however_many_flags_there_are(
    django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    event, other = make_event(), make_event()
    made = [make_flag(f"flag-{number}", stage=Stage.BETA) for number in range(many)]
    Grant.objects.bulk_create(Grant(flag=flag, event=other, reason="Other") for flag in made)
    Grant.objects.bulk_create(Grant(flag=flag, event=event, reason="Trial") for flag in made[::3])
    Grant.objects.bulk_create(Grant(flag=flag, organiser=event.organiser, reason="Trial") for flag in made[::5])
    Prerequisite.objects.bulk_create(Prerequisite(flag=flag, requires=made[0]) for flag in made[1::2])

    with django_assert_num_queries(1):
        found = answers(event)

    assert found == {f"flag-{number}": number % 3 == 0 or number % 5 == 0 for number in range(many)}


def test_snapshot_without_flags_is_empty() -> None:
    assert answers(make_event()) == {}


@settings(max_examples=40, deadline=None)
@given(houses())
def test_any_house_of_flags_in_the_database_answers_as_the_list_of_rules_reads(states: list[FlagState]) -> None:
    house = {state.name: state for state in states}
    with transaction.atomic():
        event = make_event()
        flags = {
            state.name: make_flag(
                state.name, stage=state.stage, is_killed=state.is_killed, expires_at=state.expires_at,
                everyone=state.everyone,
            )
            for state in states
        }  # fmt: skip
        for state in states:
            for required in state.requires:
                Prerequisite.objects.create(flag=flags[state.name], requires=flags[required])
            for grant, whom in ((state.for_event, event), (state.for_organiser, event.organiser)):
                if grant:
                    make_grant(flags[state.name], whom, is_on=grant.is_on, expires_at=grant.expires_at)
                make_grant(flags[state.name], make_event(), is_on=True)

        found = answers(event)
        transaction.set_rollback(True)

    assert found == {name: as_the_list_reads(state, house) for name, state in house.items()}


def test_explanation_says_for_each_flag_which_rule_decided(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, until = make_event(), NOON + timedelta(days=14)
    killed = make_flag("a-killed", is_killed=True, stage=Stage.GENERAL)
    Prerequisite.objects.create(flag=make_flag("b-needs", stage=Stage.GENERAL), requires=killed)
    make_flag("c-expired", expires_at=NOON)
    make_grant(make_flag("d-draft", stage=Stage.DRAFT), event)
    make_grant(make_flag("e-event"), event, reason="Ada asked", expires_at=until)
    make_grant(make_flag("f-organiser", stage=Stage.GENERAL), event.organiser, is_on=False, reason="Too slow")
    for name, stage in (("g-trial", Stage.TRIAL), ("h-beta", Stage.BETA), ("i-general", Stage.GENERAL)):
        make_flag(name, stage=stage)
    for name, everyone in (("j-yes", True), ("k-no", False), ("l-unset", None)):
        make_flag(name, stage=Stage.UNSTAGED, everyone=everyone)
    monkeypatch.setattr(registry, "_declared", {"m-not-made": declaration("m-not-made")})

    with django_assert_num_queries(1):
        found = why(event)

    assert [(one.flag, one.is_on, one.rule, one.words) for one in found] == [
        ("a-killed", False, Rule.KILLED, "killed, so off for everyone"),
        ("b-needs", False, Rule.PREREQUISITE, "needs a-killed, which is off here"),
        ("c-expired", False, Rule.EXPIRED, "expired on 1 May 2030, 12:00 UTC"),
        ("d-draft", False, Rule.RESTING, "draft, so off for everyone, whatever is granted"),
        ("e-event", True, Rule.EVENT, "granted on to this event until 15 May 2030, 12:00 UTC: Ada asked"),
        ("f-organiser", False, Rule.ORGANISER, "granted off to this organiser: Too slow"),
        ("g-trial", False, Rule.STAGE, "in trial, so off unless granted"),
        ("h-beta", False, Rule.STAGE, "in beta, so off unless granted"),
        ("i-general", True, Rule.STAGE, "general, so on unless granted off"),
        ("j-yes", True, Rule.EVERYONE, "without a stage, and on for everyone"),
        ("k-no", False, Rule.EVERYONE, "without a stage, and off for everyone"),
        ("l-unset", False, Rule.EVERYONE, "without a stage, and not set for everyone, so off"),
        ("m-not-made", False, Rule.MISSING, "declared in code, but there is no such flag: run manage.py flags sync"),
    ]  # fmt: skip


def test_explanation_answers_as_the_snapshot_does() -> None:
    event = make_event()
    for stage in Stage:
        make_grant(make_flag(stage=stage), event, expires_at=datetime(2031, 1, 1, tzinfo=NOON.tzinfo))
        make_flag(stage=stage, everyone=True)

    assert {one.flag: one.is_on for one in why(event) if one.rule != Rule.MISSING} == answers(event)
    assert Flag.objects.count() == 2 * len(Stage)
