"""The generator as it runs: it hides nothing of the server's nor of its own, and stops when it is told to."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from embedded.ports import choose

GONE = b"<!doctype html><title>Fair</title><p>Sold out</p>"
STALL_SECONDS = 2.0


@contextmanager
def sold_out_fair(*, stall_at: int = 0) -> Iterator[tuple[int, list[float]]]:
    """A server that has one hand: it answers visitors one after another, and stalls at the visitor of this number.
    Yields its port and how long each answer took it."""
    took: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            began = time.monotonic()
            if len(took) + 1 == stall_at:
                time.sleep(STALL_SECONDS)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(GONE)
            took.append(time.monotonic() - began)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(HTTPServer):
        request_queue_size = 1024

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, took
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def start(folder: Path, **plan: Any) -> subprocess.Popen[str]:
    (folder / "plan.json").write_text(json.dumps({"path": "/", "receipts": str(folder / "receipts.jsonl"), **plan}))
    command = [sys.executable, "-m", "loadtests", str(folder / "plan.json")]
    return subprocess.Popen(  # noqa: S603  -- our own words
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def outcome_of(folder: Path, **plan: Any) -> dict[str, Any]:
    """The last line of a run to its end."""
    said, errors = start(folder, **plan).communicate(timeout=120)
    assert said, errors
    found: dict[str, Any] = json.loads(said.splitlines()[-1])["outcome"]
    return found


def test_server_that_stalls_once_cannot_hide_it_from_those_who_came_meanwhile(tmp_path: Path) -> None:
    plan = {"curve": "steady", "buyers": 300, "seconds": 6, "processes": 2, "shares": {"abandons": 0}}
    with sold_out_fair(stall_at=100) as (port, took):
        found = outcome_of(tmp_path, base=f"http://127.0.0.1:{port}", **plan)

    page = found["steps"]["event page"]
    assert sum(one > 0.5 for one in took) == 1  # only one was in the server's hand; asked less often, all looks well
    assert page["count"] == 300
    assert page["errors"] == 0
    assert page["p99_ms"] >= 1900
    assert page["max_ms"] >= 1900
    slow = {row["second"] for row in found["timeline"] if (row["page_p99_ms"] or 0) >= 900}
    assert 2 in slow  # the hundredth of fifty a second came then
    assert slow <= {1, 2, 3}  # and nobody else waited
    assert found["journeys"]["sold_out"] == 300


def test_generator_that_cannot_keep_its_schedule_says_so(tmp_path: Path) -> None:
    found = outcome_of(
        tmp_path, base=f"http://127.0.0.1:{choose()}", curve="steady", buyers=60_000, seconds=1, processes=1
    )  # fmt: skip

    generator = found["generator"]
    assert generator["is_bottleneck"]
    assert generator["scheduled"] == 60_000
    assert generator["started"] < 60_000
    assert f"{60_000 - generator['started']} of 60000 visitors could never be started" in generator["why"]
    assert generator["late_p99_ms"] > 1000
    assert {one["kind"] for one in found["errors"]} == {"refused connection"}
    assert sum(row["arrived"] for row in found["timeline"]) == generator["started"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_generator_that_is_stopped_says_what_it_has_seen(tmp_path: Path, number: signal.Signals) -> None:
    with sold_out_fair() as (port, took):
        running = start(tmp_path, base=f"http://127.0.0.1:{port}", curve="steady", buyers=600, seconds=60, processes=2)
        assert running.stdout is not None
        first = [json.loads(running.stdout.readline())["progress"] for _ in range(2)]
        running.send_signal(number)
        told = time.monotonic()
        said, errors = running.communicate(timeout=60)
        stopped_after, asked = time.monotonic() - told, len(took)

    found = json.loads(said.splitlines()[-1])["outcome"]
    assert (running.returncode, errors) == (0, "")
    assert [one["second"] for one in first] == [1, 2]
    assert found["partial"]
    assert stopped_after < 10
    assert 0 < found["generator"]["started"] < 600
    assert "never be started" not in found["generator"]["why"]
    assert len(took) == asked
    assert len(found["timeline"]) < 30


@pytest.mark.parametrize(
    ("arguments", "words"), [([], "usage:"), (["nowhere.json"], "The plan cannot be read"), (["a", "b"], "usage:")]
)
def test_command_that_cannot_be_followed_says_why(arguments: list[str], words: str) -> None:
    done = subprocess.run(  # noqa: S603  -- our own words
        [sys.executable, "-m", "loadtests", *arguments], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(words)


def test_locust_is_imported_in_the_generators_processes_only() -> None:
    code = "import sys, loadtests.__main__; print({'locust', 'gevent'} & set(sys.modules))"

    done = subprocess.run(  # noqa: S603  -- our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"
