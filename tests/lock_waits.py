"""Puts one transaction in another's way, surely and without guessing at times."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")
DEADLINE_SECONDS = 20.0


def work_beside(
    during: Callable[[], object], work: Callable[[], T], then: Callable[[], object] = lambda: None
) -> T | Exception:
    """Do `during` here and, once `work`, in a thread, waits for it or is done, do `then` and commit.

    Answers what `work` answered or raised. For tests with real transactions.
    """
    answers: list[T | Exception] = []
    thread = threading.Thread(target=lambda: answers.append(_worked(work)))
    with transaction.atomic():
        during()
        thread.start()
        _wait_until(lambda: answers or _someone_waits())
        then()
    thread.join(timeout=DEADLINE_SECONDS)
    return answers[0]


def _worked(work: Callable[[], T]) -> T | Exception:
    try:
        return work()
    except Exception as raised:
        return raised
    finally:
        connection.close()


def _someone_waits() -> bool:
    """Whether any connection to this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same moment again and again
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)
