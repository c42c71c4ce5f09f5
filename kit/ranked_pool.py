"""Threads that serve buyers before browsers, and keep a few places free of either.

Whoever is in the middle of an order goes first. Among buyers those who have no tickets yet take three turns of four:
for them a second decides whether they get any, and those who hold some have minutes. Requests that ask the payment
provider have half of the threads at most, and wait for them here, where it costs nobody a thread. Neither buyers nor
pages may take every thread: a page that hangs leaves threads for buyers, and a payment that hangs leaves threads for
pages. Who has waited for too long has probably gone, and is turned away when their turn comes.

Notices of the payment provider go before everybody: each is short and ends an order, and one that is refused comes
again a minute later or an hour. They lose no patience, and are few at a time, so that a flood of them holds up nobody.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from queue import Empty, SimpleQueue
from typing import Any, Final


class Rank(IntEnum):
    """Who goes first. A taker is a buyer who has nothing yet: both share threads, room to wait and patience. A payer
    waits for the payment provider, in threads that are the buyers' too. A notice is the provider's own, in any thread
    that can be had."""

    BUYER = 0
    BROWSER = 1
    TAKER = 2
    PAYER = 3
    NOTICE = 4


BUYING, BROWSING, PAYING, NOTICING = range(4)
KINDS: Final = (BUYING, BROWSING, BUYING, PAYING, NOTICING)  # what each rank counts as
MOST_WAITING: Final = (2000, 1000, 2000, 2000)  # by kind,
QUEUE_SECONDS: Final = (6.0, 1.5, 10.0, math.inf)  # and fewer where those waiting would not be served within this
PATIENCE_SECONDS: Final = (10.0, 4.0, 15.0, math.inf)
CROWDED: Final = 4
SMOOTHING: Final = 0.05  # how much the latest request counts in how long one takes
SET_ASIDE: Final = 4  # one thread in so many is kept free of pages, and as many of buyers
TAKERS_ON_END: Final = 3
PAYING_SHARE: Final = 2  # and one in so many may wait for the payment provider
NOTICING_SHARE: Final = 4  # and one in so many may hear what it has to say


class TooLate(Exception):
    """Nobody was free for this request before its patience ended."""


@dataclass(slots=True)
class Outcome:
    """How a request ended; what gunicorn asks of a future."""

    answer: Any = None
    fault: BaseException | None = None

    def result(self) -> Any:
        if self.fault is not None:
            raise self.fault
        return self.answer

    def exception(self) -> BaseException | None:
        return self.fault

    def cancelled(self) -> bool:
        return False


class RankedPool:
    """So many threads, each taking the first of the highest rank that may have one more.

    `work(connection, waited)` is done in a thread, where `waited` is in seconds, and then `done(connection, outcome)`.
    """

    def __init__(
        self, threads: int, work: Callable[[Any, float], Any], done: Callable[[Any, Outcome], None]
    ) -> None:  # fmt: skip
        self._work, self._done = work, done
        self._most = max(1, threads - threads // SET_ASIDE)
        self._most_paying = max(1, threads // PAYING_SHARE)
        self._most_noticing = max(1, threads // NOTICING_SHARE)
        kinds = len(MOST_WAITING)
        self._running = [0] * kinds
        self._pace = [0.0] * kinds  # seconds from the end of one request to that of the next, while others wait
        self._paced_at = [0.0] * kinds
        self._ended = [0.0] * kinds  # when the last request ended that others waited behind, else 0
        self._may_begin = threading.Event()
        self._may_begin.set()
        self._waiting: tuple[deque[tuple[float, Any]], ...] = tuple(deque() for _ in Rank)
        self._takers_on_end = 0
        self._lock = threading.Lock()
        self._calls: SimpleQueue[bool] = SimpleQueue()  # one for each request; False ends a thread
        self._threads = threads
        for number in range(threads):
            threading.Thread(target=self._serve, name=f"visitor-{number}", daemon=True).start()

    def is_full(self, rank: Rank) -> bool:
        """Whether as many wait as can be served before they lose patience."""
        kind = KINDS[rank]
        waiting = self._waiting_of(kind)
        is_known = time.monotonic() - self._paced_at[kind] < QUEUE_SECONDS[kind]  # an old pace says nothing
        return waiting >= MOST_WAITING[kind] or (is_known and waiting * self._pace[kind] > QUEUE_SECONDS[kind])

    def is_crowded(self) -> bool:
        """Whether several wait for each thread."""
        return sum(map(len, self._waiting)) > CROWDED * self._threads

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """In here no thread begins another request: who turns people away at the door must not queue for the
        interpreter with those who serve."""
        self._may_begin.clear()
        try:
            yield
        finally:
            self._may_begin.set()

    def submit(self, rank: Rank, connection: Any) -> None:
        """Let a request wait for its turn."""
        self._waiting[rank].append((time.monotonic(), connection))
        self._calls.put(True)

    def give_up(self) -> None:
        """End the waiting of those whose patience is over while no thread is free for them."""
        now, late = time.monotonic(), list[Any]()
        with self._lock:
            for rank, waiting in enumerate(self._waiting):
                while waiting and now - waiting[0][0] > PATIENCE_SECONDS[KINDS[rank]]:
                    late.append(waiting.popleft()[1])
        for connection in late:
            self._done(connection, Outcome(fault=TooLate()))

    def shutdown(self, wait: bool = False) -> None:
        """Take nothing more; what is under way is finished."""
        for _ in range(self._threads):
            self._calls.put(False)

    def _serve(self) -> None:
        while self._calls.get():
            while self._may_begin.wait() and (taken := self._take()) is not None:
                if any(self._waiting) and self._calls.empty():
                    self._calls.put(True)  # what has called us was perhaps somebody else's: let another thread look
                kind, since, connection = taken
                outcome = self._outcome(connection, kind, time.monotonic() - since)
                self._end(kind)
                self._done(connection, outcome)
                if not any(self._waiting):
                    break
                # Whoever was called for a request of a full rank went away, so there may be fewer calls than requests.
                # Going on without one is right, and with one if there is: else somebody is called for nothing.
                with suppress(Empty):
                    if not self._calls.get_nowait():
                        self._calls.put(False)

    def _end(self, kind: int) -> None:
        now = time.monotonic()
        with self._lock:
            self._running[kind] -= 1
            others_wait = bool(self._waiting_of(kind))
            if others_wait and self._ended[kind]:
                self._pace[kind] += SMOOTHING * (now - self._ended[kind] - self._pace[kind])
                self._paced_at[kind] = now
            self._ended[kind] = now if others_wait else 0.0

    def _outcome(self, connection: Any, kind: int, waited: float) -> Outcome:
        if waited > PATIENCE_SECONDS[kind]:
            return Outcome(fault=TooLate())
        try:
            return Outcome(self._work(connection, waited))
        except BaseException as fault:
            return Outcome(fault=fault)

    def _take(self) -> tuple[int, float, Any] | None:
        """The next request that may be served now, with its kind, or None."""
        with self._lock:
            for rank in self._in_turn():
                waiting, kind = self._waiting[rank], KINDS[rank]
                if waiting and self._may_run(kind):
                    self._running[kind] += 1
                    if rank != Rank.NOTICE:  # which takes nobody's turn
                        self._takers_on_end = self._takers_on_end + 1 if rank == Rank.TAKER else 0
                    return kind, *waiting.popleft()
        return None

    def _in_turn(self) -> tuple[Rank, ...]:
        """Of payers and other buyers who hold tickets, those first who came first."""
        first, second = sorted((Rank.BUYER, Rank.PAYER), key=self._since)
        if self._takers_on_end < TAKERS_ON_END:
            return Rank.NOTICE, Rank.TAKER, first, second, Rank.BROWSER
        return Rank.NOTICE, first, second, Rank.TAKER, Rank.BROWSER

    def _since(self, rank: Rank) -> float:
        return self._waiting[rank][0][0] if self._waiting[rank] else math.inf

    def _may_run(self, kind: int) -> bool:
        if kind == NOTICING:
            return self._running[NOTICING] < self._most_noticing
        if kind == BROWSING:
            return self._running[BROWSING] < self._most
        if kind == PAYING and self._running[PAYING] >= self._most_paying:
            return False
        return self._running[BUYING] + self._running[PAYING] < self._most

    def _waiting_of(self, kind: int) -> int:
        return sum(len(waiting) for rank, waiting in enumerate(self._waiting) if KINDS[rank] == kind)
