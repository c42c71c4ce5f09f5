"""Visitors by the hundred, each on a connection of their own, from one thread; their answers, kept in full."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from embedded.ports import HOST

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, and how long it took from when it was due. Status 0: the connection was refused or cut."""

    status: int
    seconds: float
    head: str = ""
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header's value, or an empty text."""
        for line in self.head.split("\r\n")[1:]:
            found, _, value = line.partition(": ")
            if found.lower() == name.lower():
                return value
        return ""


@dataclass(slots=True)
class Answers:
    """What a crowd was answered."""

    all: list[Answer] = field(default_factory=list)

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.all)

    def slowest(self, share: float = 1.0) -> float:
        """The time in seconds that this share of them had at most."""
        took = sorted(answer.seconds for answer in self.all)
        return took[max(0, int(len(took) * share) - 1)]


def get(path: str, **headers: str) -> bytes:
    """A request for a page, on a connection that ends with it."""
    return _request("GET", path, headers)


def post(path: str, form: dict[str, str]) -> bytes:
    """A form that a page of the site sends."""
    body = urlencode(form).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body)),
        "Sec-Fetch-Site": "same-origin",
    }  # fmt: skip
    return _request("POST", path, headers) + body


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    given = {"Host": "127.0.0.1", "Connection": "close", "Accept-Encoding": "gzip", **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ask(port: int, request: bytes) -> Answer:
    """One visitor."""
    return together(port, [request]).all[0]


def together(port: int, requests: Iterable[bytes]) -> Answers:
    """Each request from a visitor of its own, all at once."""
    return asyncio.run(_paced(port, [(0.0, request) for request in requests]))


def paced(port: int, requests: Iterable[bytes], *, per_second: float) -> Answers:
    """Each request when it is due, whatever became of those before it."""
    return asyncio.run(_paced(port, [(number / per_second, one) for number, one in enumerate(requests)]))


def is_served_quickly(port: int, path: str) -> bool:
    """Whether the next twenty visitors of a page get it, each within a tenth of a second."""
    answers = paced(port, [get(path)] * 20, per_second=100)
    return answers.statuses == {200: 20} and answers.slowest() < 0.1


async def _paced(port: int, due: list[tuple[float, bytes]]) -> Answers:
    start = time.monotonic()
    visits = [asyncio.ensure_future(_visit(port, request, start + after)) for after, request in due]
    return Answers(await asyncio.gather(*visits))


async def _visit(port: int, request: bytes, due: float) -> Answer:
    await asyncio.sleep(max(0.0, due - time.monotonic()))
    try:
        raw = await asyncio.wait_for(_exchange(port, request), PATIENCE_SECONDS)
    except (OSError, TimeoutError) as fault:
        return Answer(0, time.monotonic() - due, repr(fault))
    head, _, body = raw.partition(b"\r\n\r\n")
    status = int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else 0
    return Answer(status, time.monotonic() - due, head.decode("latin-1"), body)


async def _exchange(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()
