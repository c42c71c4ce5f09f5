"""HTTP/1.1 as far as the load needs it: requests as bytes, answers found whole in what has arrived."""

import gzip
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bench import MeasurementFailed
from embedded.ports import HOST

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; `head` ends with an empty line."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, or an empty text."""
        found = re.search(rf"\r\n{name}: *([^\r]*)\r\n".encode(), self.head, re.IGNORECASE)
        return found[1].decode() if found else ""

    @property
    def text(self) -> str:
        """The body as a person reads it."""
        return (gzip.decompress(self.body) if self.header("Content-Encoding") == "gzip" else self.body).decode()


def get(path: str, port: int) -> bytes:
    """A request for a page, as a browser that reads gzip makes it."""
    return _request("GET", path, port, {"Accept-Encoding": "gzip"})


def post(path: str, port: int, form: Mapping[str, str]) -> bytes:
    """A form sent by a page of the same site."""
    body = urlencode(form).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        "Origin": f"http://{HOST}:{port}",
        "Sec-Fetch-Site": "same-origin",
    }
    return _request("POST", path, port, headers) + body


def _request(method: str, path: str, port: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}", "Accept: text/html", "User-Agent: bench"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(arrived: bytes) -> Answer | None:
    """The answer that has arrived, or None while some of it is missing. Needs a length or chunks."""
    end = arrived.find(b"\r\n\r\n") + 4
    if end < 4:
        return None
    head = bytes(arrived[:end])
    length = LENGTH.search(head)
    if length:
        body = arrived[end : end + int(length[1])] if len(arrived) >= end + int(length[1]) else None
    elif CHUNKED.search(head):
        body = _chunks(arrived, end)
    else:
        raise MeasurementFailed(f"An answer has no length: {head!r}")
    return None if body is None else Answer(int(head[9:12]), head, bytes(body))


def _chunks(arrived: bytes, place: int) -> bytes | None:
    parts = list[bytes]()
    while (line_end := arrived.find(b"\r\n", place)) >= 0:
        size = int(arrived[place:line_end], 16)
        start = line_end + 2
        if len(arrived) < start + size + 2:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(arrived[start : start + size])
        place = start + size + 2
    return None


class Connection:
    """One kept-alive connection that waits for each answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket = socket.create_connection((HOST, port), timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its whole answer."""
        self._socket.sendall(request)
        arrived = b""
        while (answer := whole(arrived)) is None:
            more = self._socket.recv(1 << 18)
            if not more:
                raise MeasurementFailed("The site closed a connection before it had answered.")
            arrived += more
        return answer

    def close(self) -> None:
        self._socket.close()
