"""Buyers of free tickets over HTTP, as a browser does it: what is sent next is read from the page that came."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser

from bench import MeasurementFailed
from bench.wire import Answer, Connection, get, post

STEPS = PAGE, HOLD, ORDER, DETAILS, DONE = ("event page", "hold", "order page", "details", "confirmation")
NAME = "Ada Lovelace"
SOLD_OUT = 409


class _Forms(HTMLParser):
    """The first form of a page that posts: where to, and its fields as they stand."""

    def __init__(self, page: str, *, action_ends: str) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()
        self._action_ends, self._is_inside = action_ends, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and str(values.get("action")).endswith(self._action_ends):
            self.action, self._is_inside = values["action"] or "", True
        elif tag == "input" and self._is_inside and values.get("name") and values.get("type") != "checkbox":
            self.fields[values["name"] or ""] = values.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


def form_in(page: str, *, action_ends: str) -> tuple[str, dict[str, str]]:
    """The address and fields of the form whose address ends so. Raises MeasurementFailed if there is none."""
    found = _Forms(page, action_ends=action_ends)
    if not found.action:
        raise MeasurementFailed(f"The page has no form for {action_ends}.")
    return found.action, found.fields


@dataclass(slots=True)
class Journeys:
    """What several buyers went through: seconds of each step and of whole orders, over all of them."""

    steps: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    whole: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        return sum(map(len, self.steps.values()))


class Buyer:
    """One buyer with one connection, like a browser; the first ticket type of the event, one ticket."""

    def __init__(self, port: int, path: str, journeys: Journeys) -> None:
        self._port, self._path, self._journeys = port, path, journeys
        self._connection = Connection(port)

    def buy(self) -> bool:
        """From the event page to the confirmation; False when the tickets are gone."""
        began = time.perf_counter()
        held = self._hold()
        if held.status == SOLD_OUT:
            return False
        self._complete(held.header("Location"))
        self._journeys.whole.append(time.perf_counter() - began)
        return True

    def close(self) -> None:
        self._connection.close()

    def _hold(self) -> Answer:
        page = self._ask(PAGE, get(self._path, self._port), 200)
        action, fields = form_in(page.text, action_ends="/orders/")
        quantity = next((name for name in fields if name.startswith("quantity-")), None)
        if quantity is None:  # the page itself says that nothing is left
            return Answer(SOLD_OUT, b"", b"")
        chosen = {**fields, "key": str(uuid.uuid4()), quantity: "1"}
        return self._ask(HOLD, post(action, self._port, chosen), 303, SOLD_OUT)

    def _complete(self, order: str) -> None:
        page = self._ask(ORDER, get(order, self._port), 200)
        action, fields = form_in(page.text, action_ends="/details/")
        answers = {**fields, "full_name": NAME, "email": f"{uuid.uuid4().hex}@example.com"}
        done = self._ask(DETAILS, post(action, self._port, answers), 303)
        confirmation = self._ask(DONE, get(done.header("Location"), self._port), 200)
        if "is complete" not in confirmation.text:
            raise MeasurementFailed("The last page does not say that the order is complete.")

    def _ask(self, step: str, request: bytes, *expected: int) -> Answer:
        began = time.perf_counter()
        answer = self._connection.ask(request)
        self._journeys.steps[step].append(time.perf_counter() - began)
        if answer.status not in expected:
            raise MeasurementFailed(f"The {step} was answered with {answer.status}.")
        return answer


def buy(port: int, path: str, *, orders: int, buyers: int) -> Journeys:
    """So many orders by so many buyers at once; each order is a new buyer with a new connection."""
    left = iter(range(orders))
    return _all_at_once(buyers, lambda journeys: _until_none_is_left(port, path, left, journeys))


def buy_all(port: int, path: str, *, buyers: int) -> Journeys:
    """So many buyers, each ordering again until the tickets are gone."""
    return _all_at_once(buyers, lambda journeys: _until_refused(port, path, journeys))


def _until_none_is_left(port: int, path: str, left: Iterator[int], journeys: Journeys) -> None:
    for _ in left:
        with closing(Buyer(port, path, journeys)) as buyer:
            if not buyer.buy():
                raise MeasurementFailed("There are no tickets left.")


def _until_refused(port: int, path: str, journeys: Journeys) -> None:
    with closing(Buyer(port, path, journeys)) as buyer:
        while buyer.buy():
            pass


def _all_at_once(count: int, live: Callable[[Journeys], None]) -> Journeys:
    """Run `live` in so many threads from one moment on; raises the first exception that one of them raised."""
    journeys, start, raised = Journeys(), threading.Barrier(count + 1), list[Exception]()

    def run() -> None:
        start.wait()
        try:
            live(journeys)
        except Exception as fault:
            raised.append(fault)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    journeys.seconds = time.perf_counter() - began
    if raised:
        raise MeasurementFailed(f"A buyer did not get through: {raised[0]}")
    return journeys
