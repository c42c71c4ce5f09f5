"""A time as it stands on the wall at a venue, without a zone, and the instant that follows from it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import models
from django.db.models import F, Func

if TYPE_CHECKING:
    DateTimeField = models.DateTimeField[Any, Any]
else:
    DateTimeField = models.DateTimeField


class WallTimeField(DateTimeField):
    """A naive datetime, stored as `timestamp without time zone` and never converted."""

    def db_type(self, connection: Any) -> str:
        return "timestamp without time zone"

    def rel_db_type(self, connection: Any) -> str:
        return self.db_type(connection)

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.replace(tzinfo=None) if isinstance(value, datetime) else None

    def get_prep_value(self, value: Any) -> datetime | None:
        return self.to_python(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> datetime | None:
        return self.to_python(value)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": WallTimeFormField, **kwargs})


class WallTimeFormField(forms.DateTimeField):
    """The form's side of `WallTimeField`: takes what is typed without reading a zone into it."""

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> Any:
        read = super().to_python(value)
        return read.replace(tzinfo=None) if read else read


def instant_of(wall_field: str, zone_field: str) -> Func:
    """SQL for the instant at which the wall shows `wall_field` in the zone named by `zone_field`.

    Postgres decides for times that happen twice or not at all: the standard time's offset is used.
    """
    return Func(F(zone_field), F(wall_field), function="timezone", output_field=models.DateTimeField())


def instants_at(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants, in UTC, at which the wall in `zone` shows `wall`: none where clocks skip it, two where they show it
    twice, the earlier first."""
    both = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(instant for instant in both if instant.astimezone(zone).replace(tzinfo=None) == wall)


def as_utc(moment: datetime) -> datetime:
    """The same instant in UTC; refuses a naive datetime with ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return moment.astimezone(UTC)
