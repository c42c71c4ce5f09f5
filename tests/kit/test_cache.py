"""The process layer: one thread fills, the others get the old copy or wait, and what fails is left alone."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit import cache
from kit.cache import Busy, Made, OldOnly, Shelf

Make = Callable[[str | None], Made[str]]


class Maker:
    """Counts how often a value was made, and may be slow or fail."""

    def __init__(self, value: str = "new", *, seconds: float = 60.0, fault: Exception | None = None) -> None:
        self.value, self.seconds, self.fault = value, seconds, fault
        self.made, self.olds = 0, list[str | None]()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.is_at_it = threading.Event()

    def __call__(self, old: str | None) -> Made[str]:
        self.made += 1
        self.olds.append(old)
        self.is_at_it.set()
        self.may_go_on.wait(10)
        if self.fault:
            raise self.fault
        return Made(self.value, self.seconds)


def test_copy_is_made_once_while_it_is_fresh() -> None:
    shelf, make = Shelf[str]("test"), Maker()

    values = [shelf.get("key", make) for _ in range(3)]

    assert (values, make.made) == (["new"] * 3, 1)


def test_copy_with_another_mark_is_made_anew_from_the_old() -> None:
    shelf, make = Shelf[str]("test"), Maker()
    shelf.get("key", Maker("old"), mark="v1")

    value = shelf.get("key", make, mark="v2")

    assert (value, make.olds) == ("new", ["old"])


def test_nothing_is_a_value_too() -> None:
    shelf, made = Shelf[None]("test"), list[int]()

    def make(_old: None) -> Made[None]:
        made.append(1)
        return Made(None, 60.0)

    for _ in range(2):
        shelf.get("key", make)

    assert made == [1]


def test_old_copy_is_served_while_one_thread_makes_the_new() -> None:
    shelf, make = Shelf[str]("test"), Maker()
    shelf.get("key", Maker("old", seconds=0.0))
    make.may_go_on.clear()

    with ThreadPoolExecutor(1) as pool:
        filler = pool.submit(shelf.get, "key", make)
        make.is_at_it.wait(10)
        others = [shelf.get("key", make) for _ in range(5)]
        make.may_go_on.set()

    assert (others, filler.result(), make.made) == (["old"] * 5, "new", 1)


def test_copy_that_lapsed_long_ago_is_not_shown_before_a_new_one_was_waited_for() -> None:
    shelf, make = Shelf[str]("test"), Maker()
    shelf.get("key", Maker("of an hour ago", seconds=-3000.0))
    make.may_go_on.clear()

    with ThreadPoolExecutor(2) as pool:
        filler = pool.submit(shelf.get, "key", make)
        make.is_at_it.wait(10)
        other = pool.submit(shelf.get, "key", make)
        make.may_go_on.set()

    assert (other.result(), filler.result()) == ("new", "new")


def test_copy_that_lapsed_long_ago_is_shown_when_no_new_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "OLD_WAIT_SECONDS", 0.05)
    shelf, make = Shelf[str]("test"), Maker()
    shelf.get("key", Maker("of an hour ago", seconds=-3000.0))
    make.may_go_on.clear()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(shelf.get, "key", make)
        make.is_at_it.wait(10)
        found = shelf.get("key", make)
        make.may_go_on.set()

    assert found == "of an hour ago"


def test_old_value_from_elsewhere_is_shown_and_rests() -> None:
    shelf, broken = Shelf[str]("test"), Maker(fault=OldOnly("another process's", made_at=time.time() - 60))

    values = [shelf.get("key", broken) for _ in range(3)]

    assert (values, broken.made) == (["another process's"] * 3, 1)


def test_first_visitors_wait_for_the_one_who_makes_it() -> None:
    shelf, make = Shelf[str]("test"), Maker()
    make.may_go_on.clear()

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(shelf.get, "key", make) for _ in range(8)]
        make.is_at_it.wait(10)
        make.may_go_on.set()

    assert ({one.result() for one in waiting}, make.made) == ({"new"}, 1)


def test_first_visitors_are_sent_away_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "WAIT_SECONDS", 0.05)
    shelf, make = Shelf[str]("test"), Maker()
    make.may_go_on.clear()

    with ThreadPoolExecutor(1) as pool:
        filler = pool.submit(shelf.get, "key", make)
        make.is_at_it.wait(10)
        with pytest.raises(Busy):
            shelf.get("key", make)
        make.may_go_on.set()

    assert filler.result() == "new"


def test_what_fails_leaves_the_old_copy_in_service_and_rests() -> None:
    shelf, broken = Shelf[str]("test"), Maker(fault=LookupError("no database"))
    shelf.get("key", Maker("old", seconds=0.0))

    values = [shelf.get("key", broken) for _ in range(5)]

    assert (values, broken.made) == (["old"] * 5, 1)


def test_what_fails_without_an_old_copy_says_so_and_rests() -> None:
    shelf, broken = Shelf[str]("test"), Maker(fault=LookupError("no database"))

    with pytest.raises(LookupError):
        shelf.get("key", broken)
    with pytest.raises(Busy):
        shelf.get("key", broken)

    assert broken.made == 1


def test_what_fails_may_be_found_elsewhere() -> None:
    shelf, broken, asked = Shelf[str]("test"), Maker(fault=LookupError("no database")), list[int]()

    def elsewhere() -> str:
        asked.append(1)
        return "another process's"

    values = [shelf.get("key", broken, elsewhere=elsewhere) for _ in range(5)]

    assert (values, broken.made, asked) == (["another process's"] * 5, 1, [1])


def test_whoever_waits_in_vain_may_find_it_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "WAIT_SECONDS", 0.05)
    shelf, make = Shelf[str]("test"), Maker()
    make.may_go_on.clear()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(shelf.get, "key", make)
        make.is_at_it.wait(10)
        found = shelf.get("key", make, elsewhere=lambda: "another process's")
        make.may_go_on.set()

    assert found == "another process's"


def test_what_failed_is_tried_again_after_its_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LEAST_REST", 0.0)
    shelf = Shelf[str]("test")
    with pytest.raises(LookupError):
        shelf.get("key", Maker(fault=LookupError()))
    time.sleep(0.01)  # its rest: five times the no time that it took

    assert shelf.get("key", Maker()) == "new"


def test_copy_too_old_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "STALE_SECONDS", -1.0)
    shelf = Shelf[str]("test")
    shelf.get("key", Maker("old", seconds=0.0))

    with pytest.raises(LookupError):
        shelf.get("key", Maker(fault=LookupError()))


def test_only_a_few_threads_make_copies_at_once() -> None:
    shelf = Shelf[str]("test")
    makers = [Maker(str(number)) for number in range(cache.BUILDERS + 1)]
    for number, make in enumerate(makers):
        shelf.get(str(number), Maker("old", seconds=0.0))
        make.may_go_on.clear()

    with ThreadPoolExecutor(cache.BUILDERS) as pool:
        at_it = [pool.submit(shelf.get, str(number), makers[number]) for number in range(cache.BUILDERS)]
        for make in makers[:-1]:
            make.is_at_it.wait(10)
        one_more = shelf.get(str(cache.BUILDERS), makers[-1])
        for make in makers:
            make.may_go_on.set()

    assert (one_more, makers[-1].made) == ("old", 0)
    assert [one.result() for one in at_it] == [str(number) for number in range(cache.BUILDERS)]


def test_pages_that_nobody_has_seen_leave_a_place_for_those_that_are_known() -> None:
    shelf, known = Shelf[str]("test"), Maker("new")
    shelf.get("known", Maker("old", seconds=0.0))
    firsts = [Maker(str(number)) for number in range(cache.BUILDERS)]
    for make in firsts:
        make.may_go_on.clear()

    with ThreadPoolExecutor(cache.BUILDERS) as pool:
        at_it = [pool.submit(shelf.get, str(number), make) for number, make in enumerate(firsts)]
        for make in firsts[: cache.BUILDERS - 1]:
            make.is_at_it.wait(10)
        renewed = shelf.get("known", known)
        for make in firsts:
            make.may_go_on.set()

    assert renewed == "new"
    assert {one.result() for one in at_it} == {str(number) for number in range(cache.BUILDERS)}


def test_making_one_copy_for_another_needs_no_second_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_slots", threading.BoundedSemaphore(1))
    inner, outer = Shelf[str]("inner"), Shelf[str]("outer")

    value = outer.get("page", lambda _old: Made(inner.get("facts", Maker("facts")), 60.0))

    assert value == "facts"


def test_shelf_forgets_when_told() -> None:
    shelf, make = Shelf[str]("test"), Maker()
    shelf.get("key", make)

    shelf.forget()
    shelf.get("key", make)

    assert make.made == 2


def test_shelf_is_bounded_and_keeps_what_was_used_last() -> None:
    shelf, make = Shelf[str]("test", most=4), Maker()
    for number in range(4):
        shelf.get(str(number), make)
        time.sleep(0.001)  # so that each has its own time of use
    shelf.get("0", make)
    shelf.get("4", make)

    for number in (0, 3, 4):
        shelf.get(str(number), make)

    assert make.made == 5


def test_shelf_never_holds_more_than_its_bound() -> None:
    shelf, make = Shelf[str]("test", most=8), Maker()

    for number in range(100):
        shelf.get(str(number), make)
        assert len(shelf._copies) <= 8
