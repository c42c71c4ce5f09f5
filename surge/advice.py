"""What to do after a rehearsal, in words, for whoever runs the site and for the event's organiser. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from surge.models import RunState

Finding = Mapping[str, Any]
HEADLINES: Final[Mapping[str, str]] = {
    RunState.RUNNING: "It is being played. There is nothing to judge yet.",
    RunState.PASSED: "Passed: it can go on sale like this.",
    RunState.FAILED: "Failed: do not go on sale like this.",
    RunState.UNPROVEN: "Not proven: nothing broke, but it was not tried hard enough.",
    RunState.ABORTED: "Aborted: stopped before its end.",
}
FOR_STATE: Final[Mapping[str, str]] = {
    RunState.RUNNING: "Load this page again when it is over.",
    RunState.PASSED: "Keep code, flags and ticket types as they are; when one of them changes, rehearse again.",
    RunState.FAILED: "Mend what is named below, then rehearse again.",
    RunState.UNPROVEN: "Rehearse again in a way that tries it hard enough.",
    RunState.ABORTED: "Rehearse again and let it come to its end.",
}
FOR_RULE: Final[Mapping[str, str]] = {
    "oversell": "Sell nothing with this code: places were sold that are not there.",
    "ledger": "Sell nothing with this code: run manage.py check_ledger and follow what it names.",
    "buyers": "Sell nothing with this code: buyers were shown what is not so.",
    "mail": "Find out why mail of a rehearsal left, before anything else.",
    "abort": "Begin with the errors below: there were so many that it stopped itself.",
    "error: busy": "Buyers were sent away. Give the site more processes or cores, or open the sale in steps.",
    "error": "Look up the examples of the errors in the site's log, by their time.",
    "hold": "See below from which second on holds waited; rehearse with half the crowd to learn what the site carries.",
    "generator": "Send the crowd from a machine of its own, or send fewer.",
}
FOR_FLAGS: Final[Mapping[str, str]] = {
    "failed": "Switch the flag {} off for this event, or have it mended.",
    "untried": "Nobody came to what the flag {} does: look at it by hand, or switch it off for this event.",
}
FOR_ORGANISER: Final[Mapping[str, str]] = {
    RunState.RUNNING: FOR_STATE[RunState.RUNNING],
    RunState.PASSED: "Nothing is left to do. If you change your ticket types, ask us for another rehearsal.",
    RunState.FAILED: "We mend what is named below and rehearse again. If your sale opens soon, talk to us.",
    RunState.UNPROVEN: "We rehearse again with a larger crowd or elsewhere. It is no sign that anything is wrong.",
    RunState.ABORTED: "We rehearse again. It says nothing about your sale.",
}


def next_steps(state: str, findings: Iterable[Finding], *, is_for_organiser: bool = False) -> list[str]:
    """What to do, the most urgent first; each thing once."""
    if is_for_organiser:
        return [FOR_ORGANISER[state]]
    bad = [finding for finding in findings if finding["mark"] != "passed"]
    return [*dict.fromkeys(words for finding in bad if (words := _advice(finding))), FOR_STATE[state]]


def _advice(finding: Finding) -> str:
    rule = str(finding["rule"])
    if rule.startswith("flag: "):
        return FOR_FLAGS.get(str(finding["mark"]), "").format(rule.removeprefix("flag: "))
    return FOR_RULE.get(rule) or FOR_RULE.get(rule.partition(":")[0], "")
