"""Many connections asking for one page, from one thread: as fast as it can be had, or at a set pace.

At a set pace latency counts from when a request was due, so a page that keeps everybody waiting cannot hide
it by being asked less often.
"""

import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import MeasurementFailed
from bench.figures import percentile
from bench.wire import Answer, whole
from embedded.ports import HOST

WAIT_SECONDS = 30.0
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
Due = Callable[[int, float, float], float]  # when a request is due: its number, the time now, and the start
Seen = Callable[[float, Answer], None]  # called with when a request was due, by time.perf_counter, and its answer


@dataclass(slots=True)
class Load:
    """What came of it. Latencies and lags are in seconds; a lag is how late the generator itself was."""

    seconds: float = 0.0
    own_cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def p50_ms(self) -> float:
        return percentile(self.latencies, 0.50) * 1000

    @property
    def p99_ms(self) -> float:
        return percentile(self.latencies, 0.99) * 1000

    @property
    def late_p99_ms(self) -> float:
        return percentile(self.lags, 0.99) * 1000


@dataclass(slots=True)
class _Line:
    """One connection: since when it is idle or its request was due, and what has arrived of the answer."""

    port: int
    wire: socket.socket = field(init=False)
    idle_since: float = 0.0
    due: float = 0.0
    arrived: bytes = b""

    def connect(self, selector: selectors.BaseSelector) -> None:
        self.wire = socket.create_connection((HOST, self.port), timeout=WAIT_SECONDS)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(self.wire, selectors.EVENT_READ, self)

    def connect_again(self, selector: selectors.BaseSelector) -> None:
        """As a browser does when the server wants to close: nginx does after a thousand requests."""
        selector.unregister(self.wire)
        self.wire.close()
        self.connect(selector)


def as_fast_as_it_goes(port: int, request: bytes, *, connections: int, seconds: float) -> Load:
    """Each connection asks again as soon as it is answered."""
    return _run(port, request, connections, seconds, lambda _count, now, _start: now)


def at_pace(
    port: int, request: bytes, *, connections: int, seconds: float, per_second: float, seen: Seen | None = None
) -> Load:  # fmt: skip
    """Requests are due evenly; one that finds every connection busy waits, and its waiting counts."""
    return _run(port, request, connections, seconds, lambda count, _now, start: start + count / per_second, seen)


def _run(port: int, request: bytes, connections: int, seconds: float, due: Due, seen: Seen | None = None) -> Load:
    with selectors.SelectSelector() as selector:  # epoll's timeouts are whole milliseconds
        lines = [_Line(port) for _ in range(connections)]
        for line in lines:
            line.connect(selector)
        try:
            return _drive(selector, deque(lines), request, seconds, due, seen)
        finally:
            for line in lines:
                line.wire.close()


def _drive(
    selector: selectors.BaseSelector, idle: deque[_Line], request: bytes, seconds: float, due: Due, seen: Seen | None
) -> Load:  # fmt: skip
    load, count, connections = Load(), 0, len(idle)
    cpu, start = time.process_time(), time.perf_counter()
    end = start + seconds
    while True:
        now = time.perf_counter()
        while idle and (next_due := due(count, now, start)) <= now and next_due < end:
            line = idle.popleft()
            line.due, line.arrived = next_due, b""
            line.wire.sendall(request)
            load.lags.append(now - max(next_due, line.idle_since, start))
            count += 1
        is_over = due(count, now, start) >= end
        if is_over and len(idle) == connections:
            break
        patience = due(count, now, start) - now if idle and not is_over else WAIT_SECONDS
        _receive(selector, patience, idle, load, seen)
    load.seconds, load.own_cpu = time.perf_counter() - start, time.process_time() - cpu
    return load


def _receive(
    selector: selectors.BaseSelector, patience: float, idle: deque[_Line], load: Load, seen: Seen | None
) -> None:  # fmt: skip
    ready = selector.select(max(0.0, patience))
    if not ready and patience == WAIT_SECONDS:
        raise MeasurementFailed(f"Nothing was answered for {WAIT_SECONDS:.0f} seconds.")
    for key, _ in ready:
        line: _Line = key.data
        more = line.wire.recv(1 << 18)
        if not more:
            raise MeasurementFailed("The site closed a connection.")
        line.arrived += more
        answer = whole(line.arrived)
        if answer:
            if answer.status != 200:
                raise MeasurementFailed(f"The page was answered with {answer.status}.")
            line.idle_since = time.perf_counter()
            load.latencies.append(line.idle_since - line.due)
            if seen:
                seen(line.due, answer)
            if CLOSES.search(answer.head):
                line.connect_again(selector)
            idle.append(line)
