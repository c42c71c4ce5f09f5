"""Two layers in front of Postgres: a bounded dict in this process, then Redis.

A value that lives for a second in each layer is at most two seconds old. When Redis does not answer the
value is built; the pages that use this are the same for everyone, so the process layer still spares most.
"""

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import structlog
from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

T = TypeVar("T")
log = structlog.stdlib.get_logger("cache")


class ProcessLayer(Generic[T]):
    """A dict whose entries lapse, holding at most `most` of them."""

    def __init__(self, most: int = 512) -> None:
        self.most = most
        self._entries: dict[str, tuple[float, T]] = {}

    def get(self, key: str) -> T | None:
        found = self._entries.get(key)
        return found[1] if found and found[0] > time.monotonic() else None

    def put(self, key: str, value: T, *, seconds: float) -> None:
        if len(self._entries) >= self.most:
            self._drop_some()
        self._entries[key] = (time.monotonic() + seconds, value)

    def clear(self) -> None:
        self._entries.clear()

    def _drop_some(self) -> None:
        """Drops what has lapsed; when nothing has, the oldest half. Entries keep the order they came in."""
        now = time.monotonic()
        entries = list(self._entries.items())
        fresh = [(key, entry) for key, entry in entries if entry[0] > now]
        self._entries = dict(fresh if len(fresh) < self.most else fresh[self.most // 2 :])


def get_or_build(key: str, build: Callable[[], T], *, seconds: float) -> T:
    """The value under `key` in Redis, or what `build` makes, kept for `seconds`. None is kept too."""
    found = _get(key)
    if found is not None:
        return cast("T", found[0])
    value = build()
    _put(key, (value,), seconds)
    return value


def _get(key: str) -> Any:
    try:
        return cache.get(key)
    except (ConnectionInterrupted, RedisError, OSError) as fault:
        log.warning("Redis did not answer", key=key, fault=str(fault))
    except Exception as fault:  # unpickling may raise anything: another release wrote it, and it is built anew
        log.warning("value from Redis cannot be read", key=key, fault=str(fault))
    return None


def _put(key: str, value: Any, seconds: float) -> None:
    try:
        cache.set(key, value, timeout=seconds)
    except (ConnectionInterrupted, RedisError, OSError) as fault:
        log.warning("Redis did not take a value", key=key, fault=str(fault))
