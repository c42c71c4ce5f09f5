"""Which flags code has asked for, to the hour: so that a flag which nobody asks for any more is found.

A process puts each name down once an hour, with what flags cost (flags/costs.py), so that asking stays a look into a
set. While Redis is away the names wait.
"""

import threading
import time
from typing import Final

from django_redis import get_redis_connection

HOUR: Final = 3600  # seconds
NAME: Final = "tito:flags:asked"
KEPT: Final = 24 * HOUR  # how long Redis keeps them while nobody asks for any flag

names: Final[set[str]] = set()  # what this process was asked for in this hour

_waiting: dict[str, int] = {}  # names to be put down, and when they were asked for, in seconds since the epoch
_hour = 0
_lock = threading.Lock()


def note(name: str) -> None:
    """Code has asked for this flag now."""
    with _lock:
        names.add(name)
        _waiting[name] = int(time.time())


def put() -> None:
    """Put the names that wait into Redis. Raises what redis-py raises, and they wait on."""
    global _hour  # noqa: PLW0603  -- one for each process, as the set is
    with _lock:
        if (hour := int(time.time()) // HOUR) != _hour:
            _hour = hour
            names.clear()
        taken = dict(_waiting)
    if not taken:
        return
    pipeline = get_redis_connection("default").pipeline(transaction=False)
    pipeline.hset(NAME, mapping=taken)
    pipeline.expire(NAME, KEPT)
    pipeline.execute()
    with _lock:
        for name in [name for name, at in taken.items() if _waiting.get(name) == at]:
            del _waiting[name]


def read() -> dict[str, int]:
    """When any process has last asked for each flag, to the hour, in seconds since the epoch. Raises as above."""
    return {name.decode(): int(at) for name, at in get_redis_connection("default").hgetall(NAME).items()}


def forget() -> None:
    """Begin anew, with nothing asked for."""
    with _lock:
        names.clear()
        _waiting.clear()


def forget_in_child() -> None:
    """After a fork: the parent puts its own down, and a thread that had the lock is not here to let it go."""
    global _lock  # noqa: PLW0603  -- see above
    _lock = threading.Lock()
    forget()
