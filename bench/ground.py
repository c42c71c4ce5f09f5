"""The ground that is measured on: servers of our own, kept as in production, and the site's processes over them."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import ROOT, MeasurementFailed, cpu
from bench.observer import Observer
from bench.wire import Connection, get
from embedded import environment, ports, private, processes
from embedded.processes import Part, Plan
from embedded.servers import Addresses, throwaway
from tito.settings.environment import VARIABLES

# As in production: what is committed is on the disk. And Postgres counts its own statements.
LIKE_PRODUCTION = {
    "fsync": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "10",
    "shared_preload_libraries": "pg_stat_statements",
}


@dataclass(frozen=True)
class Ground:
    """The servers, the folder for logs and mail, and the environment that the site runs in."""

    where: Path
    addresses: Addresses
    port: int
    variables: Mapping[str, str]
    observer: Observer

    def cpu(self, *sites: Part) -> dict[str, float]:
        """CPU seconds used so far by the servers and by parts of the site; the observer's own are left out."""
        parts = {part.name: part.process.pid for part in (*self.addresses.parts, *sites)}
        return cpu.seconds(parts, without={self.observer.backend})


@contextmanager
def ground(local: Path) -> Iterator[Ground]:
    """Start the servers with nothing in them. One benchmark at a time; raises Refused while another runs."""
    where = local / "bench"
    where.mkdir(parents=True, exist_ok=True)
    _forget_what_the_environment_points_at()
    with ExitStack() as stack:
        stack.enter_context(private.lock(where / "lock"))
        _clear(where)
        addresses = stack.enter_context(throwaway(where / "servers", settings=LIKE_PRODUCTION))
        port = ports.choose()
        variables = environment.for_site(port=port, addresses=addresses, local=where)
        observer = stack.enter_context(closing(Observer(addresses.database_url, addresses.redis_url)))
        yield Ground(where, addresses, port, variables, observer)


@contextmanager
def site(ground: Ground) -> Iterator[Part]:
    """gunicorn as `make run` starts it, answering."""
    with _running(ground, "gunicorn", _gunicorn("tito.wsgi:application", ground.port)) as part:
        _wait_for_answer(ground.port, part)
        yield part


@contextmanager
def worker(ground: Ground) -> Iterator[Part]:
    """The job worker as `make run` starts it, ready."""
    with _running(ground, "worker", ["manage.py", "work"]) as part:
        if not processes.wait_until(lambda: "ready" in part.last_words() or not part.is_running(), within=30):
            raise MeasurementFailed("The worker does not become ready.")
        yield part


@contextmanager
def empty_view(ground: Ground) -> Iterator[tuple[Part, int]]:
    """The unit: one empty Django view under the same gunicorn. Yields it and its port."""
    port = ports.choose()
    with _running(ground, "empty", _gunicorn("bench.empty:application", port)) as part:
        _wait_for_answer(port, part)
        yield part, port


def _gunicorn(application: str, port: int) -> list[str]:
    return ["-m", "gunicorn", application, "-c", "tito/gunicorn.conf.py", "--bind", f"{ports.HOST}:{port}"]


@contextmanager
def _running(ground: Ground, name: str, arguments: list[str]) -> Iterator[Part]:
    plan = Plan(name, [sys.executable, *arguments], environment=ground.variables, folder=ROOT, grace=25.0)
    part = processes.start(plan, ground.where)
    try:
        yield part
    finally:
        part.stop()


def _wait_for_answer(port: int, part: Part) -> None:
    def has_answered() -> bool:
        if not part.is_running():
            raise MeasurementFailed(f"{part.name} has ended:\n{part.last_words()}")
        try:
            with closing(Connection(port)) as connection:
                return connection.ask(get("/", port)).status == 200
        except OSError:
            return False

    if not processes.wait_until(has_answered, within=60.0):
        raise MeasurementFailed(f"{part.name} does not answer:\n{part.last_words()}")


def _forget_what_the_environment_points_at() -> None:
    """Nothing outside may be measured by mistake, least of all written to, and every run has the same settings."""
    for name in VARIABLES:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)


def _clear(where: Path) -> None:
    processes.end_leftovers(where)
    for name in ("mail", "logs", "holds"):
        shutil.rmtree(where / name, ignore_errors=True)
