"""A shop that answers from a script, and a clock that only moves when somebody waits: a journey without a network."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtests.browser import Answer, Browser
from loadtests.crowd import Arrival, Ending
from loadtests.tally import Tally
from loadtests.visitor import Scene, Visitor

HOST = "http://shop.test"
BUY = """<title>Fair</title><form method="post" action="/a/fair/orders/"><input type="hidden" name="key" value="">
<input type="number" name="quantity-day" max="4" value="0"><button>Get tickets</button></form>"""
DETAILS = """<title>Your details</title><form method="post" action="/orders/1/details/">
<input name="full_name" required><input type="email" name="email"><button>Continue to review</button></form>"""
REVIEW = '<title>Review</title><form method="post" action="/orders/1/payments/"><button>Pay £5</button></form>'
PAY = '<title>Pay</title><form method="post"><button name="button" value="pay">Pay £5</button></form>'
DONE = """<title>Your tickets</title><p>Order <b>UHMF</b> is complete</p><a href="/tickets/1/">Show ticket 1</a>
<table><tr><th>Total</th><td>£5</td></tr></table>"""

Reply = tuple[int, str] | tuple[int, str, dict[str, str]]
SCRIPT: dict[str, Reply] = {
    "GET /a/fair/": (200, BUY),
    "POST /a/fair/orders/": (303, "", {"location": "/orders/1/details/"}),
    "GET /orders/1/details/": (200, DETAILS),
    "POST /orders/1/details/": (303, "", {"location": "/orders/1/"}),
    "GET /orders/1/": (200, REVIEW),
    "POST /orders/1/payments/": (303, "", {"location": "http://pay.test/pay/1"}),
    "GET http://pay.test/pay/1": (200, PAY),
    "POST http://pay.test/pay/1": (303, "", {"location": f"{HOST}/orders/1/return/"}),
    "GET /orders/1/return/": (303, "", {"location": "/orders/1/done/"}),
    "GET /orders/1/done/": (200, DONE),
    "GET /tickets/1/": (200, "<title>Ticket</title>"),
}


@dataclass
class Clock:
    """Seconds that pass when somebody waits; `both` does one after the other."""

    at: float = 0.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += max(0.0, seconds)

    def both(self, one: Callable[[], Any], other: Callable[[], Any]) -> tuple[Any, Any]:
        return one(), other()


@dataclass
class Shop:
    """Answers by method and address: one reply, or several of which the last is repeated. Each takes `seconds`."""

    replies: Mapping[str, Reply | list[Reply | str]] = field(default_factory=lambda: SCRIPT)
    seconds: float = 0.1
    clock: Clock = field(default_factory=Clock)
    tally: Tally = field(default_factory=Tally)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)

    def send(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        name = f"{method} {url.removeprefix(HOST)}"
        self.asked.append((name, (body or b"").decode(), headers))
        self.clock.at += self.seconds
        found = self.replies[name]
        reply = found if isinstance(found, tuple) else found.pop(0) if len(found) > 1 else found[0]
        if isinstance(reply, str):
            return Answer(0, url, fault=reply)
        return Answer(reply[0], url, reply[1].encode(), *reply[2:])

    def browser(self, due: float = 0.0) -> Browser:
        return Browser(self.send, self.clock, self.tally, address="198.18.1.1", due=due, draw=random.Random(1))

    def visitor(self, **over: Any) -> Visitor:
        """A buyer who is due at once and does everything once; `over` goes to the arrival."""
        manner = {"ending": Ending.BUYS, "double_clicks": False, "has_javascript": True, "comes_back": False, **over}
        scene = Scene(f"{HOST}/a/fair/", None, 1.0, self.tally, lambda receipt: self.receipts.append(dict(receipt)))
        return Visitor(self.browser(), Arrival(number=0, at=0.0, seed=1, **manner), scene, random.Random(5))

    def names(self) -> list[str]:
        return [name for name, _, _ in self.asked]
