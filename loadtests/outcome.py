"""What came of a sale, from the merged tallies of all processes to what is printed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loadtests.tally import COUNTS, ENDINGS, Tally

LATE_MS = 50.0
BUSY_SHARE, BUSY_SECONDS = 0.9, 5.0
Cpu = Sequence[tuple[float, float]]  # seconds of the run, and of the process's CPU until then


@dataclass(frozen=True, slots=True)
class Run:
    """How the generator itself did: `due` are the moments of the whole schedule, `cpu` one series a process."""

    due: Sequence[float]
    started: int
    cpu: Sequence[Cpu]
    began_at: datetime
    seconds: float
    is_partial: bool


def outcome(tally: Tally, run: Run) -> dict[str, Any]:
    """The outcome as it is printed; milliseconds are counted from when a step was due."""
    return {
        "partial": run.is_partial,
        "began_at": run.began_at.isoformat(),
        "seconds": round(run.seconds, 3),
        "generator": _generator(tally, run),
        "steps": {name: _step(tally, name) for name in sorted({*tally.steps, *tally.failed_steps})},
        "journeys": {name: tally.journeys[name] for name in ENDINGS},
        "errors": [
            {"step": step, "kind": kind, "status": status, "count": fault.count, "example": fault.example}
            for (step, kind, status), fault in sorted(tally.faults.items(), key=lambda one: -one[1].count)
        ],
        "timeline": _timeline(tally, run),
        "edge": dict(tally.edge),
        "sold_out_at_second": _sold_out_at(tally),
    }


def _generator(tally: Tally, run: Run) -> dict[str, Any]:
    late, share = tally.lateness.percentile(0.99), max(map(busiest, run.cpu), default=0.0)
    missed = 0 if run.is_partial else len(run.due) - run.started
    why = [
        f"{missed} of {len(run.due)} visitors could never be started" if missed else "",
        f"1 in 100 was more than {late:.0f} ms late, where {LATE_MS:.0f} are allowed" if late > LATE_MS else "",
        f"a process used {share:.0%} of a core over {BUSY_SECONDS:.0f} s" if share > BUSY_SHARE else "",
    ]
    reasons = "; ".join(filter(None, why))
    return {
        "processes": len(run.cpu), "scheduled": len(run.due), "started": run.started, "late_p99_ms": round(late, 2),
        "cpu_share": round(share, 3), "is_bottleneck": bool(reasons), "why": reasons,
    }  # fmt: skip


def busiest(cpu: Cpu) -> float:
    """The largest share of a core over any BUSY_SECONDS on end, or over all of it when that is less."""
    pairs = [
        (early, next((late for late in cpu[number:] if late[0] - early[0] >= BUSY_SECONDS), None))
        for number, early in enumerate(cpu)
    ]
    whole = [(early, late) for early, late in pairs if late is not None]
    if not whole and len(cpu) > 1:
        whole = [(cpu[0], cpu[-1])]
    return max(((late[1] - early[1]) / (late[0] - early[0]) for early, late in whole), default=0.0)


def _step(tally: Tally, name: str) -> dict[str, float]:
    took = tally.steps[name]
    shares = {f"p{share}_ms": round(took.percentile(share / 100), 2) for share in (50, 95, 99)}
    return {"count": took.count, "errors": tally.failed_steps[name], **shares, "max_ms": round(took.max_ms, 2)}


def _timeline(tally: Tally, run: Run) -> list[dict[str, Any]]:
    scheduled = Counter(map(int, run.due))
    last = max([*scheduled, *tally.seconds], default=-1)
    if run.is_partial:
        last = min(last, int(run.seconds))
    return [_second(tally, second, scheduled) for second in range(last + 1)]


def _second(tally: Tally, second: int, scheduled: Mapping[int, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"second": second, "scheduled": scheduled.get(second, 0)}
    if second not in tally.seconds:
        return row | dict.fromkeys(COUNTS, 0) | {"page_p99_ms": None, "hold_p99_ms": None}
    one = tally.seconds[second]
    times = {"page_p99_ms": one.page, "hold_p99_ms": one.hold}
    return (
        row
        | {name: one.counts[name] for name in COUNTS}
        | {name: round(took.percentile(0.99), 2) if took.count else None for name, took in times.items()}
    )


def _sold_out_at(tally: Tally) -> float | None:
    """When the last tickets were taken, if anybody was told afterwards that none are left."""
    told = [second for second, one in tally.seconds.items() if one.counts["sold_out"]]
    if not told or (tally.last_hold_at is not None and max(told) < int(tally.last_hold_at)):
        return None
    return round(tally.last_hold_at or 0.0, 3)
