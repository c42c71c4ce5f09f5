"""Reads behind the pages that list events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Organiser
from events.models import Event, State
from events.pictures import Shown, shown
from kit.moments import span_text

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Card:
    """One event in a list."""

    title: str
    url: str
    when_text: str
    venue: str
    status_text: str
    price_text: str
    organiser_name: str
    picture: Shown | None


def event_cards(*, now: datetime) -> dict[str, Any]:
    """The next live events of all organisers. One query."""
    events = (
        Event.objects.listed()
        .filter(state=State.LIVE)
        .upcoming(at=now)
        .select_related("organiser", "picture")[:MOST_LISTED]
    )
    return {"upcoming": cards(events)}


def organiser_cards(slug: str, *, now: datetime) -> dict[str, Any] | None:
    """An organiser's live and past events, or None for an unknown slug. Two queries."""
    organiser = Organiser.objects.filter(slug=slug).first()
    if organiser is None:
        return None
    events = list(
        Event.objects.listed()
        .filter(organiser=organiser)
        .select_related("organiser", "picture")
        .order_by("-starts_at")[:MOST_LISTED]
    )
    upcoming = [event for event in reversed(events) if event.ends_at > now]
    past = [event for event in events if event.ends_at <= now]
    described = {
        "slug": organiser.slug, "name": organiser.name, "contact_email": organiser.contact_email,
        "url": organiser.get_absolute_url(),
    }  # fmt: skip
    return {"organiser": described, "upcoming": cards(upcoming), "past": cards(past)}


def cards(events: Iterable[Event]) -> list[Card]:
    """Events as a list shows them; `organiser` and `picture` must have been selected along."""
    return [_card(event) for event in events]


def _card(event: Event) -> Card:
    zone = ZoneInfo(event.timezone)
    return Card(
        title=event.title,
        url=event.get_absolute_url(),
        when_text=span_text(event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)),
        venue=event.venue,
        status_text="Sales have closed" if event.state == State.CLOSED else "",
        price_text="",
        organiser_name=event.organiser.name,
        picture=shown(event),
    )
