"""The layer that all processes share: copies in Redis, through django-redis, each rebuilt by one process.

A copy is fresh for some seconds and is kept for an hour more, to be served while a new one is made or when none can
be. It is made anew a little before its time, at random and the earlier the longer it takes, so that a crowd never
finds it lapsed (Vattani, Chierichetti, Lowenstein: "Optimal probabilistic cache stampede prevention", VLDB 2015).
When Redis does not answer it is left alone for a second, so that no visitor waits for it twice; each process then
makes its own copies, a few at a time (`kit/cache.py`).
"""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog
from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from kit.cache import LATELY_SECONDS, OLD_WAIT_SECONDS, STALE_SECONDS, WAIT_SECONDS, Busy, Made, OldOnly

T = TypeVar("T")
log = structlog.stdlib.get_logger("cache")

CLAIM_SECONDS: Final = 2.0  # a filler that dies is succeeded after this
ABSENT_SECONDS: Final = 10.0  # how long it is remembered that there is nothing, so that nonsense fills no memory
SOON_SECONDS: Final = 0.25  # when to look again while somebody else makes the new copy
POLL_SECONDS: Final = 0.02
AWAY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Copy(Generic[T]):
    """A value with its times in seconds since the epoch, and how long it took to make."""

    value: T
    fresh_until: float
    took: float

    def seconds_left(self) -> float:
        return self.fresh_until - time.time()

    def is_due(self) -> bool:
        """Whether to make it anew now: its time is over, or chance says that it is near enough."""
        early = self.took * -math.log(1.0 - random.random())  # noqa: S311  -- spreads load, guards nothing
        return self.seconds_left() <= early


def get_or_build(key: str, build: Callable[[], T], *, seconds: float) -> Made[T]:
    """The shared copy under `key`, or what `build` makes, which is then fresh for `seconds`. None is kept too.

    Of all processes one builds; the others are given the old copy, or wait. Raises Busy when there is none in time,
    and when it cannot be built OldOnly with the old copy, or what `build` raises when there is none.
    """
    began = time.monotonic()
    while True:
        copy = _read(key)
        if copy is not None and not copy.is_due():
            return Made(copy.value, max(SOON_SECONDS, copy.seconds_left()))
        if _claim(key):
            return _build(key, build, seconds, copy)
        waited = time.monotonic() - began
        if copy is not None and (copy.seconds_left() > -LATELY_SECONDS or waited > OLD_WAIT_SECONDS):
            return Made(copy.value, SOON_SECONDS)
        if waited > WAIT_SECONDS:
            raise Busy(key)
        time.sleep(POLL_SECONDS)


def leave(key: str, value: Any) -> None:
    """Leave a value for other processes, for an hour: they may show it while they cannot make their own."""
    _ask(lambda: cache.set(f"left:{key}", value, timeout=STALE_SECONDS), key)


def left(key: str) -> Any:
    """What was left under this key, or None."""
    return _ask(lambda: cache.get(f"left:{key}"), key)


def _build(key: str, build: Callable[[], T], seconds: float, old: Copy[T] | None) -> Made[T]:
    began, latest = time.monotonic(), _read(key)
    if latest is not None and latest != old and latest.seconds_left() > 0:  # made between our look and our claim
        _ask(lambda: cache.delete(f"{key}:claim"), key)
        return Made(latest.value, max(SOON_SECONDS, latest.seconds_left()))
    try:
        value = build()
    except Exception as fault:  # the claim stays, so no other process tries at once either
        if old is None:
            raise
        log.warning("old copy served", key=key, fault=repr(fault))
        raise OldOnly(old.value, made_at=old.fresh_until) from fault
    took = time.monotonic() - began
    fresh = min(seconds, ABSENT_SECONDS) if value is None else seconds
    # Fresh from when it was begun: what takes longer than that to make says nothing of now, and never takes the place
    # of what another process has made meanwhile for long.
    copy = Copy(value, time.time() - took + fresh, took)
    _ask(lambda: cache.set(key, copy, timeout=fresh if value is None else fresh + STALE_SECONDS), key)
    if took < CLAIM_SECONDS:  # else the claim may be another's by now
        _ask(lambda: cache.delete(f"{key}:claim"), key)
    return Made(value, max(SOON_SECONDS, copy.seconds_left()))


def _claim(key: str) -> bool:
    """Whether this process is to build: nobody else is at it, or Redis cannot say."""
    return _ask(lambda: cache.add(f"{key}:claim", 1, timeout=CLAIM_SECONDS), key) is not False


def _read(key: str) -> Copy[Any] | None:
    found = _ask(lambda: cache.get(key), key)
    return found if isinstance(found, Copy) else None


_away_until = 0.0


def _ask(call: Callable[[], Any], key: str) -> Any:
    """What Redis answers, or None when it does not; then it is not asked again for a second."""
    global _away_until  # noqa: PLW0603  -- one server, so one state for the process
    if time.monotonic() < _away_until:
        return None
    try:
        return call()
    except (ConnectionInterrupted, RedisError, OSError) as fault:
        _away_until = time.monotonic() + AWAY_SECONDS
        log.warning("Redis did not answer", key=key, fault=str(fault))
    except Exception as fault:  # unpickling may raise anything: another release wrote it, and it is built anew
        log.warning("value from Redis cannot be read", key=key, fault=str(fault))
    return None


def forget_absence() -> None:
    """Ask Redis again at once, as a process that has just started."""
    global _away_until  # noqa: PLW0603  -- see above
    _away_until = 0.0
