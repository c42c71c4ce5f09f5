"""Figures of what flags cost: of one request, and of many together, with what 95 of 100 requests kept to."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final


def _rungs() -> Iterator[int]:
    """0 to 10 one by one, then each a tenth above the one before, up to ten million."""
    rung = 0
    while rung < 10_000_000:
        yield rung
        rung = rung + 1 if rung < 10 else rung + rung // 10


RUNGS: Final = tuple(_rungs())


def rung_of(value: int) -> int:
    """The rung that stands for a value: itself up to 10, then up to a tenth more."""
    return RUNGS[min(bisect_left(RUNGS, value), len(RUNGS) - 1)]


@dataclass(slots=True)
class Spending:
    """What one request has asked of the database for one flag."""

    queries: int = 0
    rows: int = 0
    seconds: float = 0.0

    def add(self, *, queries: int, seconds: float, rows: int) -> None:
        self.queries += queries
        self.rows += max(rows, 0)
        self.seconds += seconds


@dataclass(frozen=True, slots=True)
class Of:
    """Which flag, for which event, at which route."""

    flag: str
    event_id: int
    route: str


@dataclass(slots=True)
class Cost:
    """What a flag has cost over some requests. `by_queries` and `by_ms` say how many requests needed at most so many
    queries, and so many tenths of a millisecond, by the rungs above."""

    requests: int = 0
    queries: int = 0
    rows: int = 0
    microseconds: int = 0
    uses: int = 0
    by_queries: dict[int, int] = field(default_factory=dict)
    by_tenths: dict[int, int] = field(default_factory=dict)

    @property
    def queries_p95(self) -> int:
        """What 95 of 100 requests kept to."""
        return _percentile(self.by_queries, 0.95)

    @property
    def ms_p95(self) -> float:
        return _percentile(self.by_tenths, 0.95) / 10

    def charge(self, spending: Spending) -> None:
        self.requests += 1
        self.queries += spending.queries
        self.rows += spending.rows
        self.microseconds += round(spending.seconds * 1e6)
        for rungs, value in ((self.by_queries, spending.queries), (self.by_tenths, round(spending.seconds * 1e4))):
            rung = rung_of(value)
            rungs[rung] = rungs.get(rung, 0) + 1

    def measures(self) -> Iterator[tuple[str, int]]:
        """Its parts by name, those that are nothing left out."""
        for name in COUNTS:
            if count := getattr(self, name):
                yield name, count
        yield from ((f"q{rung}", count) for rung, count in self.by_queries.items())
        yield from ((f"t{rung}", count) for rung, count in self.by_tenths.items())

    def add(self, measure: str, count: int) -> None:
        """Take back in what `measures` has named."""
        if measure in COUNTS:
            setattr(self, measure, getattr(self, measure) + count)
        else:
            rungs = self.by_queries if measure[0] == "q" else self.by_tenths
            rungs[int(measure[1:])] = rungs.get(int(measure[1:]), 0) + count

    def merge(self, other: "Cost") -> None:
        for measure, count in other.measures():
            self.add(measure, count)


COUNTS: Final = ("requests", "queries", "rows", "microseconds", "uses")


def _percentile(rungs: dict[int, int], share: float) -> int:
    """The rung that this share of the requests did not pass; 0 of none."""
    ahead = sum(rungs.values()) * share
    for rung, count in sorted(rungs.items()):
        ahead -= count
        if ahead <= 1e-9:
            return rung
    return 0
