"""What flags cost and how often they are used, on its way from a request to the worker.

A process adds it up in memory by windows of ten seconds; a thread of its own, begun with the first charge, puts each
window that is over into Redis. No request waits for that. While Redis is away the last minute is kept and tried again,
what is older is lost: what reads it (the guard, the hours) then knows less, and no page notices. Where Redis has taken
something and its answer comes too late, a few hundred keys of one window may count twice.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Final

import structlog
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from flags import asked
from flags.spending import Cost, Of, Spending

log = structlog.stdlib.get_logger("flags")

WINDOW: Final = 10  # seconds
KEPT: Final = 3600  # how long Redis keeps a window, in seconds
MOST_WINDOWS: Final = 6  # so many are kept for a Redis that is away, the present one among them,
MOST_KEYS: Final = 5000  # of so many flags, events and routes together
PUT_AT_ONCE: Final = 200  # of these, so that Redis and those who want a connection to it never wait long
AWAY: Final = (ConnectionInterrupted, RedisError, OSError)  # what is raised while Redis does not answer
SEPARATOR: Final = "\x1f"

_windows: dict[int, dict[Of, Cost]] = {}
_lock = threading.Lock()
_flusher: threading.Thread | None = None
_beside: list[Callable[[int], None]] = []


def charge(flag: str, event_id: int, route: str, spending: Spending) -> None:
    """Add one request's spending."""
    with _lock:
        _cost(Of(flag, event_id, route)).charge(spending)


def use(flag: str, event_id: int) -> None:
    """Somebody has really used the feature."""
    with _lock:
        _cost(Of(flag, event_id, "-")).uses += 1


def window_of(seconds: float) -> int:
    """The beginning of the window in which this moment falls."""
    return int(seconds // WINDOW * WINDOW)


def ask(name: str) -> None:
    """Code has asked for this flag, for the first time in this hour."""
    asked.note(name)
    with _lock:
        _begin()


def flush(*, before: float | None = None) -> None:
    """Put the windows that were over by then into Redis, without a moment all of them. What fails is kept a minute."""
    with _lock:
        over = {
            window: _windows.pop(window) for window in sorted(_windows) if before is None or window + WINDOW <= before
        }
    try:
        asked.put()
        for window in list(over):
            _put(window, over[window])
            del over[window]
    except AWAY as fault:
        log.warning("flags' costs not put down", windows=len(over), fault=str(fault))
        _take_back(over)


def spent(windows: Iterable[int]) -> dict[int, dict[Of, Cost]]:
    """What all processes have put down, by window. Raises what redis-py raises."""
    wanted = list(windows)
    pipeline = get_redis_connection("default").pipeline(transaction=False)
    for window in wanted:
        pipeline.hgetall(_name(window))
    return {window: _read(answer) for window, answer in zip(wanted, pipeline.execute(), strict=True)}


def by_event(costs: dict[Of, Cost]) -> dict[tuple[str, int], Cost]:
    """The same with all routes together, by flag and event."""
    together: dict[tuple[str, int], Cost] = {}
    for of, cost in costs.items():
        together.setdefault((of.flag, of.event_id), Cost()).merge(cost)
    return together


def also(put_down: Callable[[int], None]) -> None:
    """Have something else put down by the same thread: called when it begins, and with each window that is over."""
    if put_down not in _beside:
        _beside.append(put_down)


def forget() -> None:
    """Drop what this process has not put down yet."""
    asked.forget()
    with _lock:
        _windows.clear()


def _cost(of: Of) -> Cost:
    """Under the lock: where to add in the window that is."""
    _begin()
    window = window_of(time.time())
    if window not in _windows:
        for old in sorted(_windows)[: -2 * MOST_WINDOWS]:  # there is no thread to put them down
            del _windows[old]
    by_key = _windows.setdefault(window, {})
    if of not in by_key and len(by_key) >= MOST_KEYS:
        return Cost()  # counted nowhere: a thousandth of it is more than anybody reads
    return by_key.setdefault(of, Cost())


def _begin() -> None:
    """Under the lock: one thread for each process, begun when there is something to put down, and again if it died."""
    global _flusher  # noqa: PLW0603  -- see above
    if _flusher is None or not _flusher.is_alive():
        with suppress(RuntimeError):  # no thread is to be had: no page may fail for that, the next charge tries anew
            _flusher = threading.Thread(target=_flush_for_ever, name="flags' costs", daemon=True)
            _flusher.start()


def _flush_for_ever() -> None:
    while True:
        now = time.time()
        _put_beside(window_of(now) - WINDOW)
        time.sleep(window_of(now) + WINDOW + 0.2 - now)
        try:
            flush(before=time.time())
        except Exception:
            log.exception("flags' costs lost")


def _take_back(over: dict[int, dict[Of, Cost]]) -> None:
    """Keep what could not be put down for the next time, unless it is a minute old."""
    oldest = window_of(time.time()) - (MOST_WINDOWS - 1) * WINDOW
    with _lock:
        for window, by_key in over.items():
            if window >= oldest:
                kept = _windows.setdefault(window, {})
                for of, cost in by_key.items():
                    kept.setdefault(of, Cost()).merge(cost)


def _put_beside(window: int) -> None:
    for put_down in _beside:
        try:
            put_down(window)
        except Exception as fault:  # whatever it is, the costs must go on
            log.warning("flags' costs not put down", window=window, fault=str(fault))


def _put(window: int, by_key: dict[Of, Cost]) -> None:
    """Add a window to Redis'; what is down is taken out of `by_key`."""
    while by_key:
        some = list(islice(by_key, PUT_AT_ONCE))
        pipeline = get_redis_connection("default").pipeline(transaction=True)
        for of in some:
            for measure, count in by_key[of].measures():
                pipeline.hincrby(_name(window), SEPARATOR.join((of.flag, str(of.event_id), of.route, measure)), count)
        pipeline.expire(_name(window), KEPT)
        pipeline.execute()
        for of in some:
            del by_key[of]


def _read(answer: dict[bytes, bytes]) -> dict[Of, Cost]:
    costs: dict[Of, Cost] = {}
    for name, count in answer.items():
        flag, event_id, route, measure = name.decode().split(SEPARATOR)
        costs.setdefault(Of(flag, int(event_id), route), Cost()).add(measure, int(count))
    return costs


def _name(window: int) -> str:
    return f"tito:flags:costs:{window}"


def _begin_anew() -> None:
    """After a fork: the parent puts its own down, and a thread that had the lock is not here to let it go."""
    global _lock, _flusher
    _lock, _flusher = threading.Lock(), None
    _windows.clear()
    asked.forget_in_child()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(flush)
