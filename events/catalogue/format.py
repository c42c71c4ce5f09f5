"""What a catalogue says, once it has been read and found sound; and the limits of what it may say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

FORMAT: Final = "tito-catalogue/1"

MOST_CHARACTERS: Final = 8_000_000
MOST_POOLS: Final = 2_000
MOST_TICKET_TYPES: Final = 2_000
MOST_POOLS_PER_TYPE: Final = 50
MOST_CAPACITY: Final = 10_000_000
MOST_MINOR: Final = 1_000_000_000_000
LONGEST_EVENT_DESCRIPTION: Final = 50_000
LONGEST_DESCRIPTION: Final = 5_000
LEAST_HOLD_MINUTES: Final = 1
MOST_HOLD_MINUTES: Final = 120
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2200


@dataclass(frozen=True, kw_only=True)
class EventEntry:
    """The event. Its fields are named as the model's; `state` is None when the file leaves it open."""

    slug: str
    title: str
    description: str
    venue: str
    timezone: str
    currency: str
    local_starts_at: datetime
    local_ends_at: datetime
    state: str | None
    hold_minutes: int
    accent: str


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A quota: several may share a name, and the slug tells them apart."""

    slug: str
    name: str
    capacity: int


@dataclass(frozen=True, kw_only=True)
class TicketTypeEntry:
    """A ticket type. Its fields are named as the model's; `pools` holds slugs, in the order of the pools."""

    slug: str
    name: str
    description: str
    group_heading: str
    kind: str
    price_minor: int
    minimum_minor: int | None
    suggested_minor: int | None
    sale_starts_at: datetime | None
    sale_ends_at: datetime | None
    min_per_order: int
    max_per_order: int
    secret: bool
    pools: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """One event with everything it sells, in the order in which it is listed. `organiser` is a slug, or empty."""

    organiser: str
    event: EventEntry
    pools: tuple[Pool, ...]
    ticket_types: tuple[TicketTypeEntry, ...]
