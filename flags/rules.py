"""The rules by which flags are on or off for an event, in their order. Pure: what is told decides, nobody is asked.

1. killed: off
2. there is no such flag: off
3. a prerequisite is off: off
4. expired: off
5. draft or retired: off, whatever is granted
6. the event's grant in force
7. its organiser's grant in force
8. the stage: trial and beta are off, general is on
9. no stage: waffle's `everyone`
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from flags.models import Stage

RESTING: Final = frozenset({Stage.DRAFT, Stage.RETIRED})
BY_STAGE: Final = {Stage.TRIAL: False, Stage.BETA: False, Stage.GENERAL: True}


class Rule(StrEnum):
    """Which rule has decided."""

    KILLED = "killed"
    MISSING = "missing"
    PREREQUISITE = "prerequisite"
    EXPIRED = "expired"
    RESTING = "resting"
    EVENT = "event's grant"
    ORGANISER = "organiser's grant"
    STAGE = "stage"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Given:
    """A grant as the rules see it."""

    is_on: bool
    expires_at: datetime | None = None
    reason: str = ""

    def is_in_force(self, at: datetime) -> bool:
        return self.expires_at is None or self.expires_at > at


@dataclass(frozen=True, slots=True)
class FlagState:
    """All that decides about one flag for one event. `requires` are names of other flags."""

    name: str
    stage: str
    is_killed: bool = False
    expires_at: datetime | None = None
    everyone: bool | None = None
    requires: tuple[str, ...] = ()
    for_event: Given | None = None
    for_organiser: Given | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """On or off, by which rule; `of` is the prerequisite that is off."""

    is_on: bool
    rule: Rule
    of: str = ""


MISSING: Final = Answer(False, Rule.MISSING)


def judge(states: Iterable[FlagState], *, at: datetime) -> dict[str, Answer]:
    """The answer of each of these flags, by name; prerequisites that are not among them are missing, so off."""
    by_name = {state.name: state for state in states}
    answers: dict[str, Answer] = {}
    for name in by_name:
        _settle(name, by_name, answers, at)
    return {name: answers[name] for name in by_name}


def _settle(name: str, by_name: Mapping[str, FlagState], answers: dict[str, Answer], at: datetime) -> Answer:
    """The answer of this flag, once those that it requires have theirs."""
    state = by_name.get(name)
    if name in answers or state is None:
        return answers.get(name, MISSING)
    answers[name] = Answer(False, Rule.PREREQUISITE, name)  # so that a circle, which Postgres refuses, would be off
    if not state.is_killed:
        off = [required for required in state.requires if not _settle(required, by_name, answers, at).is_on]
        if off:
            answers[name] = Answer(False, Rule.PREREQUISITE, off[0])
            return answers[name]
    answers[name] = _by_itself(state, at)
    return answers[name]


def _by_itself(state: FlagState, at: datetime) -> Answer:
    """The answer of a flag whose prerequisites are on."""
    if state.is_killed:
        return Answer(False, Rule.KILLED)
    if state.expires_at is not None and state.expires_at <= at:
        return Answer(False, Rule.EXPIRED)
    if state.stage in RESTING:
        return Answer(False, Rule.RESTING)
    for rule, given in ((Rule.EVENT, state.for_event), (Rule.ORGANISER, state.for_organiser)):
        if given is not None and given.is_in_force(at):
            return Answer(given.is_on, rule)
    if (by_stage := BY_STAGE.get(Stage(state.stage))) is not None:
        return Answer(by_stage, Rule.STAGE)
    return Answer(bool(state.everyone), Rule.EVERYONE)
