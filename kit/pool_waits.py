"""How long requests wait for a connection to Postgres, and how long connections are in use, by pool and window.

Every so often a process says what its pools have counted since it last said so (`put_down`); Redis adds it up over all
processes. What cannot be put down is lost: whoever reads it knows less, and no page notices.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.backends.postgresql.base import DatabaseWrapper
from django_redis import get_redis_connection

KEPT: Final = 3600  # how long Redis keeps a window, in seconds
# Ours to psycopg_pool's names (psycopg.org/psycopg3/docs/advanced/pool.html#pool-stats). It counts a wait also when
# nothing came of it, and the use of a connection when it is given back.
COUNTED: Final = {"requests": "requests_num", "waited_ms": "requests_wait_ms", "used_ms": "usage_ms"}

_said: dict[tuple[str, str], int] | None = None


@dataclass(slots=True)
class PoolUse:
    """One pool over one window, in all processes: how often a connection was asked for, how many milliseconds all
    these waited together, and how many connections were in use together."""

    requests: int = 0
    waited_ms: int = 0
    used_ms: int = 0

    @property
    def mean_wait_ms(self) -> float:
        return self.waited_ms / self.requests if self.requests else 0.0


def put_down(window: int) -> None:
    """Add what this process's pools have counted since the last time to this window, named by its beginning. The first
    time it only remembers where they stand. Raises what redis-py raises."""
    global _said
    before, _said = _said, _counts()
    if before is None:
        return
    grown = {key: count - before.get(key, 0) for key, count in _said.items()}
    pipeline = get_redis_connection("default").pipeline(transaction=True)
    for (pool, measure), count in grown.items():
        if count > 0:
            pipeline.hincrby(_name(window), f"{pool}:{measure}", count)
    pipeline.expire(_name(window), KEPT)
    pipeline.execute()


def read(windows: Iterable[int]) -> dict[int, dict[str, PoolUse]]:
    """What all processes have put down, by window and pool. Raises what redis-py raises."""
    wanted = list(windows)
    pipeline = get_redis_connection("default").pipeline(transaction=False)
    for window in wanted:
        pipeline.hgetall(_name(window))
    return {window: _uses(answer) for window, answer in zip(wanted, pipeline.execute(), strict=True)}


def _counts() -> dict[tuple[str, str], int]:
    """What each pool of this process has counted since it was opened. It opens none."""
    wrapper: Any = DatabaseWrapper
    pools = list(wrapper._connection_pools.items())  # noqa: SLF001  -- a connection's `pool` would open one
    stats = {alias: pool.get_stats() for alias, pool in pools}
    return {(alias, ours): of.get(theirs, 0) for alias, of in stats.items() for ours, theirs in COUNTED.items()}


def _uses(answer: dict[bytes, bytes]) -> dict[str, PoolUse]:
    uses: dict[str, PoolUse] = {}
    for name, count in answer.items():
        pool, measure = name.decode().split(":")
        setattr(uses.setdefault(pool, PoolUse()), measure, int(count))
    return uses


def _name(window: int) -> str:
    return f"tito:pools:{window}"
