"""Whether a rehearsal has shown that the event can go on sale. Pure: what is judged is in the figures."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from surge import capacity
from surge.summary import SLOW_MS

NAMED: Final = 5  # so many of a kind are named, the rest is counted


class Mark(StrEnum):
    """What one rule says. The worst of them decides; what was not tried decides nothing, as it says nothing."""

    FAILED = "failed"
    UNPROVEN = "unproven"
    UNTRIED = "untried"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule has found, as a sentence."""

    rule: str
    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst of its findings; of a run that was cut short it is said that it was."""

    findings: tuple[Finding, ...]
    is_partial: bool = False

    @property
    def mark(self) -> Mark:
        marks = {finding.mark for finding in self.findings}
        return next((mark for mark in (Mark.FAILED, Mark.UNPROVEN) if mark in marks), Mark.PASSED)

    @property
    def words(self) -> str:
        if self.is_partial:
            return "Aborted: what follows is of the part that was played."
        return {
            Mark.FAILED: "Failed: do not go on sale like this.",
            Mark.UNPROVEN: "Not proven: nothing broke, but it was not tried hard enough.",
            Mark.PASSED: "Passed.",
        }[self.mark]

    def as_json(self) -> dict[str, Any]:
        return {
            "mark": "aborted" if self.is_partial else self.mark.value, "words": self.words,
            "findings": [asdict(finding) for finding in self.findings],
        }  # fmt: skip


def judge(outcome: Mapping[str, Any], site: Mapping[str, Any]) -> Verdict:
    """Go through all rules. `outcome` is the generator's; `site` has `books` (surge/books.py) and `flags`
    (surge/flag_costs.py), and `stopped` with the reason if the rehearsal stopped itself."""
    is_late = bool((outcome.get("generator") or {}).get("is_bottleneck"))
    findings = [
        *_stopped(site), *_oversold(site["books"]), *_ledger(site["books"]), *_wronged(site["books"]),
        *_errors(outcome), *_hold(outcome, is_late), *_generator(outcome), *_capacity(site.get("capacity")),
        *_flags(site.get("flags") or ()),
    ]  # fmt: skip
    in_order = sorted(findings, key=lambda finding: list(Mark).index(finding.mark))
    return Verdict(tuple(in_order), is_partial=bool(outcome.get("partial", True)))


def _stopped(site: Mapping[str, Any]) -> Iterator[Finding]:
    if reason := site.get("stopped"):
        yield Finding("abort", Mark.FAILED, f"It stopped itself: {reason}")


def _oversold(books: Mapping[str, Any]) -> Iterator[Finding]:
    if sold := books["oversold"]:
        yield Finding("oversell", Mark.FAILED, f"{_counted(sold, 'place')} sold that was not there.")
    else:
        yield Finding("oversell", Mark.PASSED, "Nothing was sold that was not there.")


def _ledger(books: Mapping[str, Any]) -> Iterator[Finding]:
    if faults := books["ledger_faults"]:
        yield Finding("ledger", Mark.FAILED, f"The ledger disagrees: {_some(faults)}.")
    else:
        yield Finding("ledger", Mark.PASSED, "The ledger is clean.")


def _wronged(books: Mapping[str, Any]) -> Iterator[Finding]:
    if wronged := books["wronged"]:
        named = _some([f"{one['reference']}: {one['fault']}" for one in wronged])
        yield Finding("buyers", Mark.FAILED, f"{_counted(len(wronged), 'buyer')} saw what is not so. {named}.")
    elif books["mail_sent"]:
        yield Finding("mail", Mark.FAILED, f"{_counted(books['mail_sent'], 'mail')} of the rehearsal went out.")
    else:
        bought = books["receipts"]
        yield Finding("buyers", Mark.PASSED, f"{_counted(bought, 'buyer')} bought, and each has tickets and mail.")


def _errors(outcome: Mapping[str, Any]) -> Iterator[Finding]:
    """A polite "sold out" is no error; the generator counts none."""
    errors = [error for error in outcome.get("errors") or () if error.get("count")]
    for error in errors:
        status = f" ({error['status']})" if error.get("status") else ""
        words = (
            f"{error['step']}: {_counted(error['count'], 'time')} {error['kind']}{status}. {error.get('example') or ''}"
        )
        yield Finding(f"error: {error['kind']}", Mark.FAILED, words.strip())
    if not errors:
        yield Finding("errors", Mark.PASSED, "No request failed.")


def _hold(outcome: Mapping[str, Any], is_late: bool) -> Iterator[Finding]:
    """From the moment at which a buyer was due. While the generator itself is late, a slow hold proves nothing."""
    hold = (outcome.get("steps") or {}).get("hold") or {}
    p99 = hold.get("p99_ms")
    if not hold.get("count") or p99 is None:
        yield Finding("hold", Mark.UNPROVEN, "Nobody came as far as holding tickets.")
    elif p99 < SLOW_MS:
        yield Finding("hold", Mark.PASSED, f"99 of 100 holds took less than {p99:.0f} ms (limit {SLOW_MS}).")
    else:
        mark = Mark.UNPROVEN if is_late else Mark.FAILED
        yield Finding("hold", mark, f"1 of 100 holds took {p99:.0f} ms or longer; the limit is {SLOW_MS} ms.")


def _generator(outcome: Mapping[str, Any]) -> Iterator[Finding]:
    generator = outcome.get("generator") or {}
    if generator.get("is_bottleneck"):
        why = generator.get("why") or "it could not keep to its schedule"
        yield Finding("generator", Mark.UNPROVEN, f"The generator was the bottleneck, not the site: {why}.")
    elif not generator.get("started"):
        yield Finding("generator", Mark.UNPROVEN, "The generator sent nobody.")
    else:
        late = generator.get("late_p99_ms") or 0
        yield Finding("generator", Mark.PASSED, f"The generator kept its schedule (p99 {late:.0f} ms late).")


def _capacity(found: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Only where it was searched, and no rule: what must be carried is for whoever knows how many will come."""
    if found and found.get("searched"):
        mark = Mark.PASSED if found["visitors_per_second"] else Mark.UNPROVEN
        yield Finding("capacity", mark, capacity.words(found, {}))


