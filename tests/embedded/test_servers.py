"""The two servers: what they are like, what they share a folder with, and how they come back after a kill."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from embedded import Refused, places, processes
from embedded.processes import Plan
from embedded.servers import servers, throwaway

SLEEP = shutil.which("sleep") or ""
MAKE_TABLE = "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 42 AS answer"
SMALL = {"shared_buffers": "16MB"}
RUN = """
import sys, time
from pathlib import Path
from embedded.servers import servers
with servers(Path(sys.argv[1]), durable=False) as addresses:
    print(addresses.database_url, *[part.process.pid for part in addresses.parts], flush=True)
    time.sleep(600)
"""


def test_servers_speak_utf8_and_want_their_password(shared: Path) -> None:
    with servers(shared, durable=False, settings=SMALL) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            row = connection.execute("SELECT current_setting('server_encoding'), lower('ÄÉ'), 'a' > 'Z'").fetchone()
        with redis.Redis.from_url(addresses.redis_url) as valkey:
            policy = valkey.config_get("maxmemory-policy")

        assert row == ("UTF8", "äé", True)
        assert policy == {"maxmemory-policy": "volatile-ttl"}
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(_without_password(addresses.database_url, "tito:wrong"))
        with (
            redis.Redis.from_url(_without_password(addresses.redis_url, "")) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()


def test_servers_wait_for_the_disk_only_if_durable(shared: Path) -> None:
    with servers(shared, durable=True, settings=SMALL) as addresses:
        durable = _settings(addresses.database_url)
    with servers(shared, durable=False, settings=SMALL) as addresses:
        forgetful = _settings(addresses.database_url)

    assert durable == {"fsync": "on", "full_page_writes": "on", "shared_buffers": "16MB"}
    assert forgetful == {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB"}


def test_servers_end_with_a_killed_run_and_come_back_with_its_data(shared: Path) -> None:
    with _run(shared) as (run, database_url, pids):
        _execute(database_url, MAKE_TABLE)
        run.kill()
        run.wait()

        assert processes.wait_until(lambda: not any(map(processes.started_at, pids)), within=20)
        with servers(shared, durable=False, settings=SMALL) as addresses:
            assert _execute(addresses.database_url, "SELECT answer FROM kept") == [(42,)]


def test_servers_come_back_after_everything_was_killed(shared: Path) -> None:
    with _run(shared) as (run, database_url, pids):
        _execute(database_url, MAKE_TABLE)
        for pid in (run.pid, *pids):
            os.kill(pid, signal.SIGKILL)
        run.wait()

        with servers(shared, durable=False, settings=SMALL) as addresses:
            assert _execute(addresses.database_url, "SELECT answer FROM kept") == [(42,)]


def test_postgres_starts_though_its_old_process_number_is_another_process(shared: Path) -> None:
    with servers(shared, durable=False, settings=SMALL) as addresses:
        pid_file = places.choose(shared).home / "postgres" / "postmaster.pid"
        next(part for part in addresses.parts if part.name == "postgres").process.kill()
    left_behind = pid_file.read_text()
    stranger = processes.start(Plan("stranger", [SLEEP, "60"], account=places.choose(shared).account), shared)
    stranger.record.unlink()
    pid_file.write_text(f"{stranger.process.pid}\n{left_behind.partition(chr(10))[2]}")

    try:
        with servers(shared, durable=False, settings=SMALL) as addresses:
            assert _execute(addresses.database_url, "SELECT 1") == [(1,)]
        assert stranger.is_running()
    finally:
        stranger.stop()


def test_servers_take_another_port_when_theirs_is_taken(shared: Path) -> None:
    with servers(shared, durable=False, settings=SMALL) as addresses:
        before = [urlsplit(addresses.database_url).port, urlsplit(addresses.redis_url).port]
    squatters = [socket.create_server(("127.0.0.1", port)) for port in before if port]

    with servers(shared, durable=False, settings=SMALL) as addresses:
        after = [urlsplit(addresses.database_url).port, urlsplit(addresses.redis_url).port]

    for squatter in squatters:
        squatter.close()
    assert len(squatters) == 2
    assert set(before) & set(after) == set()


def test_servers_keep_their_ports_and_data_from_run_to_run(shared: Path) -> None:
    with servers(shared, durable=False, settings=SMALL) as first:
        _execute(first.database_url, MAKE_TABLE)

    with servers(shared, durable=False, settings=SMALL) as second:
        assert (second.database_url, second.redis_url) == (first.database_url, first.redis_url)
        assert _execute(second.database_url, "SELECT answer FROM kept") == [(42,)]


def test_servers_refuse_a_folder_that_another_run_holds(shared: Path) -> None:
    with _run(shared) as (run, database_url, _):
        with pytest.raises(Refused, match=rf"process {run.pid}\)"), servers(shared, durable=False):
            pass

        assert _execute(database_url, "SELECT 1") == [(1,)]


def test_servers_refuse_data_of_another_postgres(where: Path) -> None:
    with servers(where, durable=False, settings=SMALL):
        data = places.choose(where).home / "postgres"
    (data / "PG_VERSION").write_text("17\n")

    with pytest.raises(Refused, match="Postgres 17"), servers(where, durable=False):
        pass


def test_servers_that_are_given_are_not_started(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (where / "url").write_text("redis://cache.example/0\n")
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere.example/tito")
    monkeypatch.setenv("REDIS_URL_FILE", str(where / "url"))

    with servers(where / "unused", durable=False) as addresses:
        assert (addresses.database_url, addresses.redis_url) == (
            "postgres://somewhere.example/tito",
            "redis://cache.example/0",
        )
        assert addresses.parts == ()
    assert not (where / "unused").exists()


def test_one_server_may_be_given_and_the_other_started(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere.example/tito")

    with servers(where, durable=False) as addresses:
        assert addresses.database_url == "postgres://somewhere.example/tito"
        assert [part.name for part in addresses.parts] == ["valkey"]


def test_throwaway_leaves_nothing_and_clears_what_a_killed_one_left(where: Path) -> None:
    abandoned = where / "run-000000"
    with _run(abandoned) as (run, _, pids):
        run.kill()
        run.wait()

        with throwaway(where, settings=SMALL) as addresses:
            folders = sorted(path.name for path in where.glob("run-*"))
            assert _execute(addresses.database_url, "SELECT 1") == [(1,)]

        assert [processes.started_at(pid) for pid in pids] == ["", ""]
    assert len(folders) == 1
    assert folders != [abandoned.name]
    assert list(where.glob("run-*")) == []


def test_throwaways_run_beside_each_other(where: Path) -> None:
    with throwaway(where, settings=SMALL) as one, throwaway(where, settings=SMALL) as other:
        assert _execute(one.database_url, "SELECT 1") == [(1,)]
        assert _execute(other.database_url, "SELECT 1") == [(1,)]


@contextmanager
def _run(where: Path) -> Iterator[tuple["subprocess.Popen[str]", str, list[int]]]:
    """A run in a process of its own: the process, the database's URL, the servers' process numbers."""
    command = [sys.executable, "-c", RUN, str(where)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  -- our own program
    assert run.stdout is not None
    try:
        database_url, *pids = run.stdout.readline().split()
        yield run, database_url, [int(pid) for pid in pids]
    finally:
        run.stdout.close()
        run.kill()
        run.wait()


def _execute(database_url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database_url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _settings(database_url: str) -> dict[str, object]:
    names = "name IN ('fsync', 'full_page_writes', 'shared_buffers')"
    rows = _execute(database_url, f"SELECT name, current_setting(name) FROM pg_settings WHERE {names}")  # noqa: S608  -- a constant
    return {str(name): value for name, value in rows}


def _without_password(url: str, user: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}@{parts.hostname}:{parts.port}").geturl()
