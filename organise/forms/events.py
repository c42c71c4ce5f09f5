"""Forms of an event: the few facts of a new one, all of an old one, a copy's."""

from datetime import datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from babel.numbers import get_currency_name
from django import forms

from accounts.models import validate_slug
from events import slugs
from events.catalogue.format import LEAST_HOLD_MINUTES, LONGEST_EVENT_DESCRIPTION, MOST_HOLD_MINUTES
from events.models import Event
from events.models.events import ACCENT_PATTERN
from organise.forms.base import PageForm, lines, text, whole
from organise.forms.times import fault_of, is_twice, wall_time

CURRENCIES: Final = (
    "GBP", "EUR", "USD", "AUD", "BGN", "BRL", "CAD", "CHF", "CZK", "DKK", "HKD", "HUF", "ILS", "INR", "ISK", "JPY",
    "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "ZAR",
)  # fmt: skip
# The others are old names of the same places.
REGIONS: Final = {
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip
AT_THE_VENUE: Final = "As the clock on the wall shows it at the venue."


@cache
def zones() -> list[tuple[str, str]]:
    """Places by name, as people look for them."""
    places = sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


@cache
def currencies() -> list[tuple[str, str]]:
    return [(code, f"{code}, {get_currency_name(code, locale='en_GB')}") for code in CURRENCIES]


def _with(choices: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """With what an event has already, however rare."""
    return choices if value in dict(choices) else [(value, value), *choices]


class TimedForm(PageForm):
    """A form with a start, an end and a zone, which are judged together."""

    kept: dict[str, Any]  # what need not be judged again, as it is so already

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        zone = ZoneInfo(cleaned["timezone"]) if cleaned.get("timezone") else None
        for name in ("local_starts_at", "local_ends_at"):
            at: datetime | None = cleaned.get(name)
            if not zone or not at or (at, zone.key) == (self.kept.get(name), self.kept.get("timezone")):
                continue
            if fault := fault_of(at, zone):
                more = " Choose one that comes once, such as an hour later." if is_twice(at, zone) else ""
                self.add_error(name, fault + more)
        starts_at, ends_at = cleaned.get("local_starts_at"), cleaned.get("local_ends_at")
        if starts_at and ends_at and ends_at < starts_at:
            self.add_error("local_ends_at", "The end must not come before the start.")
        return cleaned


class NewEventForm(TimedForm):
    """A new event: seven fields."""

    kept: dict[str, Any] = {}

    title = text("Title")
    slug = forms.CharField(
        label="Address", max_length=80, required=False, validators=[validate_slug],
        help_text="What stands in the address of its page. Leave it empty to have it made from the title.",
    )  # fmt: skip
    local_starts_at = wall_time("Starts", help_text=AT_THE_VENUE)
    local_ends_at = wall_time("Ends")
    timezone = forms.ChoiceField(label="Time zone", choices=zones)
    venue = text("Venue", required=False, most=300, help_text="Name and town, as it shall stand on the page.")
    currency = forms.ChoiceField(label="Currency", choices=currencies)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("slug") and "slug" not in self.errors and cleaned.get("title"):
            cleaned["slug"] = slugs.suggested(cleaned["title"], otherwise="event")
        return cleaned


class EventForm(TimedForm):
    """All that an event's page shows. The address while it is a draft, the currency while nobody has ordered."""

    title = text("Title")
    slug = forms.CharField(
        label="Address", max_length=80, validators=[validate_slug],
        help_text="What stands in the address of its page. It can change while the event is a draft.",
    )  # fmt: skip
    description = lines(
        "Description", most=LONGEST_EVENT_DESCRIPTION, rows=12,
        help_text="In Markdown: **bold**, *slanted*, ## a heading, - a list, [words](https://example.com).",
    )  # fmt: skip
    venue = text("Venue", required=False, most=300, help_text="Name and town, as it shall stand on the page.")
    local_starts_at = wall_time("Starts", help_text=AT_THE_VENUE)
    local_ends_at = wall_time("Ends")
    timezone = forms.ChoiceField(label="Time zone")
    currency = forms.ChoiceField(label="Currency", help_text="It stays once somebody has ordered.")
    accent = forms.RegexField(
        ACCENT_PATTERN, label="Accent colour", help_text="For buttons and links. It is bent until it can be read.",
        widget=forms.TextInput(attrs={"type": "color", "class": "organise-colour"}),
        error_messages={"invalid": "Use a colour such as #4338ca.", "required": "Choose a colour."},
    )  # fmt: skip
    hold_minutes = whole(
        "Minutes that tickets are held", least=LEAST_HOLD_MINUTES, most=MOST_HOLD_MINUTES,
        help_text="How long a buyer has to pay before others may have them.",
    )  # fmt: skip

    def __init__(self, *args: Any, event: Event, is_draft: bool, has_orders: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_draft:
            del self.fields["slug"]
        if has_orders:
            del self.fields["currency"]
        for name, choices in (("timezone", zones()), ("currency", currencies())):
            field: Any = self.fields.get(name)
            if field:
                field.choices = _with(choices, getattr(event, name))
        self.kept = {name: getattr(event, name) for name in ("local_starts_at", "local_ends_at", "timezone")}


class CopyForm(PageForm):
    """A copy of an event: what must be its own."""

    title = text("Title")
    slug = forms.CharField(label="Address", max_length=80, validators=[validate_slug])
    local_starts_at = wall_time("Starts", help_text="Sales open and close as long before it as they did.")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean_local_starts_at(self) -> datetime:
        at: datetime = self.cleaned_data["local_starts_at"]
        if fault := fault_of(at, self.zone):
            raise forms.ValidationError(fault)
        return at
