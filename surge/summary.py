"""The few figures that a rehearsal comes down to, from all that the generator has told. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

SLOW_MS: Final = 500  # the hold's limit, at the 99th percentile
NEVER_KEPT: Final = frozenset({"PASS", "BYPASS", "DISK", "EDGE"})  # orders, files and the edge's own answers
BROKEN_MS: Final = 1000  # above it a site is past its capacity

Second = Mapping[str, Any]


def summarise(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Peaks for a second, time to sell out, when it was slow, hit rate of the edge, and the capacity that was found."""
    timeline: list[Second] = list(outcome.get("timeline") or ())
    steps = outcome.get("steps") or {}
    requests = sum(int(step.get("count") or 0) for step in steps.values())
    return {
        "requests": requests,
        "requests_per_second": served_at_peak(outcome),
        "peak_arrivals": _peak(timeline, "arrived"), "peak_holds": _peak(timeline, "holds"),
        "peak_sold": _peak(timeline, "sold"),
        "sold_out_at_second": outcome.get("sold_out_at_second"),
        "slow": slow(timeline),
        "edge_hit_rate": hit_rate(outcome.get("edge") or {}),
        "capacity": capacity(timeline),
    }  # fmt: skip


def served_at_peak(outcome: Mapping[str, Any]) -> int:
    """Requests a second that were surely answered without a fault in the busiest second: as counted, where the
    generator counts them; else what is certain, the mean of all, or one request for each arrival."""
    timeline: list[Second] = list(outcome.get("timeline") or ())
    counted = [int(second["requests"]) for second in timeline if second.get("requests") is not None]
    if counted:
        return max(counted)
    steps = (outcome.get("steps") or {}).values()
    answered = sum(int(step.get("count") or 0) - int(step.get("errors") or 0) for step in steps)
    mean = answered / max(float(outcome.get("seconds") or 0), 1.0)
    arrived = max((int(one.get("arrived") or 0) - int(one.get("errors") or 0) for one in timeline), default=0)
    return int(max(mean, arrived, 0))


def hit_rate(edge: Mapping[str, int]) -> float | None:
    """The share of answers that the edge gave from its own copy; None without an edge."""
    told = {word: count for word, count in edge.items() if word.isupper() and word not in NEVER_KEPT}
    asked = sum(told.values())
    kept = sum(count for word, count in told.items() if word in {"HIT", "STALE", "UPDATING", "REVALIDATED"})
    return round(kept / asked, 4) if asked else None


def slow(timeline: Sequence[Second]) -> dict[str, Any] | None:
    """From which second to which a page or hold took longer than half a second at p99, and whether it was over before
    the end; None if it never was."""
    seconds = [one for one in timeline if _slowest(one) is not None]
    late = [int(one["second"]) for one in seconds if (_slowest(one) or 0) > SLOW_MS]
    if not late:
        return None
    return {"from": late[0], "until": late[-1], "is_over": int(seconds[-1]["second"]) > late[-1]}


def capacity(timeline: Sequence[Second]) -> dict[str, Any]:
    """The most holds and sold orders in one second with p99 of the hold within a second, and the first second in which
    it was not: where that is None, more was never asked for."""
    within = [one for one in timeline if (one.get("hold_p99_ms") or 0) <= BROKEN_MS]
    broke = [int(one["second"]) for one in timeline if (one.get("hold_p99_ms") or 0) > BROKEN_MS]
    return {
        "holds_per_second": _peak(within, "holds"), "orders_per_second": _peak(within, "sold"),
        "broke_at_second": min(broke, default=None),
    }  # fmt: skip


def _slowest(second: Second) -> float | None:
    told = [second[name] for name in ("page_p99_ms", "hold_p99_ms") if second.get(name) is not None]
    return max(told, default=None)


def _peak(timeline: Sequence[Second], name: str) -> int:
    return max((int(second.get(name) or 0) for second in timeline), default=0)
