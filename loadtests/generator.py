"""One process of the load: plays its share of the visitors, each a Locust user of one journey, when they are due.

Started by `conductor.py`, spoken to in JSON lines: it reads its plan and which share is its own, says that it is
ready, begins when told, says every second how it stands, and ends with all it has counted. When its input is closed
it stops at once. SIGINT is its starter's business.
"""

import gc
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from gevent.pool import Group
from locust import FastHttpUser, task
from locust.contrib.fasthttp import LocustUserAgent
from locust.env import Environment
from locust.exception import StopUser

from loadtests import watching
from loadtests.browser import PATIENCE_SECONDS, Answer, Browser, fault_of
from loadtests.crowd import Arrival, Ending, arrivals
from loadtests.journeys import play
from loadtests.plan import Plan
from loadtests.tally import COUNTS, Tally
from loadtests.visitor import Scene, Visitor

LATEST_START_SECONDS = 5.0  # a visitor still not started so long after the last was due never is
GRACE_SECONDS = 45.0  # what journeys have to end by themselves
SECONDS_AT_THE_PACE_OF_PEOPLE = 60.0
KEPT_HEADERS = ("location", "retry-after", "refresh", "x-edge")
BOTS_ADDRESS = "198.18.0.1"
PRIORITY = -10
AUTOGROUP = Path("/proc/self/autogroup")
LocustUserAgent.redirect_response_codes = frozenset()  # the journey follows by itself, to time each step


class Clock:
    """Seconds since the beginning, by the machine's monotonic clock, which all processes share."""

    def __init__(self, began: float) -> None:
        self._began = began

    def now(self) -> float:
        return time.monotonic() - self._began

    def sleep(self, seconds: float) -> None:
        gevent.sleep(max(0.0, seconds))

    def both(self, one: Callable[[], Any], other: Callable[[], Any]) -> tuple[Any, Any]:
        """The results of both, done at the same time; raises what `one` raised."""
        second = gevent.spawn(other)
        try:
            return one(), second.get()
        finally:
            second.kill(block=False)


