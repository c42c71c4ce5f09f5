"""HTTP/1.1 on loopback: sockets in, `Call` and `Answer` out. One thread a connection."""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from fakestripe import errors
from fakestripe.calls import Answer, Call, refusal
from fakestripe.context import is_loopback_host

Respond = Callable[[Call], Answer]
LARGEST_BODY = 1 << 20


class Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    server_version = "FakeStripe"
    timeout = 120
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(refusal(errors.Refused(413, "A body has to say its length, at most 1 MiB.")))
            return
        body = self.rfile.read(int(length)).decode(errors="replace")
        parts = urlsplit(self.path)
        call = Call(
            self.command,
            parts.path,
            parts.query,
            body,
            {name.lower(): value for name, value in self.headers.items()},
        )
        self._send(self._answer(call))

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815  -- http.server calls them by these names

    def _answer(self, call: Call) -> Answer:
        try:
            return self.server.respond(call)
        except Exception:
            # A fault of the fake itself: said aloud, and answered as Stripe would.
            traceback.print_exc(file=sys.stderr)
            return refusal(errors.trouble(500))

    def _send(self, answer: Answer) -> None:
        if answer.dropped:
            self.close_connection = True
            return
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{answer.content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  -- http.server's own signature
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Listens on loopback only and can cut its connections, so that nobody talks to a stopped fake."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, respond: Respond) -> None:
        if not is_loopback_host(host):
            raise ValueError(f"The fake Stripe listens on loopback only, not on {host}")
        self.respond = respond
        self._connections: set[socket] = set()
        self._changed = threading.Condition()
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind without the name look-up of http.server, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection."""
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection, which is closed now."""
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def close_connections(self, seconds: float = 5.0) -> None:
        """Cut every open connection and wait until its thread is done with it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            for connection in self._connections:
                _cut(connection)
            while self._connections and self._changed.wait(deadline - time.monotonic()):
                pass


def _cut(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        return
