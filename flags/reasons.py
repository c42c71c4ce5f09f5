"""Why a flag is on or off for an event, in words for staff."""

from collections.abc import Callable
from typing import Final

from flags.models import Stage
from flags.rules import Answer, FlagState, Given, Rule
from kit.moments import utc_text

EVERYONE: Final = {True: "on for everyone", False: "off for everyone", None: "not set for everyone, so off"}
BY_STAGE: Final = {
    Stage.TRIAL: "in trial, so off unless granted",
    Stage.BETA: "in beta, so off unless granted",
    Stage.GENERAL: "general, so on unless granted off",
}


def words(state: FlagState, answer: Answer) -> str:
    """Half a sentence: "granted to this event until 3 December 2026, 12:00 UTC: first trial"."""
    return WORDS[answer.rule](state, answer)


def _granted(given: Given | None, to: str) -> str:
    if given is None:
        return ""
    until = f" until {utc_text(given.expires_at)}" if given.expires_at else ""
    return f"granted {'on' if given.is_on else 'off'} to {to}{until}: {given.reason}"


WORDS: Final[dict[Rule, Callable[[FlagState, Answer], str]]] = {
    Rule.KILLED: lambda _state, _answer: "killed, so off for everyone",
    Rule.MISSING: lambda _state, _answer: "declared in code, but there is no such flag: run manage.py flags sync",
    Rule.PREREQUISITE: lambda _state, answer: f"needs {answer.of}, which is off here",
    Rule.EXPIRED: lambda state, _answer: f"expired on {utc_text(state.expires_at) if state.expires_at else ''}",
    Rule.RESTING: lambda state, _answer: f"{state.stage}, so off for everyone, whatever is granted",
    Rule.EVENT: lambda state, _answer: _granted(state.for_event, "this event"),
    Rule.ORGANISER: lambda state, _answer: _granted(state.for_organiser, "this organiser"),
    Rule.STAGE: lambda state, _answer: BY_STAGE[Stage(state.stage)],
    Rule.EVERYONE: lambda state, _answer: f"without a stage, and {EVERYONE[state.everyone]}",
}
