"""What Ctrl-C and SIGTERM do, in each part of a rehearsal. In a thread that is not the main one: nothing special."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

ENDING: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def both_interrupt() -> Iterator[None]:
    """Both end what is done in here with KeyboardInterrupt."""

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    with _handled_by(interrupted):
        yield


@contextmanager
def told_once(told: Callable[[], None]) -> Iterator[None]:
    """The first of them is told, and what is done in here goes on; the second ends it with KeyboardInterrupt."""
    seen: list[int] = []

    def heard(number: int, *_: object) -> None:
        seen.append(number)
        if len(seen) > 1:
            raise KeyboardInterrupt
        told()

    with _handled_by(heard):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Neither keeps us from tidying up."""
    with _handled_by(signal.SIG_IGN):
        yield


@contextmanager
def _handled_by(handler: Any) -> Iterator[None]:
    is_main = threading.current_thread() is threading.main_thread()
    before = [(number, signal.signal(number, handler)) for number in ENDING] if is_main else []
    try:
        yield
    finally:
        for number, old in before:
            signal.signal(number, old)
