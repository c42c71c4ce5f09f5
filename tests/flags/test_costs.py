"""What was charged gets from a process into Redis: without a page waiting, without counting twice, without a fault."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as site
from django_redis import get_redis_connection
from pytest_django.fixtures import Settings
from redis import Redis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

import flags
from flags import asked, costs
from flags.spending import Cost, Of, Spending
from tests.flags.makers import Carrier

EVENT = Carrier({"seat-maps": True, "off": False}, id=7)
OF = Of("seat-maps", 7, "-")
FLUSH_FOR_EVER = costs._flush_for_ever  # tests have a thread that waits (tests/conftest.py)
AWAY = "redis://127.0.0.1:9/0"


def location() -> str:
    """Where the tests' Redis is."""
    return str(site.CACHES["default"]["LOCATION"])


def point_redis_at(address: str, settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": address}}


def charge(queries: int = 1, times: int = 1, event_id: int = 7) -> None:
    for _ in range(times):
        costs.charge("seat-maps", event_id, "-", Spending(queries=queries, rows=2, seconds=0.001))


def in_redis() -> dict[Of, Cost]:
    """All that was put down lately."""
    now = costs.window_of(time.time())
    together: dict[Of, Cost] = {}
    for by_key in costs.spent(range(now - 200, now + 20, costs.WINDOW)).values():
        for of, cost in by_key.items():
            together.setdefault(of, Cost()).merge(cost)
    return together


def test_what_was_charged_reaches_redis_and_is_read_as_it_was() -> None:
    charge(queries=3, times=19)
    charge(queries=40)
    flags.used("seat-maps", EVENT)
    flags.used("off", EVENT)

    costs.flush()

    (of, cost), *others = in_redis().items()
    assert (of, others) == (OF, [])
    assert (cost.requests, cost.queries, cost.rows, cost.microseconds, cost.uses) == (20, 97, 40, 20_000, 1)
    assert (cost.queries_p95, cost.ms_p95) == (3, 1.0)


def test_what_several_processes_put_down_adds_up() -> None:
    for _ in range(3):
        charge()
        costs.flush()

    assert in_redis()[OF].requests == 3


def test_routes_are_put_together_for_each_event() -> None:
    found = {Of("seat-maps", 7, route): Cost(requests=2, by_queries={1: 2}) for route in ("a/", "b/")}

    assert costs.by_event(found) == {("seat-maps", 7): Cost(requests=4, by_queries={1: 4})}


def test_a_window_that_is_not_over_waits() -> None:
    charge()

    costs.flush(before=time.time())

    assert in_redis() == {}
    costs.flush()
    assert in_redis()[OF].requests == 1


def test_what_redis_could_not_take_is_kept_and_put_down_once(settings: Settings) -> None:
    there = location()
    charge()
    point_redis_at(AWAY, settings)

    with capture_logs() as said:
        costs.flush()
        charge()
        costs.flush()
    point_redis_at(there, settings)
    costs.flush()
    costs.flush()

    assert [line["event"] for line in said] == ["flags' costs not put down"] * 2
    assert in_redis()[OF].requests == 2


def test_what_is_older_than_a_minute_is_dropped_while_redis_is_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_redis_at(AWAY, settings)
    began = costs.window_of(time.time())

    for number in range(20):
        monkeypatch.setattr(time, "time", lambda number=number: began + number * costs.WINDOW + 1.0)
        charge()
        costs.flush()

    assert sorted(costs._windows) == [began + number * costs.WINDOW for number in range(14, 20)]


def test_what_was_put_down_before_a_fault_is_not_put_down_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for event_id in range(costs.PUT_AT_ONCE + 10):
        charge(event_id=event_id)
    get, asked_for = get_redis_connection, list[str]()

    def once(alias: str) -> Any:
        asked_for.append(alias)
        if len(asked_for) == 2:
            raise RedisError("gone")
        return get(alias)

    monkeypatch.setattr(costs, "get_redis_connection", once)

    costs.flush()
    costs.flush()

    assert [cost.requests for cost in in_redis().values()] == [1] * (costs.PUT_AT_ONCE + 10)


def test_charges_of_many_threads_all_count_while_others_are_put_down() -> None:
    threads = [threading.Thread(target=charge, kwargs={"times": 500}) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        costs.flush()
    costs.flush()

    assert in_redis()[OF].requests == 2000


def test_no_page_fails_where_no_thread_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(costs, "_flusher", None)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        charge()
    charge()

    assert costs._flusher is not None
    assert costs._flusher.is_alive()
    assert sum(cost.requests for by_key in costs._windows.values() for cost in by_key.values()) == 2


def test_the_thread_puts_down_each_window_that_is_over_and_outlives_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    put: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 4:
            raise SystemExit

    def flush(*, before: float) -> None:
        put.append(before)
        if len(put) == 2:
            raise ValueError("unheard of")

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(costs, "flush", flush)

    with capture_logs() as said, pytest.raises(SystemExit):
        FLUSH_FOR_EVER()

    assert (len(put), [line["event"] for line in said]) == (3, ["flags' costs lost"])
    assert all(0 < seconds <= costs.WINDOW + 0.2 for seconds in slept)


def test_keys_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "MOST_KEYS", 3)

    for event_id in range(10):
        charge(event_id=event_id)

    assert max(map(len, costs._windows.values())) <= 3


def answer_of_child(work: Callable[[], bytes]) -> bytes:
    """What a child of this process answers."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, work())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_of_a_process_puts_down_its_own_alone_and_does_not_wait_for_a_thread_that_it_has_not() -> None:
    charge(times=5)

    def work() -> bytes:
        charge()
        return b"%d" % sum(cost.requests for by_key in costs._windows.values() for cost in by_key.values())

    with costs._lock:
        answer = answer_of_child(work)

    assert answer == b"1"


def test_a_flag_that_was_asked_for_is_put_down_once_in_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    before = int(time.time())
    for name in ("seat-maps", "off", "missing", "seat-maps"):
        flags.is_on(name, EVENT)
    costs.flush()
    first = asked.read()
    noted: list[str] = []
    monkeypatch.setattr(costs, "ask", noted.append)

    flags.is_on("off", EVENT)
    monkeypatch.setattr(time, "time", lambda: before + asked.HOUR)
    asked.put()
    flags.is_on("off", EVENT)

    assert set(first) == {"seat-maps", "off", "missing"}
    assert all(before <= at <= before + 60 for at in first.values())
    assert noted == ["off"]


def test_what_was_asked_for_waits_for_redis(settings: Settings) -> None:
    there = location()
    flags.is_on("seat-maps", EVENT)
    point_redis_at(AWAY, settings)
    costs.flush()
    point_redis_at(there, settings)

    costs.flush()

    assert set(asked.read()) == {"seat-maps"}


def test_redis_keeps_neither_for_ever() -> None:
    flags.is_on("seat-maps", EVENT)
    charge()
    window = max(costs._windows)

    costs.flush()

    redis = Redis.from_url(location())
    assert 0 < redis.ttl(f"tito:flags:costs:{window}") <= costs.KEPT
    assert 0 < redis.ttl(asked.NAME) <= asked.KEPT
    redis.close()
