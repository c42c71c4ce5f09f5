"""The guard's judgement: which flags have broken their budget, by what was put down about them. Pure: it asks nobody.

A flag is over in a window when 95 of 100 requests kept to more than twice its budget, in queries or in milliseconds of
the database; or when it took more than a third of the connections' time of a pool whose requests waited too long.
Over in the last two windows in which it ran is a breach. These need not follow each other: what failed is left alone
for up to 15 seconds (kit/cache.py), so a page that cannot be made any more may be tried too seldom for that. And one
request in a window is enough, because the slower a page is, the seldomer it is made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flags.spending import Cost, rung_of
from kit.pool_waits import PoolUse

HARD: Final = 2  # so many times its budget is the limit
WINDOWS: Final = 6  # how far back the one before may be: a minute
# When waiting for a connection costs every request as much as a page may take in all, somebody has to go.
MOST_WAIT_MS: Final = 50.0
# Below a second of connections there is no load that a flag could be guilty of: the pool waits for Postgres itself.
LEAST_USED_MS: Final = 1000
MOST_SHARE: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class Budget:
    """What a flag may cost one request, of 95 in 100; None where nobody has said."""

    queries: int | None
    ms: int | None

    def is_broken_by(self, cost: Cost) -> bool:
        """What was put down is rounded up by a tenth at most, and so is the limit: nobody is judged by the rounding."""
        return (self.queries is not None and cost.queries_p95 > rung_of(HARD * self.queries)) or (
            self.ms is not None and cost.ms_p95 > rung_of(HARD * self.ms * 10) / 10
        )

    def __str__(self) -> str:
        said = [_count(self.queries, "query", "queries")] if self.queries is not None else []
        said += [f"{self.ms:,} ms"] if self.ms is not None else []
        return " and ".join(said) or "none"


@dataclass(frozen=True, slots=True)
class Look:
    """What was put down about one window: its beginning, costs by flag and event, and pools by name."""

    window: int
    costs: Mapping[tuple[str, int], Cost]
    pools: Mapping[str, PoolUse]


@dataclass(frozen=True, slots=True)
class Excess:
    """In what way a flag was over in one window. `pool` is the breached pool that it weighed on, if any, and `share`
    what it took of it."""

    window: int
    requests: int
    queries: int
    ms: float
    pool: str = ""
    share: float = 0.0
    wait_ms: float = 0.0

    def __str__(self) -> str:
        queries = _count(self.queries, "query", "queries")
        said = f"{_time(self.window)}: {queries} and {self.ms:,.0f} ms a request ({self.requests:,} in all)"
        if self.pool:
            said += f", {self.share:.0%} of pool {self.pool}, whose requests waited {self.wait_ms:,.0f} ms"
        return said


@dataclass(frozen=True, slots=True)
class Breach:
    """A flag that was over for an event in two windows running."""

    flag: str
    event_id: int
    budget: Budget
    excesses: tuple[Excess, Excess]

    @property
    def reason(self) -> str:
        """What the audit is told, with all figures."""
        before, last = self.excesses
        return f"The guard: {before}; {last}. Budget {self.budget}, limit {HARD} times that."


def judge(looks: Sequence[Look], budgets: Mapping[str, Budget]) -> list[Breach]:
    """Who has broken their budget by the last of these windows, given the oldest first."""
    *_, latest = looks
    return [breach for key in latest.costs if (breach := _breach(key, looks, budgets.get(key[0])))]


def _breach(key: tuple[str, int], looks: Sequence[Look], budget: Budget | None) -> Breach | None:
    ran = [look for look in looks if key in look.costs and look.costs[key].requests]
    if budget is None or len(ran) < 2 or ran[-1] is not looks[-1]:
        return None
    before, last = (_excess(look, look.costs[key], budget) for look in ran[-2:])
    return Breach(*key, budget, (before, last)) if before and last else None


def _excess(look: Look, cost: Cost, budget: Budget) -> Excess | None:
    """In what way it was over, or None if it was not."""
    figures = (look.window, cost.requests, cost.queries_p95, cost.ms_p95)
    for name, pool in _breached(look.pools):
        share = cost.microseconds / 1000 / pool.used_ms
        if share > MOST_SHARE:
            return Excess(*figures, pool=name, share=min(share, 1.0), wait_ms=pool.mean_wait_ms)
    return Excess(*figures) if budget.is_broken_by(cost) else None


def _breached(pools: Mapping[str, PoolUse]) -> Iterator[tuple[str, PoolUse]]:
    for name, pool in sorted(pools.items()):
        if pool.mean_wait_ms > MOST_WAIT_MS and pool.used_ms >= LEAST_USED_MS:
            yield name, pool


def _time(window: int) -> str:
    return f"{datetime.fromtimestamp(window, UTC):%H:%M:%S}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
