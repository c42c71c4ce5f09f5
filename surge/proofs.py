"""What a rehearsal says of the flags that were on: proven, found against, never exercised, or left open. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from surge.verdict import Mark, Verdict, is_tried

RULE: Final = "flag: "
# What each kind is called in a report, in the order of their weight.
KINDS: Final[Mapping[str, str]] = {
    "against": "Found against", "proven": "Proven", "untried": "On and never exercised, so nothing is proven",
    "open": "Exercised in a sale that did not pass, so nothing is proven",
}  # fmt: skip


def proofs_of(verdict: Verdict, flags: Sequence[Mapping[str, Any]], *, has_passed: bool) -> dict[str, list[str]]:
    """The names of the flags by KINDS. Only what the verdict names is held against a flag: a sale that was too much for
    the machine says nothing of a flag that kept to its budget."""
    failed = against(verdict)
    kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for flag in flags:
        name = flag["name"]
        held = "proven" if has_passed else "open"
        kinds["against" if name in failed else held if is_tried(flag) else "untried"].append(name)
    return kinds


def against(verdict: Verdict) -> dict[str, str]:
    """What was found against each flag, in words."""
    return {
        finding.rule.removeprefix(RULE): finding.words
        for finding in verdict.findings if finding.rule.startswith(RULE) and finding.mark is Mark.FAILED
    }  # fmt: skip


def told(evidence: Mapping[str, Sequence[str]] | None) -> list[tuple[str, str]]:
    """For a report: each kind with its flags, those without any left out."""
    return [(words, ", ".join(names)) for kind, words in KINDS.items() if (names := (evidence or {}).get(kind))]
