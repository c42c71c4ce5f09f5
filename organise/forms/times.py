"""Times as people type them: on the clock at the venue. What that clock never shows is refused; of what it shows twice
we ask which."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms

from events.catalogue.format import FIRST_YEAR, LAST_YEAR
from events.catalogue.times import wall_text
from kit.moments import clock_text, day_text, distance_text, moment_text, utc_text
from kit.wall_time import WallTimeFormField, instants_at

FIRST, SECOND = "first", "second"
WHICH: Final = [("", "Choose one"), (FIRST, "The first"), (SECOND, "The second")]


class WallInput(forms.DateTimeInput):
    """A date and a time, without seconds where there are none."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> Any:
        return wall_text(value.replace(tzinfo=None)) if isinstance(value, datetime) else value


class TypedTimeField(WallTimeFormField):
    """A wall time in a sane year."""

    def clean(self, value: Any) -> Any:
        read = super().clean(value)
        if read is not None and not FIRST_YEAR <= read.year <= LAST_YEAR:
            raise forms.ValidationError(f"Choose a year between {FIRST_YEAR} and {LAST_YEAR}.", code="year")
        return read


def wall_time(label: str, *, required: bool = True, help_text: str = "") -> TypedTimeField:
    """A field for a wall time."""
    return TypedTimeField(
        label=label, required=required, help_text=help_text, widget=WallInput(),
        error_messages={
            "required": f"Enter when it {label.lower()}.",
            "invalid": "Enter a date and a time, such as 2030-06-01T10:00.",
        },
    )  # fmt: skip


def which(label: str) -> forms.ChoiceField:
    """Which of two moments is meant; shown when it is asked."""
    return forms.ChoiceField(label=label, choices=WHICH, required=False)


def fault_of(wall: datetime, zone: ZoneInfo) -> str:
    """Why this wall time names no moment, or more than one; empty where all is well."""
    moments = instants_at(wall, zone)
    if len(moments) == 1:
        return ""
    said = f"{clock_text(wall)} on {day_text(wall)} in {zone.key}"
    if not moments:
        return f"There is no {said}: the clocks go forward over it. Choose an earlier or a later time."
    return f"There are two {said}, as the clocks go back."


def is_twice(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether that clock shows this time twice."""
    return len(instants_at(wall, zone)) == 2


def moment_of(wall: datetime, zone: ZoneInfo, chosen: str) -> tuple[datetime | None, str]:
    """The instant that is meant, in UTC, or why there is none, in words."""
    moments = instants_at(wall, zone)
    if len(moments) == 2 and chosen in {FIRST, SECOND}:
        return moments[0 if chosen == FIRST else 1], ""
    fault = fault_of(wall, zone)
    if len(moments) == 2:
        first, second = (moment.astimezone(zone).tzname() for moment in moments)
        return None, f"{fault} Choose the first ({first}) or the second ({second})."
    return (None, fault) if fault else (moments[0], "")


def chosen_of(instant: datetime, zone: ZoneInfo) -> str:
    """Which of two an instant is; empty where there is one."""
    moments = instants_at(instant.astimezone(zone).replace(tzinfo=None), zone)
    return (FIRST if instant == moments[0] else SECOND) if len(moments) == 2 else ""


def told(instant: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """An instant in all words that keep people from mistakes: at the venue, in UTC, and how far off."""
    return f"{moment_text(instant.astimezone(zone))}; {utc_text(instant)}; {distance_text(instant - now)}"
