"""Which demo events there are, whose they are, and what each is good for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from checkout.demo import conference, fair, small
from checkout.demo.parts import Part

OPENS_IN: Final = timedelta(minutes=2)

ORGANISERS: Final = {
    "riverside-makers": ("Riverside Makers", "hello@riverside-makers.example.com"),
    "meridian": ("Meridian Gatherings", "tickets@meridian.example.com"),
    "harbour-stage": ("Harbour Stage", "box-office@harbour-stage.example.com"),
    "open-stacks": ("Open Stacks", "front-desk@open-stacks.example.com"),
}


@dataclass(frozen=True)
class Demo:
    """One demo event. `catalogue(now)` is its file; `word` says what to try on it."""

    organiser: str
    slug: str
    word: str
    catalogue: Callable[[datetime], Part]


SOLD_OUT: Final = Demo("harbour-stage", "lantern-walk", "sold out, with a waiting list", small.lantern_walk)
OPENING: Final = Demo(
    "open-stacks", "small-books", "the sale opens two minutes after seeding",
    lambda now: small.small_books(now, opens_at=opening(now)),
)  # fmt: skip
DEMOS: Final = (
    Demo("riverside-makers", "soldering-night", "a free meet-up, with a secret ticket type", small.soldering_night),
    Demo("meridian", "field-notes", "a paid conference, its workshops sharing quotas", conference.field_notes),
    Demo("meridian", "nordic-craft-fair", "a fair with 300 ticket types", fair.craft_fair),
    Demo("open-stacks", "reading-aloud", "pay what you want", small.reading_aloud),
    OPENING,
    SOLD_OUT,
)


def opening(now: datetime) -> datetime:
    """When the sale that is about to open opens, seen from `now`: on a whole second."""
    return now.replace(microsecond=0) + OPENS_IN
