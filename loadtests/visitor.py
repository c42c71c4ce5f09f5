"""One visitor: a browser, a manner and a memory; what its whole journey needs at every step."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtests.browser import Answer, Browser
from loadtests.crowd import Arrival, Ending
from loadtests.pages import NotThere
from loadtests.tally import EVENT_PAGE, Tally

AVAILABILITY, CLOCK, DETAILS, REVIEW = "availability", "clock", "details", "review"
PAYMENT_PAGE, PAY, RETURN, CONFIRMATION = "payment page", "pay", "return", "confirmation"
ANSWERS, TICKET, FILE, BOT = "answers", "ticket", "static file", "bot"


class SoldOut(Exception):
    """Nothing that this visitor would take is left, as the site has politely said."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all visitors have in common: the event page, what is wanted how much, the pace, and where receipts go.

    `pace` multiplies how long people think; 1 is theirs.
    """

    url: str
    weights: Mapping[str, float] | None
    pace: float
    tally: Tally
    receive: Callable[[Mapping[str, Any]], None]


@dataclass(slots=True)
class Visitor:
    """`step` and `came` are the last step and its answer; `buyer` what is known of its order; `has_paid` is true from
    pressing Pay until the order is seen confirmed."""

    browser: Browser
    arrival: Arrival
    scene: Scene
    draw: random.Random
    step: str = EVENT_PAGE
    came: Answer | None = None
    buyer: dict[str, Any] = field(default_factory=dict)
    has_paid: bool = False

    def open(self, step: str, url: str, *, follow: bool = True) -> Answer:
        """Go to an address."""
        return self._came(step, self.browser.open(step, url, follow=follow))

    def fetch(self, step: str, url: str, *, dest: str = "empty", **headers: str) -> Answer:
        """As a script or a part of the page does."""
        return self._came(step, self.browser.fetch(step, url, dest=dest, **headers))

    def send(self, step: str, action: str, fields: Mapping[str, str], *, follow: bool = True) -> Answer:
        """Press a button once."""
        return self._came(step, self.browser.send(step, action, fields, follow=follow))

    def press(self, step: str, action: str, fields: Mapping[str, str], *, follow: bool = True) -> Answer:
        """Press a button; twice, if that is this visitor's manner. With the page's script it must be as if once."""
        if not self.arrival.double_clicks:
            return self.send(step, action, fields, follow=follow)
        answers = self.browser.press_twice(step, action, fields, follow=follow)
        answer = self._came(step, answers[-1])
        if self.arrival.has_javascript and len({one.location or one.url for one in answers}) > 1:
            raise NotThere("a double click led to two places")
        return answer

    def think(self, seconds: tuple[float, float]) -> None:
        """For so many seconds of a person, from and to, at the scene's pace."""
        self.browser.pause(self.draw.uniform(*seconds) * self.scene.pace)

    def means(self, ending: Ending) -> bool:
        return self.arrival.ending is ending

    def _came(self, step: str, answer: Answer) -> Answer:
        self.step, self.came = step, answer
        return answer
