"""A stand-in for the site behind the edge, that counts what it is asked, and visits through the edge."""

import http.client
import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from embedded import edge, ports, processes

PAGE = "/riverside/open-day/"
FRESH = "public, max-age=0, s-maxage=1, stale-while-revalidate=1"


@dataclass(frozen=True)
class Asked:
    """A request as the site gets it."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the site answers, or what a visitor gets."""

    status: int = 200
    headers: Message | Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def edge(self) -> str:
        """What the edge says of where it had the answer."""
        return str(self.headers.get("X-Edge"))


Reply = Callable[[Asked], Answer]


class Site:
    """Answers on a port as its `reply` says; `asked` is all that it was asked, in order."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[Asked] = []
        self.reply: Reply = lambda _: self.page()
        self.open: list[socket.socket] = []
        self.server: http.server.ThreadingHTTPServer | None = None

    def page(self, **headers: str) -> Answer:
        """A public page that tells by its text how many requests there were. `_` in a name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(200, {"Cache-Control": FRESH, **named}, f"page {len(self.asked)}".encode())

    def takes(self, *, seconds: float) -> None:
        """Answer with a page after so long."""

        def reply(_: Asked) -> Answer:
            time.sleep(seconds)
            return self.page()

        self.reply = reply

    def start(self) -> None:
        """Listen, and answer each connection in a thread."""
        self.server = _Server((ports.HOST, self.port), _handler(self))
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more, and hang up on everybody."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection."""
        for connection in self.open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hung up is no fault."""


def _handler(site: Site) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            site.open.append(self.connection)

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = Asked(self.command, self.path, self.headers, body)
            site.asked.append(asked)
            answer = site.reply(asked)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = handle_any  # noqa: N815  -- http.server looks for these names

        def log_message(self, *_: object) -> None:
            """Silence."""

    return Handler


class Front:
    """The edge as visitors see it, and the site behind it."""

    def __init__(self, port: int, site: Site) -> None:
        self.port = port
        self.site = site
        # One connection is served by one worker of nginx, which has kept an answer before it reads the next request.
        self.connection = http.client.HTTPConnection(ports.HOST, port, timeout=30)

    def visit(self, path: str = PAGE, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request, after the one before it. `_` in a header's name stands for `-`."""
        return ask(self.connection, path, method, body, **headers)

    def stranger(self, path: str = PAGE) -> Answer:
        """The same by a visitor who has a connection of their own."""
        with closing(http.client.HTTPConnection(ports.HOST, self.port, timeout=30)) as connection:
            return ask(connection, path)

    def crowd(self, paths: Sequence[str], method: str = "GET", body: bytes | None = None) -> list[Answer]:
        """A request for each of `paths` by a visitor of its own, all at once, at the start of a second."""
        ready = threading.Barrier(len(paths))

        def arrive(path: str) -> Answer:
            with closing(http.client.HTTPConnection(ports.HOST, self.port, timeout=30)) as connection:
                ready.wait()
                time.sleep(-time.time() % 1)  # all in the same second
                return ask(connection, path, method, body)

        with ThreadPoolExecutor(len(paths)) as visitors:
            return list(visitors.map(arrive, paths))

    def becomes(self, met: Callable[[], bool], *, within: float = 20.0) -> bool:
        """Whether that comes to be."""
        return processes.wait_until(met, within=within)


def ask(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> Answer:
    """What is answered on that connection."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_accept_encoding=True, skip_host="Host" in named)
    for name, value in named.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


@contextmanager
def front(folder: Path, *, trusted: str = edge.LOOPBACK, log: str = "off") -> Iterator[Front]:
    """A site and an edge before it, with all files under `folder`; static files come from its `static`."""
    static = folder / "static"
    site = Site(ports.choose())
    site.start()
    port = ports.choose()
    try:
        with edge.running(port=port, site=site.port, static=static, local=folder, trusted=trusted, log=log) as part:
            assert processes.wait_until(lambda: _listens(port) or not part.is_running(), within=20), part.last_words()
            assert part.is_running(), part.last_words()
            shop = Front(port, site)
            with closing(shop.connection):
                yield shop
    finally:
        site.stop()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((ports.HOST, port), timeout=1):
        return True
    return False
