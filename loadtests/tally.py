"""What has happened so far, in one process or, merged, in all of them: counts and histograms, never a list of all."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from loadtests.histogram import Histogram

COUNTS = ("arrived", "holds", "sold", "sold_out", "errors")
ENDINGS = ("bought", "sold_out", "abandoned", "declined", "failed", "bot")
EVENT_PAGE, HOLD = "event page", "hold"
OF_A_SECOND = {EVENT_PAGE: "page", HOLD: "hold"}  # the steps whose every second is kept


@dataclass(slots=True)
class Second:
    """What happened in one second of the run; durations belong to the second in which the step was due."""

    counts: Counter[str] = field(default_factory=Counter)
    page: Histogram = field(default_factory=Histogram)
    hold: Histogram = field(default_factory=Histogram)

    def merge(self, other: "Second") -> None:
        self.counts.update(other.counts)
        self.page.merge(other.page)
        self.hold.merge(other.hold)

    def to_json(self) -> dict[str, Any]:
        return {"counts": dict(self.counts), "page": self.page.to_json(), "hold": self.hold.to_json()}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        return cls(Counter(given["counts"]), Histogram.read(given["page"]), Histogram.read(given["hold"]))


@dataclass(slots=True)
class Fault:
    """How often something went wrong in one way, and the first example of it."""

    count: int
    example: str


FaultKey = tuple[str, str, int]  # step, kind, HTTP status or 0


@dataclass(slots=True)
class Tally:
    """Steps by name, faults by their kind, endings of journeys, the edge's words, seconds, and the lateness of the
    generator itself. Times are in seconds from the beginning of the run."""

    steps: defaultdict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))
    failed_steps: Counter[str] = field(default_factory=Counter)
    faults: dict[FaultKey, Fault] = field(default_factory=dict)
    journeys: Counter[str] = field(default_factory=Counter)
    edge: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[int, Second] = field(default_factory=lambda: defaultdict(Second))
    lateness: Histogram = field(default_factory=Histogram)
    last_hold_at: float | None = None

    def count(self, what: str, at: float) -> None:
        """One more of COUNTS."""
        self.seconds[int(at)].counts[what] += 1
        if what == "holds":
            self.last_hold_at = max(at, self.last_hold_at or 0.0)

    def took(self, step: str, *, due: float, until: float) -> None:
        """A step that somebody waited for."""
        milliseconds = max(0.0, until - due) * 1000
        self.steps[step].add(milliseconds)
        if step in OF_A_SECOND:
            getattr(self.seconds[max(0, int(due))], OF_A_SECOND[step]).add(milliseconds)

    def fault(self, key: FaultKey, at: float, example: str, *, count: int = 1) -> None:
        """Something went wrong."""
        known = self.faults.setdefault(key, Fault(0, example[:300]))
        known.count += count
        self.failed_steps[key[0]] += count
        self.seconds[max(0, int(at))].counts["errors"] += count

    def total(self, what: str) -> int:
        return sum(second.counts[what] for second in self.seconds.values())

    def merge(self, other: "Tally") -> None:
        for name, histogram in other.steps.items():
            self.steps[name].merge(histogram)
        for key, fault in other.faults.items():
            self.faults.setdefault(key, Fault(0, fault.example)).count += fault.count
        for second, one in other.seconds.items():
            self.seconds[second].merge(one)
        self.failed_steps.update(other.failed_steps)
        self.journeys.update(other.journeys)
        self.edge.update(other.edge)
        self.lateness.merge(other.lateness)
        held = [at for at in (self.last_hold_at, other.last_hold_at) if at is not None]
        self.last_hold_at = max(held, default=None)

    def to_json(self) -> dict[str, Any]:
        return {
            "steps": {name: histogram.to_json() for name, histogram in self.steps.items()},
            "failed_steps": dict(self.failed_steps),
            "faults": [[*key, fault.count, fault.example] for key, fault in self.faults.items()],
            "journeys": dict(self.journeys), "edge": dict(self.edge),
            "seconds": {second: one.to_json() for second, one in self.seconds.items()},
            "lateness": self.lateness.to_json(), "last_hold_at": self.last_hold_at,
        }  # fmt: skip

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        tally = cls(
            failed_steps=Counter(given["failed_steps"]), journeys=Counter(given["journeys"]),
            edge=Counter(given["edge"]), lateness=Histogram.read(given["lateness"]), last_hold_at=given["last_hold_at"],
            faults={(step, kind, status): Fault(*seen) for step, kind, status, *seen in given["faults"]},
        )  # fmt: skip
        tally.steps.update({name: Histogram.read(one) for name, one in given["steps"].items()})
        tally.seconds.update({int(second): Second.read(one) for second, one in given["seconds"].items()})
        return tally