class OneJourney(FastHttpUser):
    """A visitor as Locust knows it, with connections of its own; it comes once and then it is gone."""

    network_timeout = connection_timeout = PATIENCE_SECONDS
    concurrency = 6
    insecure = False

    def __init__(self, environment: Environment, arrival: Arrival, scene: Scene, clock: Clock) -> None:
        super().__init__(environment)
        draw = random.Random(arrival.seed)
        address = BOTS_ADDRESS if arrival.ending is Ending.IS_BOT else _address(draw)
        self._clock, self._arrival, self._tally = clock, arrival, scene.tally
        browser = Browser(self._send, clock, scene.tally, address=address, due=arrival.at, draw=draw)
        self._visitor = Visitor(browser, arrival, scene, draw)

    def on_stop(self) -> None:
        self.client.client.close()  # the tab is closed, and its connections with it

    @task
    def visit(self) -> None:
        self._tally.lateness.add((self._clock.now() - self._arrival.at) * 1000)
        play(self._visitor)
        raise StopUser

    def _send(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        response: Any = self.client.request(method, url, data=body, headers=headers)  # type: ignore[arg-type]
        if not response.status_code:
            return Answer(0, url, fault=fault_of(response.error))
        try:
            content = response.content or b""
        except Exception as fault:  # whatever broke while the body came, there is no whole answer
            return Answer(0, url, fault=fault_of(fault))
        found = {name: response.headers.get(name) for name in KEPT_HEADERS}
        return Answer(response.status_code, url, content, {name: value for name, value in found.items() if value})


class OneWatcher(OneJourney):
    """Somebody of the organiser's, who stays until the crowd has gone."""

    def __init__(self, environment: Environment, number: int, plan: Plan, scene: Scene, clock: Clock) -> None:
        arrival = Arrival(number, 0.0, Ending.ABANDONS, False, True, False, seed=plan.seed + number)
        super().__init__(environment, arrival, scene, clock)
        self._plan = plan

    @task
    def visit(self) -> None:
        if self._plan.watch:
            watching.watch(self._visitor.browser, self._plan.base, self._plan.watch)
        raise StopUser


class Generator:
    """Plays a share of a plan, and watches itself doing it."""

    def __init__(self, plan: Plan, share: int, shares: int) -> None:
        self._plan, self._tally, self._visitors, self._watchers = plan, Tally(), Group(), Group()
        self._is_first = share == 0
        self.arrivals = arrivals(plan, share=share, shares=shares)
        self._receipts = os.open(plan.receipts, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._cpu: list[tuple[float, float]] = []
        self._started = 0
        self._stopped = Event()

    def play(self, began: float) -> dict[str, Any]:
        """Until all journeys have ended, the time is over or the input is closed; all that was counted."""
        clock = Clock(began)
        ticking = [gevent.spawn(self._tick, clock), gevent.spawn(self._listen)]
        self._start_visitors(clock)
        self._wait_for_visitors(clock)
        self._watchers.kill(timeout=5)
        gevent.killall(ticking)
        return {
            "tally": self._tally.to_json(), "cpu": self._cpu, "started": self._started,
            "is_partial": self._stopped.is_set(), "seconds": clock.now(),
        }  # fmt: skip

    def _start_visitors(self, clock: Clock) -> None:
        OneJourney.host, Browser.mark = self._plan.base, self._plan.mark
        environment = Environment(user_classes=[OneJourney])
        scene = Scene(
            self._plan.base + self._plan.path, self._plan.weights,
            min(1.0, self._plan.seconds / SECONDS_AT_THE_PACE_OF_PEOPLE), self._tally, self._receive,
        )  # fmt: skip
        latest = self.arrivals[-1].at + LATEST_START_SECONDS if self.arrivals else 0.0
        if self._plan.watch and self._is_first:
            for number in range(self._plan.watch.people):
                OneWatcher(environment, number, self._plan, scene, clock).start(self._watchers)
        for arrival in self.arrivals:
            clock.sleep(0)  # those who are on their way must go on, also when this is late
            if self._stopped.wait(max(0.0, arrival.at - clock.now())) or clock.now() > latest:
                return
            OneJourney(environment, arrival, scene, clock).start(self._visitors)
            self._started += 1

    def _wait_for_visitors(self, clock: Clock) -> None:
        last = self.arrivals[-1].at if self.arrivals else 0.0
        until = max(self._plan.seconds, last) + GRACE_SECONDS
        while len(self._visitors) and not self._stopped.is_set() and clock.now() < until:
            self._visitors.join(timeout=0.1)
        unfinished = len(self._visitors)
        self._visitors.kill(timeout=5)
        if unfinished and not self._stopped.is_set():
            self._tally.fault(
                ("journey", "unfinished", 0), clock.now(), "still on the way at the end", count=unfinished
            )
            self._tally.journeys["failed"] += unfinished

    def _tick(self, clock: Clock) -> None:
        clock.sleep(-clock.now())
        while True:
            self._cpu.append((clock.now(), time.process_time()))
            _say({"tick": {"at_work": len(self._visitors), **{name: self._tally.total(name) for name in COUNTS}}})
            clock.sleep(1.0 - clock.now() % 1.0)

    def _listen(self) -> None:
        """The starter says nothing more; the end of the input means stop."""
        gevent.socket.wait_read(sys.stdin.fileno())
        self._stopped.set()
        self._visitors.kill(block=False)

    def _receive(self, receipt: Mapping[str, Any]) -> None:
        os.write(self._receipts, (json.dumps(receipt) + "\n").encode())  # one write appends a line whole


def _address(draw: random.Random) -> str:
    """A visitor's own, from the network that RFC 2544 keeps for such tests."""
    number = draw.randrange(256, 2**17)
    return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def _say(message: Mapping[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def _take_what_a_crowd_needs() -> None:
    """A connection for each visitor and more; and, where it is allowed, its turn before the servers that share its
    cores: real visitors do not come later because the site is at work."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
        AUTOGROUP.write_text(str(PRIORITY))  # Linux weighs whole sessions against each other, see sched(7)


def main() -> None:
    """One run, as the starter says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _take_what_a_crowd_needs()
    order = json.loads(sys.stdin.readline())
    generator = Generator(Plan.read(order["plan"]), order["share"], order["shares"])
    gc.collect()
    gc.freeze()
    _say({"ready": len(generator.arrivals)})
    line = sys.stdin.readline()
    if line:
        _say({"end": generator.play(json.loads(line)["began"])})


if __name__ == "__main__":
    main()