def _flags(flags: Any) -> Iterator[Finding]:
    for flag in flags:
        if over := _over(flag):
            yield Finding(f"flag: {flag['name']}", Mark.FAILED, f"Flag {flag['name']} {over}.{_culprit(flag)}")
        elif flag["requests"] is None:
            yield Finding(f"flag: {flag['name']}", Mark.UNPROVEN, f"What flag {flag['name']} cost is not known.")
        elif not is_tried(flag):
            words = f"Flag {flag['name']} was on and never exercised: nothing is proven for it."
            yield Finding(f"flag: {flag['name']}", Mark.UNTRIED, words)
        else:
            yield Finding(f"flag: {flag['name']}", Mark.PASSED, f"Flag {flag['name']} kept to its budget.")


def is_tried(flag: Mapping[str, Any]) -> bool:
    """Whether any request came to what the flag does."""
    return bool(flag["requests"] or flag.get("uses"))


def _over(flag: Mapping[str, Any]) -> str:
    """How a flag has broken its budget; nothing if it has not, or has none."""
    if flag["switched_off"]:
        return f"was switched off: {flag['switched_off']}".rstrip(".")
    measures = (
        ("queries_p95", "budget_queries", "{} queries a request, and may ask {}"),
        ("ms_p95", "budget_ms", "{} ms of the database a request, and may take {}"),
    )
    for name, budget, words in measures:
        if flag[budget] is not None and (flag[name] or 0) > flag[budget]:
            return f"is over its budget: {words.format(flag[name], flag[budget])}"
    return ""


def _culprit(flag: Mapping[str, Any]) -> str:
    """Where it is slow, as far as is known."""
    route = f" Worst at {flag['routes'][0]['route']}." if flag["routes"] else ""
    statement = flag["statement"]
    if not statement:
        return route
    return f"{route} Its statement, {statement['mean_ms']} ms each time: {statement['text']}"


def _some(texts: list[str]) -> str:
    rest = len(texts) - NAMED
    return "; ".join(texts[:NAMED]) + (f"; and {rest} more" if rest > 0 else "")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
