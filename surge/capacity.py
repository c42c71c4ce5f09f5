"""What a site carries: short steady sales, each with more visitors a second, judged one by one. Pure.

The rate is doubled until a step breaks, then halved between the last that was carried and the first that broke, until
they are close. A step breaks when 1 of 100 holds takes longer than a second from when its buyer was due, when any
request fails, or when completed orders fall behind: holds go first, so on full cores it is those who hold tickets that
wait, ever longer. What a step carries is counted in its last two thirds, while visitors still come: what is done after
them would not be done in time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from surge.summary import BROKEN_MS

START: Final = 10.0  # visitors a second
LEAST: Final = 1.0
CLOSE: Final = 1.15  # a carried and a broken rate as near as that are near enough
MOST_STEPS: Final = 12
WARM: Final = 1 / 3  # of a step's time: orders are on their way, and few are complete
BEHIND: Final = 0.75  # of the orders that came of so many holds while nobody waited,
ENOUGH: Final = 50  # where there were so many holds that chance has little to say
NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One short sale at a rate. `broke` says why it was not carried, `late` why the generator could not ask for so
    much; empty if neither."""

    visitors_per_second: float
    arrived: int
    holds_per_second: float
    orders_per_second: float
    hold_p99_ms: float | None
    errors: int
    broke: str
    late: str

    @property
    def is_carried(self) -> bool:
        return not self.broke and not self.late

    @property
    def orders_per_hold(self) -> float:
        return self.orders_per_second / self.holds_per_second if self.holds_per_second else 0.0


def step_of(
    rate: float, seconds: float, outcome: Mapping[str, Any], *, stopped: str = "", before: Sequence[Step] = ()
) -> Step:
    """What came of a steady sale of so many seconds. `stopped` is why it was ended early, if it was; `before` are the
    steps before it, the slowest of which shows how many orders come of so many holds."""
    hold = (outcome.get("steps") or {}).get("hold") or {}
    generator = outcome.get("generator") or {}
    whole = [one for one in outcome.get("timeline") or () if WARM * seconds <= one["second"] < int(seconds)]
    errors = sorted((one for one in outcome.get("errors") or () if one.get("count")), key=lambda one: -one["count"])
    p99 = hold.get("p99_ms") if hold.get("count") else None
    step = Step(
        round(rate, 1), int(generator.get("started") or 0), _mean(whole, "holds"), _mean(whole, "sold"), p99,
        sum(one["count"] for one in errors), _broke(p99, errors, stopped),
        str(generator.get("why") or "it was late") if generator.get("is_bottleneck") else "",
    )  # fmt: skip
    slowest = min((one for one in before if one.is_carried), key=_rate, default=None)
    is_few = step.holds_per_second * len(whole) < ENOUGH
    if slowest is None or is_few or step.broke or step.orders_per_hold >= BEHIND * slowest.orders_per_hold:
        return step
    now, then = (f"{100 * one.orders_per_hold:.0f}" for one in (step, slowest))
    return replace(step, broke=f"orders fell behind: {now} were completed for each 100 holds, where it had been {then}")


def next_rate(steps: Sequence[Step], *, ceiling: float | None = None) -> float | None:
    """At how many visitors a second to try next, never above the ceiling; None when nothing more is to be found."""
    most = ceiling or float("inf")
    if not steps:
        return min(START, most)
    good, bad = last_carried(steps), first_broken(steps)
    if len(steps) >= MOST_STEPS:
        return None
    if bad is None:
        rate = min(steps[-1].visitors_per_second * 2, most)
        return rate if rate > steps[-1].visitors_per_second else None
    if good is None:
        rate = bad.visitors_per_second / 2
        return rate if rate >= LEAST else None
    if bad.visitors_per_second <= good.visitors_per_second * CLOSE:
        return None
    return round(math.sqrt(good.visitors_per_second * bad.visitors_per_second), 1)


def last_carried(steps: Sequence[Step]) -> Step | None:
    """The highest rate that was carried below any that was not."""
    bad = first_broken(steps)
    carried = [one for one in steps if one.is_carried and (bad is None or _rate(one) < _rate(bad))]
    return max(carried, key=_rate, default=None)


def first_broken(steps: Sequence[Step]) -> Step | None:
    """The lowest rate that was not carried, or not asked for in time."""
    return min((one for one in steps if not one.is_carried), key=_rate, default=None)


def found(steps: Sequence[Step], *, seconds: float, ended: str = "") -> dict[str, Any]:
    """What was found, as it is kept. `ended` is why the search was not brought to its end, if it was not.

    `is_at_least`: more may be carried, as nothing broke, or the generator did.
    """
    good, bad = last_carried(steps), first_broken(steps)
    late = f"the generator could not ask for more: {bad.late}" if bad and bad.late else ""
    return {
        "searched": True, "step_seconds": seconds, "limit_ms": BROKEN_MS,
        "visitors_per_second": good.visitors_per_second if good else 0.0,
        "holds_per_second": good.holds_per_second if good else 0.0,
        "orders_per_second": good.orders_per_second if good else 0.0,
        "is_at_least": bad is None or bool(bad.late), "ended": ended,
        "broke_at": bad.visitors_per_second if bad else None,
        "broke_first": "; ".join(filter(None, (late, bad.broke if bad else ""))),
        "steps": [asdict(step) for step in sorted(steps, key=_rate)],
    }  # fmt: skip


def words(given: Mapping[str, Any] | None, summary: Mapping[str, Any]) -> str:
    """In a few sentences, for whoever reads a verdict or a report; where nothing was searched, what the sale had."""
    if not given or not given.get("searched"):
        why = f": {given['ended']}" if given else "."
        most = f"{summary.get('peak_holds') or 0} holds and {summary.get('peak_sold') or 0} orders"
        return f"What the site carries was not searched{why} The busiest second of the sale had {most}."
    ended = f" The search ended early: {given['ended']}" if given["ended"] else ""
    if not given["visitors_per_second"]:
        why = f": {given['broke_first']}" if given["broke_first"] else ""
        return f"No rate was found that it carries{why}.{ended}"
    amount = f"{given['holds_per_second']:.1f} holds and {given['orders_per_second']:.1f} completed orders a second"
    at_least = "at least " if given["is_at_least"] else ""
    most = f"It carries {at_least}{amount}, at {given['visitors_per_second']:g} visitors a second."
    if given["broke_at"] is None:
        return f"{most} More was not asked for.{ended}"
    return f"{most} What broke first, at {given['broke_at']:g} a second: {given['broke_first']}.{ended}"


def _broke(p99: float | None, errors: Sequence[Mapping[str, Any]], stopped: str) -> str:
    """All that is wrong with a step, errors first."""
    named = [f"{one['step']}: {one['kind']}, {one['count']} times" for one in errors[:NAMED]]
    slow = f"1 of 100 holds took {p99:,.0f} ms or longer" if p99 is not None and p99 > BROKEN_MS else ""
    nobody = "nobody came as far as holding tickets" if p99 is None else ""
    reasons = [*named, slow, nobody]
    if stopped and not any(reasons):
        reasons.append(f"it stopped itself: {stopped}".rstrip("."))
    return "; ".join(filter(None, reasons))


def _mean(seconds: Sequence[Mapping[str, Any]], name: str) -> float:
    return round(sum(int(one.get(name) or 0) for one in seconds) / len(seconds), 1) if seconds else 0.0


def _rate(step: Step) -> float:
    return step.visitors_per_second
