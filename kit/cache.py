"""The process layer: copies in this process's memory, each rebuilt by one thread while the others serve the old one.

A copy is fresh for some seconds and while its mark is the one asked for. When it is not, the first thread to notice
makes a new one; whoever comes meanwhile gets the old copy at once, or, where there is none yet, waits a moment. What
cannot be made (the database is slow or gone) leaves the old copy in service and is not tried again for a while.
The layer below, shared by all processes, is `kit/shared_copies.py`.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import structlog

T = TypeVar("T")
log = structlog.stdlib.get_logger("cache")

WAIT_SECONDS: Final = 1.5  # how long a visitor waits for a page that somebody else is making
LATELY_SECONDS: Final = 3.0  # a copy that lapsed longer ago may say what has not been true for an hour:
OLD_WAIT_SECONDS: Final = 0.3  # then a new one is waited for so long, before the old one is shown
STALE_SECONDS: Final = 3600.0  # how old a copy may be that is shown because no new one can be had
REST_FACTOR: Final = 5.0  # what failed is left alone for so many times as long as it took,
LEAST_REST: Final = 1.0  # at least this,
MOST_REST: Final = 15.0  # at most this
BUILDERS: Final = 3  # so many threads of a process may make copies at once: the rest are there for buyers


class OldOnly(Exception):
    """No new value can be made, but there is an old one elsewhere, `made_at` in seconds since the epoch."""

    def __init__(self, value: Any, *, made_at: float) -> None:
        super().__init__("only an old value is to be had")
        self.value, self.made_at = value, made_at


class Busy(Exception):
    """There is no copy yet and none can be made in time: the visitor should come back in a moment."""


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """A value just made, and for how many seconds it counts as fresh."""

    value: T
    seconds: float


Make = Callable[[T | None], Made[T]]


@dataclass(slots=True)
class _Copy(Generic[T]):
    value: T
    mark: str
    made_at: float
    fresh_until: float
    used_at: float


@dataclass(slots=True)
class _Filling:
    """Somebody is making this copy since `began`; `done` is set when they have, or have failed."""

    began: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)


class Shelf(Generic[T]):
    """Copies under keys, at most `most` of them; the longest unused go first."""

    def __init__(self, name: str, *, most: int = 512) -> None:
        self.name, self.most = name, most
        self._copies: dict[str, _Copy[T]] = {}
        self._fillings: dict[str, _Filling] = {}
        self._rests: dict[str, float] = {}  # until when what failed is left alone
        self._lock = threading.Lock()

    def get(
        self, key: str, make: Make[T], *, mark: str = "", elsewhere: Callable[[], T | None] = lambda: None
    ) -> T:  # fmt: skip
        """The copy under `key`, fresh, or old while a new one is made. `make` is given the old value, or None.

        `elsewhere` may know an old copy where this process has none; it is asked when no new one can be had. Raises
        Busy when there is no copy at all and none comes in time, and what `make` raises.
        """
        copy, now = self._copies.get(key), time.time()
        if copy is not None:
            copy.used_at = now
            if now < copy.fresh_until and copy.mark == mark:
                return copy.value
            if now - copy.made_at > STALE_SECONDS:
                copy = None
        other = self._claim(key)
        if other is None:
            try:
                return self._fill(key, make, mark, copy)
            except Exception:
                if copy is not None or (found := elsewhere()) is None:
                    raise
                self._keep(key, Made(found, LEAST_REST), mark)
                return found
            finally:
                self._fillings.pop(key).done.set()
        if copy is not None and now - copy.fresh_until < LATELY_SECONDS:
            return copy.value
        return self._wait(key, other, copy, elsewhere)

    def forget(self) -> None:
        """Empty the shelf."""
        self._copies.clear()
        self._rests.clear()

    def _claim(self, key: str) -> _Filling | None:
        """None when the copy is ours to make, else whose it is."""
        with self._lock:
            other = self._fillings.get(key)
            if other is None:
                self._fillings[key] = _Filling()
        return other

    def _wait(self, key: str, other: _Filling, old: _Copy[T] | None, elsewhere: Callable[[], T | None]) -> T:
        """The copy that somebody is making; when it takes too long the old one, for which nobody waits long."""
        left = other.began + (OLD_WAIT_SECONDS if old else WAIT_SECONDS) - time.monotonic()
        if left > 0 and other.done.wait(left) and (copy := self._copies.get(key)) is not None:
            return copy.value
        if old is not None:
            return old.value
        if (found := elsewhere()) is None:
            raise Busy(key)
        return found

    def _fill(self, key: str, make: Make[T], mark: str, old: _Copy[T] | None) -> T:
        began, latest = time.monotonic(), self._copies.get(key)
        if latest is not None and latest.mark == mark and time.time() < latest.fresh_until:
            return latest.value  # made between our look and our claim
        try:
            made = self._made(key, make, old)
        except Busy:
            if old is None:
                raise
            return old.value
        except OldOnly as found:
            self._rest(key, began)
            if old is None:
                self._keep(key, Made(found.value, 0.0), mark, made_at=found.made_at)
            return old.value if old is not None else found.value
        except Exception as fault:
            self._rest(key, began)
            if old is None:
                raise
            log.warning("old copy served", shelf=self.name, key=key, fault=repr(fault))
            return old.value
        self._rests.pop(key, None)
        self._keep(key, made, mark)
        return made.value

    def _made(self, key: str, make: Make[T], old: _Copy[T] | None) -> Made[T]:
        if self._rests.get(key, 0.0) > time.monotonic():
            raise Busy(key)
        with _builder(patience=0 if old else WAIT_SECONDS):
            return make(old.value if old else None)

    def _keep(self, key: str, made: Made[T], mark: str, *, made_at: float | None = None) -> None:
        now = time.time()
        with self._lock:
            if key not in self._copies and len(self._copies) >= self.most:
                self._drop_half()
            self._copies[key] = _Copy(made.value, mark, now if made_at is None else made_at, now + made.seconds, now)

    def _rest(self, key: str, began: float) -> None:
        now = time.monotonic()
        with self._lock:
            if len(self._rests) >= self.most:
                self._rests.clear()
            self._rests[key] = now + min(MOST_REST, max(LEAST_REST, REST_FACTOR * (now - began)))

    def _drop_half(self) -> None:
        by_use = sorted(self._copies.items(), key=lambda item: item[1].used_at)
        self._copies = dict(by_use[len(by_use) // 2 :])


_slots = threading.BoundedSemaphore(BUILDERS)
# Pages that nobody has seen may wait for a place, and there is no end of addresses to invent: one place is kept for
# those that only have to be made anew.
_firsts = threading.BoundedSemaphore(BUILDERS - 1)
_holder = threading.local()


@contextmanager
def _builder(*, patience: float) -> Iterator[None]:
    """One of the process's few places for making copies; making one for another needs no second. Raises Busy."""
    if getattr(_holder, "has_one", False):
        yield
        return
    with ExitStack() as taken:
        if patience:
            _take(_firsts, patience, taken)
        _take(_slots, patience, taken)
        _holder.has_one = True
        taken.callback(setattr, _holder, "has_one", False)
        yield


def _take(places: threading.BoundedSemaphore, patience: float, taken: ExitStack) -> None:
    if not places.acquire(blocking=patience > 0, timeout=patience or None):
        raise Busy("all builders are at work")
    taken.callback(places.release)
