"""What is counted of waiting for connections is what happened, and adds up over windows and processes."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from kit import pool_waits
from kit.pool_waits import PoolUse

PATIENCE = 10.0


@pytest.fixture(autouse=True)
def _at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_waits, "_said", None)


@pytest.fixture
def pool(django_db_blocker: Any, db: None) -> Iterator[Any]:
    """A pool of a single connection, under a name of its own."""
    pool: dict[str, Any] = {"min_size": 1, "max_size": 1, "timeout": PATIENCE}
    given = {**connection.settings_dict, "OPTIONS": {**connection.settings_dict["OPTIONS"], "pool": pool}}
    wrapper: Any = DatabaseWrapper(given, alias="narrow")
    wrapper.pool.open(wait=True)
    yield wrapper.pool
    wrapper.close_pool()


def use_while_another_waits(pool: Any) -> None:
    """One takes the connection, and gives it back when it has seen somebody wait for it."""
    held = pool.getconn()
    waiter = threading.Thread(target=lambda: pool.putconn(pool.getconn()))
    waiter.start()
    began = threading.Event()
    while not pool.get_stats()["requests_waiting"]:
        began.wait(0.001)
    began.wait(0.02)
    pool.putconn(held)
    waiter.join(PATIENCE)


def test_the_first_time_it_only_remembers(pool: Any) -> None:
    use_while_another_waits(pool)

    pool_waits.put_down(10)

    assert pool_waits.read([10]) == {10: {}}


def test_waits_since_the_last_time_go_to_the_window(pool: Any) -> None:
    pool_waits.put_down(0)
    for window, times in ((10, 1), (20, 2)):
        for _ in range(times):
            use_while_another_waits(pool)
        pool_waits.put_down(window)

    seen = pool_waits.read([10, 20, 30])

    assert [seen[window].get("narrow", PoolUse()).requests for window in (10, 20, 30)] == [2, 4, 0]
    assert seen[10]["narrow"].waited_ms >= 20
    assert seen[10]["narrow"].mean_wait_ms == seen[10]["narrow"].waited_ms / 2


def test_what_several_processes_say_adds_up(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        monkeypatch.setattr(pool_waits, "_said", {})  # as a process whose pools have just been opened
        pool_waits.put_down(10)

    assert pool_waits.read([10])[10] == {}
    use_while_another_waits(pool)
    for _ in range(2):
        monkeypatch.setattr(pool_waits, "_said", {})
        pool_waits.put_down(10)

    assert pool_waits.read([10])[10]["narrow"].requests == 4
    assert PoolUse().mean_wait_ms == 0.0
