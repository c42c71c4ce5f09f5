"""The worker's duties: each goes on by itself, one that fails is tried again, and all end when told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.conf import settings
from django.db import connection
from structlog.testing import capture_logs

from kit import duties
from kit.duties import Duty

# With its apps named, the flush afterwards cascades to the tables that waffle made for the flag model we swapped out.
COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
PATIENCE = 10.0


@contextmanager
def running(*given: Duty) -> Iterator[None]:
    """The duties at work in a thread, ended at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=duties.run, args=(list(given), stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


class Work:
    """Work that counts itself; `enough` is set once it was done `until` times."""

    def __init__(self, until: int = 1, answer: Callable[[int], bool] = lambda _: False) -> None:
        self.until, self.answer = until, answer
        self.moments: list[datetime] = []
        self.enough = threading.Event()

    def __call__(self, now: datetime) -> bool:
        self.moments.append(now)
        if len(self.moments) >= self.until:
            self.enough.set()
        return self.answer(len(self.moments))


def test_duty_is_done_again_and_again() -> None:
    work = Work(until=3)

    with running(Duty("work", 0.001, work)):
        assert work.enough.wait(PATIENCE)

    assert work.moments == sorted(work.moments)
    assert {moment.tzname() for moment in work.moments} == {"UTC"}


def test_duty_with_more_to_do_goes_on_at_once() -> None:
    work = Work(until=5, answer=lambda done: done < 5)

    with running(Duty("work", 3600, work)):
        assert work.enough.wait(PATIENCE)

    assert len(work.moments) == 5


def test_duty_that_fails_is_logged_and_done_again() -> None:
    def fail(done: int) -> bool:
        raise LookupError(f"try {done}")

    broken, sound = Work(until=2, answer=fail), Work(until=2)

    with capture_logs() as logs, running(Duty("broken", 0.001, broken), Duty("sound", 0.001, sound)):
        assert broken.enough.wait(PATIENCE)
        assert sound.enough.wait(PATIENCE)

    failures = [(line["event"], line["duty"], line["log_level"]) for line in logs]
    assert set(failures) == {("duty failed", "broken", "error")}
    assert len(failures) >= 2


def test_slow_duty_does_not_keep_others_waiting() -> None:
    others = Work(until=3)

    def wait_for_others(_: datetime) -> bool:
        assert others.enough.wait(PATIENCE)
        return False

    with running(Duty("slow", 0.001, wait_for_others), Duty("others", 0.001, others)):
        assert others.enough.wait(PATIENCE)


def test_run_returns_when_each_has_finished_what_it_was_at() -> None:
    begun, finish, finished = threading.Event(), threading.Event(), threading.Event()

    def work(_: datetime) -> bool:
        begun.set()
        assert finish.wait(PATIENCE)
        finished.set()
        return True

    with running(Duty("work", 0.001, work)):
        assert begun.wait(PATIENCE)
        threading.Timer(0.05, finish.set).start()

    assert finished.is_set()


@COMMITTED
def test_duty_gives_its_connection_back() -> None:
    open_after = []

    def read(_: datetime) -> bool:
        open_after.append(connection.connection is not None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if len(open_after) == 3:
            enough.set()
        return False

    enough = threading.Event()
    with running(Duty("read", 0.001, read)):
        assert enough.wait(PATIENCE)

    assert not any(open_after)
