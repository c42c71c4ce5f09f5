"""Trouble on order: the next calls fail, lose their answer, or take long."""

import threading
from dataclasses import dataclass

FAIL, DROP, DELAY = "fail", "drop", "delay"


@dataclass
class Fault:
    """What befalls the next `count` API calls whose `METHOD /path` begins with `only`."""

    kind: str
    count: int = 1
    only: str = ""
    status: int = 500
    seconds: float = 0.0


@dataclass(frozen=True)
class Ordeal:
    """What one call goes through: a wait in seconds, a failure's status (0: none), the loss of its answer."""

    seconds: float = 0.0
    status: int = 0
    dropped: bool = False


class Faults:
    """The faults waiting for a call; each call takes at most one of each kind. `waiting` sit out a delay."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()
        self.waiting = 0

    def add(self, fault: Fault) -> None:
        """Lie in wait."""
        with self._lock:
            self._released.clear()
            self._faults.append(fault)

    def take(self, method: str, path: str) -> Ordeal:
        """What this call has to go through; used up as it is taken."""
        with self._lock:
            taken = {kind: self._first(kind, f"{method} {path}") for kind in (FAIL, DROP, DELAY)}
        fail, delay = taken[FAIL], taken[DELAY]
        return Ordeal(
            seconds=delay.seconds if delay else 0.0,
            status=fail.status if fail else 0,
            dropped=taken[DROP] is not None,
        )

    def wait(self, seconds: float) -> None:
        """Sit out a delay, or less of it when `clear` is called."""
        if not seconds:
            return
        with self._lock:
            self.waiting += 1
        self._released.wait(seconds)
        with self._lock:
            self.waiting -= 1

    def clear(self) -> None:
        """No more trouble; calls that are being delayed go on at once."""
        with self._lock:
            self._faults.clear()
            self._released.set()

    def _first(self, kind: str, call: str) -> Fault | None:
        for fault in self._faults:
            if fault.kind == kind and call.startswith(fault.only):
                fault.count -= 1
                if fault.count < 1:
                    self._faults.remove(fault)
                return fault
        return None
