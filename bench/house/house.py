"""The whole house, running: Postgres, Valkey, gunicorn, the worker and the edge, each of which a test may disturb."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from bench import ROOT, MeasurementFailed
from bench.house.crowd import Answer, ask, get
from embedded import edge, environment, places, ports, postgres, processes, valkey
from embedded.processes import Part, Plan
from embedded.servers import Addresses
from tito.settings.environment import VARIABLES

EVENTS = ("fair", "big", "meetup", "soon")
FAULTY = "bench.house.site_with_faults:application"


class House:
    """Ports of the edge and of the site behind it, the running parts by name, and what can be done to them.

    `is_durable`: Postgres waits for the disk, as in production. `application` is what gunicorn serves, by default the
    site with faults to switch on.
    """

    def __init__(self, where: Path, stack: ExitStack, *, is_durable: bool = False, application: str = FAULTY) -> None:
        self.where, self._stack = where, stack
        self._is_durable, self._application = is_durable, application
        self.place = places.choose(where)
        self.port, self.site_port = ports.choose(), ports.choose()
        self.parts: dict[str, Part] = {}
        self.variables: Mapping[str, str] = {}
        stack.enter_context(_alone())
        stack.callback(self._stop_all)

    def open(self) -> None:
        """Start everything, with something to sell."""
        self.start_redis()
        self.start_postgres()
        self.variables = self._environment()
        self.manage("migrate", "--noinput")
        self.manage("make_browse_role")
        self.manage("collectstatic", "--noinput")
        self.run("-m", "bench.house.stock")
        self.start_site()
        self.start_worker()
        part = self._stack.enter_context(
            edge.running(port=self.port, site=self.site_port, static=ROOT / "staticfiles", local=self.where)
        )
        self.parts["edge"] = part
        self._wait_for(lambda: self.visit().status == 200, part)

    def start_postgres(self) -> None:
        counting = {"shared_preload_libraries": "pg_stat_statements", "max_wal_senders": "0"}
        self.parts["postgres"], self.database_url = postgres.start(
            self.place, durable=self._is_durable, settings=counting
        )

    def start_redis(self) -> None:
        self.parts["valkey"], self.redis_url = valkey.start(self.place)

    def start_site(self, **variables: str) -> None:
        """gunicorn, with nothing in its memory. `variables` go over its environment."""
        command = [
            sys.executable, "-m", "gunicorn", self._application, "-c", "tito/gunicorn.conf.py",
            "--bind", f"{ports.HOST}:{self.site_port}",
        ]  # fmt: skip
        self._start(Plan("site", command, environment={**self.variables, **variables}, folder=ROOT, grace=10))
        self._wait_for(lambda: self.visit("/clock/", edge=False).status == 200, self.parts["site"])

    def start_worker(self) -> None:
        command = [sys.executable, "manage.py", "work"]
        self._start(Plan("worker", command, environment=self.variables, folder=ROOT, grace=10))

    def start_fake_stripe(self) -> None:
        """Where buyers pay, for those who buy what costs something."""
        arguments = environment.fake_stripe_arguments(port=self.port, local=self.where, remembers=False)
        self._start(Plan("fakestripe", [sys.executable, *arguments], environment=self.variables, folder=ROOT))

    def stop(self, name: str, number: signal.Signals | None = None) -> None:
        """End a part in its own way, or by this signal."""
        part = self.parts[name]
        if number is not None:
            part.process.send_signal(number)
            part.process.wait(10)
        part.stop()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send this signal to a part and to all that it has started."""
        for pid in family(self.parts[name].process.pid):
            os.kill(pid, number)

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """A part that is there and does not answer."""
        self.signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(name, signal.SIGCONT)

    @contextmanager
    def fault(self, name: str, of: str) -> Iterator[None]:
        """One of the faults of site_with_faults.py: `slow-listing` of an event, or `dear-page` of a path."""
        fault = self.where / name
        fault.write_text(of)
        try:
            yield
        finally:
            fault.unlink()

    def visit(self, path: str = "/bench/meetup/", *, edge: bool = True) -> Answer:
        """One visitor, through the edge or straight to the site."""
        return ask(self.port if edge else self.site_port, get(path))

    def move_opening(self, to: datetime) -> None:
        """Let the sale of `soon` open at another time."""
        self.sql("UPDATE events_tickettype SET sale_starts_at = %s WHERE sale_starts_at IS NOT NULL", to)

    def sql(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows of the house's own database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement, arguments)
            return cursor.fetchall() if cursor.description else []

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        """What a Python command printed. Raises MeasurementFailed with its errors if it failed."""
        done = subprocess.run(
            [sys.executable, *arguments], env=self.variables, cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise MeasurementFailed(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def forget_everything(self) -> None:
        """A start with no copy in any process or in Redis; the edge keeps what it has."""
        self.stop("site")
        import redis  # the house runs without Django

        with redis.Redis.from_url(self.redis_url) as server:
            server.flushall()
        self.start_site()

    def _environment(self) -> dict[str, str]:
        addresses = Addresses(self.database_url, self.redis_url)
        own = environment.for_site(port=self.port, addresses=addresses, local=self.where)
        return {**own, "CHAOS_FOLDER": str(self.where), "WEB_WORKERS": "2"}

    def _wait_for(self, is_up: Callable[[], bool], part: Part) -> None:
        if not processes.wait_until(is_up, within=30):
            raise MeasurementFailed(f"{part.name} does not answer:\n{part.last_words()}")

    def _start(self, plan: Plan) -> None:
        self.parts[plan.name] = processes.start(plan, self.where)

    def _stop_all(self) -> None:
        for name in ("worker", "site", "fakestripe", "valkey", "postgres"):
            if name in self.parts:
                self.parts[name].stop()
        places.remove(self.where)


@contextmanager
def _alone() -> Iterator[None]:
    """Nothing of what this process' own settings came from leads the house to other servers."""
    found = {name: os.environ.pop(name) for name in VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(found)


def family(pid: int) -> list[int]:
    """A process and all that it has started, by Linux' own list."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]
