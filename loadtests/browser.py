"""A visitor's browser: sends what a browser sends, follows where it is sent, and knows how long its visitor waits.

A step counts from the moment it was due and not from when it could be sent: the first from the visitor's scheduled
arrival, later ones from the end of a pause or from the answer before. So a server that keeps everybody waiting
cannot hide it by being asked less often, and neither can a generator that is late.
"""

import base64
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from loadtests.pages import PICTURE, Page, shared
from loadtests.tally import Tally

PATIENCE_SECONDS = 30.0
RETRIES, LONGEST_RETRY_SECONDS = 2, 10.0
MOST_REDIRECTS = 10
IDLE_SECONDS = 4.0
DOUBLE_CLICK_SECONDS = 0.1
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
READING = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
BUSY_STATUSES = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}
Headers = Mapping[str, str]


class GaveUp(Exception):
    """The visitor cannot go on; what was wrong is in the tally already."""


class Clock(Protocol):
    """The generator's: seconds from the beginning of the run, waiting, and two things at once."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def both(self, one: Callable[[], Any], other: Callable[[], Any]) -> tuple[Any, Any]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. Status 0: there was none, and `fault` says why."""

    status: int
    url: str
    body: bytes = b""
    headers: Headers = field(default_factory=dict)
    fault: str = ""

    @property
    def location(self) -> str:
        """Where it sends the browser, or nothing."""
        target = self.headers.get("location") or ""
        return urljoin(self.url, target) if 300 <= self.status < 400 and target else ""

    @property
    def page(self) -> Page:
        return Page(self.body, self.url)

    @property
    def shared_page(self) -> Page:
        """For pages that are the same for everybody."""
        return shared(self.body, self.url)

    @property
    def retry_seconds(self) -> float | None:
        """When to come again, if it asks for that."""
        text = self.headers.get("retry-after") or ""
        return float(text) if self.status in BUSY_STATUSES and text.isdecimal() else None

    @property
    def kind(self) -> str:
        """What is wrong with it, or nothing. Refusals in words (409, 422) are for the journey to judge."""
        if self.status == 0:
            return self.fault
        if self.retry_seconds is not None:
            return "busy"
        if self.status >= 500:
            return "5xx"
        return "" if self.status < 400 or self.status in {409, 422} else "wrong answer"


