"""A site for the tests of kit/crowd_worker.py, and that worker with little room. Imported by gunicorn alone.

`/slow/…` and `/orders/slow/` wait until somebody asks for `/orders/go-on/`; `/orders/begun/` says what has been begun.
"""

import struct
import threading
from collections.abc import Callable, Iterable
from typing import Any

from kit import crowd_worker, ranked_pool
from kit.crowd_worker import CrowdWorker

ranked_pool.MOST_WAITING = (50, 3, 50, 50)  # type: ignore[misc]  # little room, so that a test can fill it

begun: list[str] = []
may_go_on = threading.Event()


crowd_worker.STALL = struct.pack("@ll", 1, 0)  # type: ignore[misc]  # little patience, too


class SmallWorker(CrowdWorker):
    """The worker as it is."""


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    body = " ".join(begun).encode()
    if not path.startswith("/orders/"):
        begun.append(path)
    if path == "/orders/go-on/":
        may_go_on.set()
    elif "slow" in path:
        may_go_on.wait(20)
    length = environ.get("CONTENT_LENGTH")
    if length:
        body = environ["wsgi.input"].read(int(length))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
