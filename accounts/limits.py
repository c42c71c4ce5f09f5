"""Where allauth counts guesses and remembers codes that were used: in Redis, or in this process while Redis is away.

Nobody may be kept out, or let guess without end, because a cache is down.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import structlog
from allauth.core.internal import ratelimit
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

T = TypeVar("T")
log = structlog.stdlib.get_logger("accounts")

CODE_PERIODS: Final = 3  # the one before, this one and the next: so long could a code that was seen be used again
_own: Final = LocMemCache("accounts", {})


class SurvivingCache:
    """The four words of Django's cache that allauth says. Times are in seconds, and kept `stretch` times as long."""

    def __init__(self, *, stretch: int = 1) -> None:
        self.stretch = stretch

    def get(self, key: str, default: Any = None) -> Any:
        return _ask(lambda store: store.get(key, default))

    def set(self, key: str, value: Any, timeout: float) -> None:
        _ask(lambda store: store.set(key, value, timeout * self.stretch))

    def add(self, key: str, value: Any, timeout: float) -> bool:
        return bool(_ask(lambda store: store.add(key, value, timeout * self.stretch)))

    def delete(self, key: str) -> None:
        _ask(lambda store: store.delete(key))


def _ask(call: Callable[[Any], T]) -> T:
    try:
        return call(cache)
    except (ConnectionInterrupted, RedisError, OSError) as fault:
        log.warning("guesses counted without redis", fault=repr(fault))
        return call(_own)


def install() -> None:
    """allauth takes its cache by name and offers no setting for another."""
    ratelimit.cache = SurvivingCache()
    totp.cache = SurvivingCache(stretch=CODE_PERIODS)