class Sends(Protocol):
    """Sends one request and returns its answer, whatever happens."""

    def __call__(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer: ...


def encoded(fields: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    """A form's fields as they are sent, with the header that says how: in parts if there is a file among them."""
    if PICTURE not in fields.values():
        return {}, urlencode(fields).encode()
    edge = "----crowd"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="dot.png"\r\n'
        f"Content-Type: image/png\r\n\r\n".encode()
        + base64.b64decode(PICTURE)
        if value == PICTURE
        else f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    body = b"\r\n".join([*parts, f"--{edge}--\r\n".encode()])
    return {"Content-Type": f"multipart/form-data; boundary={edge}"}, body


class Browser:
    """One visitor's. `address` is what a proxy on this machine is told of where the visitor sits.

    One that is not `patient` is a bot's: told to come later it does not wait, and that it is told so is no error.
    """

    is_patient = True
    mark = ""  # of the whole crowd, as its plan says

    def __init__(
        self, send: Sends, clock: Clock, tally: Tally, *, address: str, due: float, draw: random.Random
    ) -> None:
        self._send, self._clock, self._tally, self._draw = send, clock, tally, draw
        self._address, self._referer, self._answered_at = address, "", due
        self.due = due

    def now(self) -> float:
        return self._clock.now()

    def pause(self, seconds: float) -> None:
        """Think; how much later than meant the generator comes back is its own lateness."""
        self.due = self._clock.now() + seconds
        self._clock.sleep(seconds)
        self._tally.lateness.add((self._clock.now() - self.due) * 1000)

    def open(self, step: str, url: str, *, follow: bool = True) -> Answer:
        """Go to an address, and on to where it leads."""
        return self._go(step, "GET", url, None, {}, follow=follow)

    def fetch(self, step: str, url: str, *, dest: str = "empty", **headers: str) -> Answer:
        """Ask as a script or for a part of the page."""
        mode = "cors" if dest == "empty" else "no-cors"
        more = {"Accept": "*/*", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest, **headers}
        return self._go(step, "GET", url, None, more)

    def send(self, step: str, action: str, fields: Mapping[str, str], *, follow: bool = True) -> Answer:
        """Press a form's button. Unless `follow`, the answer that says where to go next is returned itself."""
        kind, body = encoded(fields)
        return self._go(step, "POST", action, body, kind, follow=follow)

    def press_twice(self, step: str, action: str, fields: Mapping[str, str], *, follow: bool = True) -> list[Answer]:
        """Press a button, and once more while the first press is under way; the answers to both. Raises GaveUp."""
        twin = Browser(self._send, self._clock, self._tally, address=self._address, due=self.due, draw=self._draw)
        twin._referer = self._referer

        def again() -> Answer | None:
            twin.pause(DOUBLE_CLICK_SECONDS)
            try:
                return twin.send(step, action, fields, follow=follow)
            except GaveUp:
                return None

        first, second = self._clock.both(lambda: self.send(step, action, fields, follow=follow), again)
        return [first, second] if second else [first]

    def fail(self, step: str, kind: str, answer: Answer, why: str = "") -> GaveUp:
        """Note what is wrong; to be raised."""
        self._tally.fault((step, kind, answer.status), self.now(), f"{urlsplit(answer.url).path} {why}".strip())
        return GaveUp(kind)

    def _go(
        self, step: str, method: str, url: str, body: bytes | None, more: Headers, *, follow: bool = True
    ) -> Answer:  # fmt: skip
        """One step with its redirects, tried again when the site says that it is busy. Raises GaveUp.

        Its duration counts from `due`, and the next step is due when its answer is there.
        """
        due, answer = self.due, Answer(0, url)
        try:
            for _ in range(MOST_REDIRECTS):
                answer = self._patiently(step, method, url, body, more)
                if not follow or not answer.location:
                    break
                method, url, body = "GET", answer.location, None
        finally:  # also when the visitor is stopped while waiting: so long at least it has waited
            self.due = self._answered_at = self.now()
            if answer.kind in {"", "timeout"}:
                self._tally.took(step, due=due, until=self.due)
        if answer.kind and not (answer.kind == "busy" and not self.is_patient):
            raise self.fail(step, answer.kind, answer)
        if not more:
            self._referer = answer.url
        return answer

    def _patiently(self, step: str, method: str, url: str, body: bytes | None, more: Headers) -> Answer:
        for tries in range(RETRIES + 1):
            answer = self._ask(method, url, body, {**more, **self._marked(step)})
            wait = answer.retry_seconds
            if wait is None or tries == RETRIES or not self.is_patient:
                break
            self.fail(step, "busy", answer)
            self._clock.sleep(min(wait, LONGEST_RETRY_SECONDS) * self._draw.uniform(1.0, 1.5))
        return answer

    def _marked(self, step: str) -> Headers:
        """Told to a site that counts by it. It changes nothing of what is answered."""
        return {"X-Rehearsal": f"{self.mark} {step}"} if self.mark else {}

    def _ask(self, method: str, url: str, body: bytes | None, more: Headers) -> Answer:
        headers = self._headers(method, url) | dict(more)
        is_stale = self.now() - self._answered_at > IDLE_SECONDS
        answer = self._send(method, url, body, headers)
        if answer.fault == "cut connection" and is_stale:  # the server hung up on an idle one: browsers ask again
            answer = self._send(method, url, body, headers)
        if edge := answer.headers.get("x-edge"):
            self._tally.edge[edge] += 1
        return answer

    def _headers(self, method: str, url: str) -> dict[str, str]:
        came_from = _site(url, self._referer)
        headers = {
            "User-Agent": AGENT, "Accept": READING, "Accept-Language": "en-GB,en;q=0.9", "Accept-Encoding": "gzip",
            "Connection": "keep-alive", "Sec-Fetch-Site": came_from, "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document", "X-Forwarded-For": self._address,
        }  # fmt: skip
        if self._referer and came_from == "same-origin":
            headers["Referer"] = self._referer
        if method == "POST":
            origin = urlsplit(self._referer or url)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{origin.scheme}://{origin.netloc}"
        return headers


def _site(url: str, referer: str) -> str:
    """What a browser says in Sec-Fetch-Site of where a request comes from."""
    if not referer:
        return "none"
    here, there = urlsplit(url), urlsplit(referer)
    if (here.scheme, here.netloc) == (there.scheme, there.netloc):
        return "same-origin"
    return "same-site" if here.hostname == there.hostname else "cross-site"


def fault_of(error: BaseException | Any) -> str:
    """The kind of a connection's fault, from the exception that tells of it."""
    words = f"{type(error).__name__} {error}".lower()
    if "timed out" in words or "timeout" in words:
        return "timeout"
    if "refused" in words:
        return "refused connection"
    return "cut connection"
