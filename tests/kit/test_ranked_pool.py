"""Buyers before browsers, threads kept free of either, and nobody served whose patience is over."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from kit import ranked_pool
from kit.ranked_pool import Outcome, Rank, RankedPool, TooLate


class Visits:
    """A pool whose work waits for its gate, and remembers who came in which order."""

    def __init__(self, threads: int) -> None:
        self.gates: dict[Any, threading.Event] = {}
        self.began: list[Any] = []
        self.outcomes: dict[Any, Outcome] = {}
        self.changed = threading.Condition()
        self.pool = RankedPool(threads, self.work, self.done)

    def work(self, visitor: Any, waited: float) -> Any:
        with self.changed:
            self.began.append(visitor)
            self.changed.notify_all()
        if visitor in self.gates:
            self.gates[visitor].wait(10)
        if visitor == "broken":
            raise LookupError(visitor)
        return f"served {visitor}"

    def done(self, visitor: Any, outcome: Outcome) -> None:
        with self.changed:
            self.outcomes[visitor] = outcome
            self.changed.notify_all()

    def comes(self, rank: Rank, *visitors: Any, stays: bool = False) -> None:
        for visitor in visitors:
            if stays:
                self.gates[visitor] = threading.Event()
            self.pool.submit(rank, visitor)

    def until(self, met: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(met, 10)


def test_request_is_served_and_told_of() -> None:
    visits = Visits(2)

    visits.comes(Rank.BROWSER, "ada", "broken")
    visits.until(lambda: len(visits.outcomes) == 2)

    assert visits.outcomes["ada"].result() == "served ada"
    assert visits.outcomes["ada"].exception() is None
    with pytest.raises(LookupError):
        visits.outcomes["broken"].result()


def test_buyer_who_comes_later_goes_first() -> None:
    visits = Visits(1)
    visits.comes(Rank.BROWSER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])

    visits.comes(Rank.BROWSER, "browser 1", "browser 2")
    visits.comes(Rank.BUYER, "buyer")
    visits.gates["at it"].set()
    visits.until(lambda: len(visits.outcomes) == 4)

    assert visits.began == ["at it", "buyer", "browser 1", "browser 2"]


def test_takers_have_three_turns_of_four() -> None:
    visits = Visits(1)
    visits.comes(Rank.BUYER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])

    visits.comes(Rank.BROWSER, "browser")
    visits.comes(Rank.BUYER, "buyer 1", "buyer 2")
    visits.comes(Rank.TAKER, 1, 2, 3, 4)
    visits.gates["at it"].set()
    visits.until(lambda: len(visits.outcomes) == 8)

    assert visits.began == ["at it", 1, 2, 3, "buyer 1", 4, "buyer 2", "browser"]


def test_payers_take_half_of_the_threads_and_leave_some_for_other_buyers() -> None:
    visits = Visits(4)
    visits.comes(Rank.PAYER, *range(6), stays=True)
    visits.until(lambda: len(visits.began) == 2)

    visits.comes(Rank.BUYER, "buyer")
    visits.comes(Rank.TAKER, "taker")
    visits.comes(Rank.BROWSER, "browser")
    visits.until(lambda: {"buyer", "taker", "browser"} <= set(visits.outcomes))

    assert sorted(map(str, visits.began)) == ["0", "1", "browser", "buyer", "taker"]
    for gate in visits.gates.values():
        gate.set()
    visits.until(lambda: len(visits.outcomes) == 9)


def test_payer_and_buyer_go_in_the_order_in_which_they_came() -> None:
    visits = Visits(1)
    visits.comes(Rank.TAKER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])

    for rank, name in ((Rank.PAYER, "payer 1"), (Rank.BUYER, "buyer"), (Rank.PAYER, "payer 2")):
        visits.comes(rank, name)
    visits.gates["at it"].set()
    visits.until(lambda: len(visits.outcomes) == 4)

    assert visits.began == ["at it", "payer 1", "buyer", "payer 2"]


def test_notice_goes_first_and_takes_no_takers_turn() -> None:
    visits = Visits(1)
    visits.comes(Rank.BUYER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])

    visits.comes(Rank.BUYER, "buyer")
    visits.comes(Rank.TAKER, 1, 2, stays=True)
    visits.comes(Rank.TAKER, 3, 4)
    visits.gates["at it"].set()
    visits.until(lambda: visits.began == ["at it", 1])
    visits.comes(Rank.NOTICE, "notice")
    visits.gates[1].set()
    visits.until(lambda: visits.began == ["at it", 1, "notice", 2])
    visits.gates[2].set()
    visits.until(lambda: len(visits.outcomes) == 7)

    assert visits.began == ["at it", 1, "notice", 2, 3, "buyer", 4]


def test_notice_is_served_while_payers_and_buyers_hang_and_loses_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    visits = Visits(4)
    visits.comes(Rank.PAYER, "payer 1", "payer 2", "payer 3", stays=True)
    visits.comes(Rank.TAKER, *(f"taker {number}" for number in range(4)), stays=True)
    visits.until(lambda: len(visits.began) == 3)
    monkeypatch.setattr(visits.pool, "_pace", [1e9] * 4)  # as if each took ages
    monkeypatch.setattr(visits.pool, "_paced_at", [time.monotonic()] * 4)

    visits.comes(Rank.NOTICE, 1, 2, 3)
    visits.until(lambda: {1, 2, 3} <= set(visits.outcomes))

    assert [visits.outcomes[number].exception() for number in (1, 2, 3)] == [None, None, None]
    assert (visits.pool.is_full(Rank.BUYER), visits.pool.is_full(Rank.NOTICE)) == (True, False)
    for gate in visits.gates.values():
        gate.set()
    visits.until(lambda: len(visits.outcomes) == 10)


def test_flood_of_notices_leaves_threads_for_everybody() -> None:
    visits = Visits(4)
    visits.comes(Rank.NOTICE, *range(6), stays=True)
    visits.until(lambda: visits.began == [0])

    visits.comes(Rank.TAKER, "taker")
    visits.comes(Rank.BROWSER, "browser")
    visits.until(lambda: {"taker", "browser"} <= set(visits.outcomes))

    assert set(visits.began) == {0, "taker", "browser"}
    for gate in visits.gates.values():
        gate.set()
    visits.until(lambda: len(visits.outcomes) == 8)


@pytest.mark.parametrize(
    ("many", "one"), [(Rank.BROWSER, Rank.BUYER), (Rank.BUYER, Rank.BROWSER), (Rank.TAKER, Rank.BROWSER)]
)
def test_neither_rank_takes_every_thread(many: Rank, one: Rank) -> None:
    visits = Visits(4)
    visits.comes(many, *range(6), stays=True)
    visits.until(lambda: len(visits.began) == 3)

    visits.comes(one, "the other")
    visits.until(lambda: "the other" in visits.outcomes)

    assert sorted(visits.began[:3]) == [0, 1, 2]
    for gate in visits.gates.values():
        gate.set()
    visits.until(lambda: len(visits.outcomes) == 7)  # nobody is forgotten whose rank was full when they came


def test_no_thread_is_lost_in_a_crowd() -> None:
    """Each visitor is let go only together with two others, so all three threads for browsers must be at it."""
    met, left = threading.Barrier(3, timeout=10), threading.Semaphore(0)
    pool = RankedPool(4, lambda _visitor, _waited: met.wait(), lambda _visitor, _outcome: left.release())

    for visitor in range(300):
        pool.submit(Rank.BROWSER, visitor)

    assert all(left.acquire(timeout=10) for _ in range(300))
    assert not met.broken


def test_thread_that_goes_on_leaves_nobody_behind_whose_call_it_has_used() -> None:
    visits = Visits(4)
    visits.gates = {name: threading.Event() for name in ("first", "second", "third")}
    now = time.monotonic()
    visits.pool._waiting[Rank.BUYER].extend([(now, "first"), (now, "second")])  # their calls were used for others

    visits.comes(Rank.BUYER, "third")
    visits.until(lambda: len(visits.began) == 3)
    for gate in visits.gates.values():
        gate.set()
    visits.until(lambda: len(visits.outcomes) == 3)

    assert visits.began == ["first", "second", "third"]


def test_whoever_waited_too_long_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    visits = Visits(1)
    visits.comes(Rank.BROWSER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])
    visits.comes(Rank.BROWSER, "late")
    monkeypatch.setattr(ranked_pool, "PATIENCE_SECONDS", (10.0, -1.0, 10.0, 10.0))

    visits.gates["at it"].set()
    visits.until(lambda: "late" in visits.outcomes)

    assert isinstance(visits.outcomes["late"].exception(), TooLate)
    assert visits.began == ["at it"]


def test_whoever_waits_is_let_go_while_every_thread_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    visits = Visits(1)
    visits.comes(Rank.BROWSER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])
    visits.comes(Rank.BROWSER, "late")
    monkeypatch.setattr(ranked_pool, "PATIENCE_SECONDS", (10.0, -1.0, 10.0, 10.0))

    visits.pool.give_up()

    assert isinstance(visits.outcomes["late"].exception(), TooLate)
    visits.gates["at it"].set()


def test_pool_says_when_no_more_should_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranked_pool, "MOST_WAITING", (9, 2, 9, 9))
    visits = Visits(1)
    visits.comes(Rank.BROWSER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])

    full = []
    for visitor in ("first", "second"):
        full.append(visits.pool.is_full(Rank.BROWSER))
        visits.comes(Rank.BROWSER, visitor)

    assert [*full, visits.pool.is_full(Rank.BROWSER), visits.pool.is_full(Rank.BUYER)] == [False, False, True, False]
    visits.gates["at it"].set()


def test_pool_that_is_shut_finishes_what_it_is_at() -> None:
    visits = Visits(2)
    before = threading.active_count()
    visits.comes(Rank.BROWSER, "at it", stays=True)
    visits.until(lambda: visits.began == ["at it"])

    visits.pool.shutdown()
    visits.gates["at it"].set()
    visits.until(lambda: "at it" in visits.outcomes)

    deadline = time.monotonic() + 10
    while threading.active_count() > before - 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before - 2
