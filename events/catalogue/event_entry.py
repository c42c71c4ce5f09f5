"""Reads the object `event` of a catalogue."""

from typing import Final

from django.core.validators import RegexValidator

from accounts.models import validate_slug
from events.catalogue.fields import Fields
from events.catalogue.format import (
    LEAST_HOLD_MINUTES,
    LONGEST_EVENT_DESCRIPTION,
    MOST_HOLD_MINUTES,
    EventEntry,
)
from events.catalogue.model_facts import default, longest
from events.models import Event, State
from events.models.events import ACCENT_PATTERN, validate_currency, validate_timezone

SPARE_ZONE: Final = "UTC"
check_accent = RegexValidator(ACCENT_PATTERN, "must be a colour such as #4338ca, in small letters")


def read_event(fields: Fields) -> EventEntry:
    """The event; with faults noted, one of stand-ins that later rules can be read against."""
    entry = EventEntry(
        slug=fields.text("slug", most=longest(Event, "slug"), check=validate_slug),
        title=fields.text("title", most=longest(Event, "title")),
        description=fields.text("description", most=LONGEST_EVENT_DESCRIPTION, default="", lines=True),
        venue=fields.text("venue", most=longest(Event, "venue"), default=""),
        timezone=fields.text("timezone", most=longest(Event, "timezone"), check=validate_timezone) or SPARE_ZONE,
        currency=fields.text("currency", most=longest(Event, "currency"), check=validate_currency),
        local_starts_at=fields.wall_time("starts_at"),
        local_ends_at=fields.wall_time("ends_at"),
        state=fields.choice("state", State),
        hold_minutes=fields.whole(
            "hold_minutes", least=LEAST_HOLD_MINUTES, most=MOST_HOLD_MINUTES, default=default(Event, "hold_minutes")
        ),
        accent=fields.text(
            "accent", most=longest(Event, "accent"), default=default(Event, "accent"), check=check_accent
        ),
    )
    if fields.is_sound("starts_at", "ends_at") and entry.local_ends_at < entry.local_starts_at:
        fields.fault("ends_at", "must not come before starts_at")
    fields.finish()
    return entry
