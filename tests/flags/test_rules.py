"""The rules and their order: each against the next, and all of them at random against a reading of their list."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flags.models import Stage
from flags.rules import FlagState, Given, Rule, judge
from tests.flags.makers import HOUR, NOON

PAST, FUTURE = NOON - HOUR, NOON + HOUR
ON, OFF = Given(True, FUTURE), Given(False, FUTURE)

# What makes each rule decide, in the rules' order, and what it says.
DECIDES: dict[Rule, tuple[dict[str, Any], bool]] = {
    Rule.KILLED: ({"is_killed": True}, False),
    Rule.PREREQUISITE: ({"requires": ("other",)}, False),
    Rule.EXPIRED: ({"expires_at": NOON}, False),
    Rule.RESTING: ({"stage": Stage.DRAFT}, False),
    Rule.EVENT: ({"for_event": ON}, True),
    Rule.ORGANISER: ({"for_organiser": OFF}, False),
    Rule.STAGE: ({"stage": Stage.GENERAL}, True),
    Rule.EVERYONE: ({"everyone": False}, False),
}
ORDER = list(DECIDES)


def judged(**over: Any) -> tuple[bool, Rule]:
    """The answer of one flag beside another that is off."""
    state = FlagState(**{"name": "flag", "stage": Stage.UNSTAGED, **over})
    answer = judge([state, FlagState("other", Stage.TRIAL)], at=NOON)["flag"]
    return answer.is_on, answer.rule


@pytest.mark.parametrize("rule", ORDER)
def test_each_rule_decides_where_none_before_it_does(rule: Rule) -> None:
    facts, expected = DECIDES[rule]

    assert judged(**facts) == (expected, rule)


@pytest.mark.parametrize(("first", "second"), list(pairwise(ORDER)))
def test_each_rule_goes_before_the_next(first: Rule, second: Rule) -> None:
    facts = {**DECIDES[second][0], **DECIDES[first][0]}

    assert judged(**facts) == (DECIDES[first][1], first)


@pytest.mark.parametrize("place", range(len(ORDER)))
def test_each_rule_goes_before_all_that_follow_though_they_say_the_opposite(place: int) -> None:
    rule = ORDER[place]
    facts: dict[str, Any] = {"everyone": not DECIDES[rule][1]}
    for later in reversed(ORDER[place + 1 :]):
        facts |= DECIDES[later][0]

    assert judged(**{**facts, **DECIDES[rule][0]}) == (DECIDES[rule][1], rule)


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.RETIRED])
def test_resting_flag_is_off_whatever_is_granted(stage: Stage) -> None:
    assert judged(stage=stage, for_event=ON, for_organiser=ON, everyone=True) == (False, Rule.RESTING)


@pytest.mark.parametrize("stage", [Stage.TRIAL, Stage.BETA])
def test_trial_and_beta_are_off_unless_granted(stage: Stage) -> None:
    assert judged(stage=stage, everyone=True) == (False, Rule.STAGE)
    assert judged(stage=stage, for_organiser=ON) == (True, Rule.ORGANISER)


def test_general_is_on_unless_granted_off() -> None:
    assert judged(stage=Stage.GENERAL, everyone=False) == (True, Rule.STAGE)
    assert judged(stage=Stage.GENERAL, for_organiser=OFF) == (False, Rule.ORGANISER)
    assert judged(stage=Stage.GENERAL, for_organiser=OFF, for_event=ON) == (True, Rule.EVENT)


@pytest.mark.parametrize(("everyone", "expected"), [(True, True), (False, False), (None, False)])
def test_flag_without_a_stage_is_what_it_is_for_everyone(everyone: bool | None, expected: bool) -> None:
    assert judged(everyone=everyone) == (expected, Rule.EVERYONE)


@pytest.mark.parametrize("field", ["for_event", "for_organiser"])
@pytest.mark.parametrize(
    ("expires_at", "expected"), [(PAST, False), (NOON, False), (FUTURE, True), (None, True)], ids=str
)
def test_grant_holds_until_it_expires(field: str, expires_at: datetime | None, expected: bool) -> None:
    assert judged(stage=Stage.TRIAL, **{field: Given(True, expires_at)})[0] is expected


@pytest.mark.parametrize(("expires_at", "expected"), [(PAST, False), (NOON, False), (FUTURE, True), (None, True)])
def test_flag_is_off_from_its_end_on(expires_at: datetime | None, expected: bool) -> None:
    assert judged(stage=Stage.GENERAL, expires_at=expires_at)[0] is expected


def test_prerequisites_go_all_the_way_down() -> None:
    def chain(last: Stage) -> dict[str, bool]:
        states = [FlagState(str(n), Stage.GENERAL, requires=(str(n + 1),)) for n in range(300)]
        found = judge([*states, FlagState("300", last)], at=NOON)
        return {name: answer.is_on for name, answer in found.items()}

    assert set(chain(Stage.GENERAL).values()) == {True}
    assert set(chain(Stage.TRIAL).values()) == {False}


def test_prerequisite_that_is_missing_is_off() -> None:
    assert judged(stage=Stage.GENERAL, requires=("nowhere",)) == (False, Rule.PREREQUISITE)


def test_circle_which_postgres_refuses_would_be_off_and_end() -> None:
    states = [FlagState(str(n), Stage.GENERAL, requires=(str((n + 1) % 3),)) for n in range(3)]

    assert {answer.is_on for answer in judge(states, at=NOON).values()} == {False}


moments = st.sampled_from([None, PAST, NOON, FUTURE])
grants = st.none() | st.builds(Given, is_on=st.booleans(), expires_at=moments)


@st.composite
def houses(draw: st.DrawFn) -> list[FlagState]:
    """Flags that require only those before them, in any order."""
    states = [
        FlagState(
            name=str(n), stage=draw(st.sampled_from(list(Stage))), is_killed=draw(st.booleans()),
            expires_at=draw(moments), everyone=draw(st.sampled_from([None, True, False])),
            requires=tuple(draw(st.sets(st.sampled_from([str(m) for m in range(n)]), max_size=2)) if n else ()),
            for_event=draw(grants), for_organiser=draw(grants),
        )
        for n in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    return list(draw(st.permutations(states)))


def as_the_list_reads(state: FlagState, house: dict[str, FlagState]) -> bool:
    """The nine rules one after another, without a thought for speed."""
    for is_off in (
        state.is_killed,
        any(not as_the_list_reads(house[name], house) for name in state.requires),
        state.expires_at is not None and state.expires_at <= NOON,
        state.stage in {"draft", "retired"},
    ):
        if is_off:
            return False
    for grant in (state.for_event, state.for_organiser):
        if grant and (grant.expires_at is None or grant.expires_at > NOON):
            return grant.is_on
    if state.stage != "unstaged":
        return state.stage == "general"
    return state.everyone is True


@settings(max_examples=300)
@given(houses())
def test_any_house_of_flags_is_judged_as_the_list_reads(states: list[FlagState]) -> None:
    house = {state.name: state for state in states}

    found = judge(states, at=NOON)

    assert {name: answer.is_on for name, answer in found.items()} == {
        name: as_the_list_reads(state, house) for name, state in house.items()
    }
