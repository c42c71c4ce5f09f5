"""Who comes: every visitor's own manner, decided ahead from the plan's seed, so that a run can be repeated."""

import random
from dataclasses import dataclass
from enum import StrEnum

from loadtests.plan import Plan, Shares


class Ending(StrEnum):
    """What a visitor has in mind."""

    BUYS = "buys"
    ABANDONS = "abandons"
    IS_DECLINED = "is declined"
    IS_BOT = "is a bot"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One visitor: due `at` seconds after the beginning. `seed` is for all that it decides on its way."""

    number: int
    at: float
    ending: Ending
    double_clicks: bool
    has_javascript: bool
    comes_back: bool
    seed: int


def arrivals(plan: Plan, *, share: int = 0, shares: int = 1) -> list[Arrival]:
    """The visitors in the order in which they are due: all, or every `shares`-th from the number `share`.

    Whoever asks for whichever share gets the same visitors, so several processes need not tell each other.
    """
    draw = random.Random(plan.seed + 1)
    everybody = [_arrival(number, at, plan.shares, draw) for number, at in enumerate(plan.moments)]
    return everybody[share::shares]


def _arrival(number: int, at: float, shares: Shares, draw: random.Random) -> Arrival:
    ending = _ending(draw.random(), shares)
    return Arrival(
        number, at, ending,
        double_clicks=draw.random() < shares.double_click,
        has_javascript=draw.random() >= shares.no_javascript,
        comes_back=draw.random() < shares.comes_back,
        seed=draw.getrandbits(48),
    )  # fmt: skip


def _ending(drawn: float, shares: Shares) -> Ending:
    for share, ending in (
        (shares.abandons, Ending.ABANDONS), (shares.declined, Ending.IS_DECLINED), (shares.bots, Ending.IS_BOT)
    ):  # fmt: skip
        if drawn < share:
            return ending
        drawn -= share
    return Ending.BUYS
