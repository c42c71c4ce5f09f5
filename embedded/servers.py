"""Postgres and Valkey while a block of code runs: `with servers(folder, durable=True) as addresses`."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded import Refused, places, postgres, private, processes, valkey
from embedded.processes import Part


@dataclass(frozen=True)
class Addresses:
    """Where the servers are, and the processes started for them (none for a server that was given)."""

    database_url: str
    redis_url: str
    parts: tuple[Part, ...] = ()

    def environment(self) -> dict[str, str]:
        """The variables by which the site finds them."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextmanager
def servers(where: Path, *, durable: bool, settings: Mapping[str, str] | None = None) -> Iterator[Addresses]:
    """Start both servers with all they keep in the folder `where`, and stop them at the end.

    A server whose URL is in the environment (DATABASE_URL, REDIS_URL) is used and not started. `settings`
    are Postgres' own. Raises Refused if another run holds `where` or a server cannot be had.
    """
    database_url, redis_url = given("DATABASE_URL"), given("REDIS_URL")
    with ExitStack() as stack:
        parts = []
        if not (database_url and redis_url):
            place = stack.enter_context(_held(where))
        if not redis_url:
            part, redis_url = valkey.start(place)
            parts.append(part)
            stack.callback(part.stop)
        if not database_url:
            part, database_url = postgres.start(place, durable=durable, settings=settings)
            parts.append(part)
            stack.callback(part.stop)
        yield Addresses(database_url, redis_url, tuple(parts))


@contextmanager
def throwaway(parent: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[Addresses]:
    """Start both with new, empty data in a new folder under `parent`, and remove it at the end.

    Any number of these may run at once. What a killed one left there is ended and removed by the next.
    """
    parent = _made(parent)
    where = parent / f"run-{secrets.token_hex(3)}"
    with ExitStack() as stack:
        with private.lock(parent / "lock", wait=True):
            _remove_abandoned(parent)
            where.mkdir(mode=0o755)
            # Taken before others may look, else they would take it for abandoned.
            stack.enter_context(private.lock(where / "run.lock"))
        stack.callback(places.remove, where)
        yield stack.enter_context(servers(where, durable=False, settings=settings))


def given(name: str) -> str:
    """The environment's `name`, or the content of the file that its `name`_FILE names; else empty."""
    file = os.environ.get(f"{name}_FILE")
    return Path(file).read_text().strip() if file else os.environ.get(name, "")


@contextmanager
def _held(where: Path) -> Iterator[places.Place]:
    where = _made(where)
    with private.lock(where / "lock"):
        processes.end_leftovers(where)
        yield places.choose(where)


def _made(folder: Path) -> Path:
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _remove_abandoned(parent: Path) -> None:
    for where in parent.glob("run-*"):
        try:
            with private.lock(where / "run.lock"):
                processes.end_leftovers(where)
                places.remove(where)
        except (Refused, FileNotFoundError):
            continue  # its run goes on, or is just removing it
