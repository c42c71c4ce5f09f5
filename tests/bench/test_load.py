"""The load: nothing lost, nothing hidden."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import MeasurementFailed
from bench.load import as_fast_as_it_goes, at_pace
from bench.wire import get


@contextmanager
def page(*, seconds: float = 0.0, status: int = 200) -> Iterator[tuple[int, list[float]]]:
    """A server whose every answer takes so long; yields its port and when each request came."""
    came: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            came.append(time.perf_counter())
            time.sleep(seconds)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_load_counts_every_answer_once() -> None:
    with page() as (port, came):
        load = as_fast_as_it_goes(port, get("/", port), connections=3, seconds=0.2)

    assert len(load.latencies) == len(load.lags) == len(came) > 3


def test_paced_load_asks_as_often_as_it_should() -> None:
    with page() as (port, came):
        load = at_pace(port, get("/", port), connections=4, seconds=0.5, per_second=100)

    assert len(came) == len(load.latencies) == 50


def test_paced_latency_counts_the_wait_for_a_free_connection() -> None:
    with page(seconds=0.05) as (port, _):
        load = at_pace(port, get("/", port), connections=1, seconds=0.3, per_second=100)

    assert len(load.latencies) == 30
    assert load.p50_ms > 400  # the fifteenth was due at 0.15 s and had fourteen times 0.05 s before it
    assert load.late_p99_ms < load.p50_ms  # it was the page that was late, not the load


def test_load_refuses_a_page_that_fails() -> None:
    with page(status=503) as (port, _), pytest.raises(MeasurementFailed, match="503"):
        as_fast_as_it_goes(port, get("/", port), connections=1, seconds=0.1)
