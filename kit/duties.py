"""Duties: small things done every few seconds by the worker, each in a thread of its own.

A duty does its work in rows that others skip (SKIP LOCKED) or in one conditional statement, so any number of workers
may run. One that fails is logged and tried again after its usual pause; the others go on.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection
from django.utils.timezone import now

log = structlog.stdlib.get_logger("duties")


@dataclass(frozen=True, slots=True)
class Duty:
    """`work(now=…)` is done, then after `seconds` again; when it answers True there is more, and it goes on at once."""

    name: str
    seconds: float
    work: Callable[[datetime], bool]


def in_batches(act: Callable[..., int], most: int) -> Callable[[datetime], bool]:
    """The work of an act that does at most so many at once, and answers how many: after as many there may be more."""
    return lambda now: act(now=now) == most


def run(duties: list[Duty], stop: threading.Event) -> None:
    """Do all duties until `stop` is set; returns when each has finished what it was at."""
    threads = [threading.Thread(target=_keep, args=(duty, stop), name=duty.name) for duty in duties]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _keep(duty: Duty, stop: threading.Event) -> None:
    while not stop.is_set():
        if not _once(duty):
            stop.wait(duty.seconds)


def _once(duty: Duty) -> bool:
    try:
        return duty.work(now())
    except Exception:
        log.exception("duty failed", duty=duty.name)
        return False
    finally:
        connection.close()
