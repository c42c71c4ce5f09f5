"""Sales over time, and against the last time: sums of the numbers that the worker keeps, by span of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from django.db import connection
from django.db.models import Max, Min, Sum

from checkout.models import Grain, Number
from events.models import Event

Unit = Literal["minute", "quarter", "hour", "day"]
# The finest unit of which a span has not too many to draw.
FINEST: Final[list[tuple[timedelta, Unit]]] = [
    (timedelta(days=1), "minute"),
    (timedelta(days=14), "quarter"),
    (timedelta(days=90), "hour"),
]
STEPS: Final = {"minute": timedelta(minutes=1), "quarter": timedelta(minutes=15), "hour": timedelta(hours=1)}
SUMS: Final = """
    SELECT {bucket} AS bucket, sum(sold)::bigint, sum(voided)::bigint, sum(gross_minor)::bigint,
           sum(refunded_minor)::bigint
      FROM checkout_number
     WHERE event_id = %(event_id)s AND grain = %(grain)s AND at >= %(start)s AND at < %(end)s
       AND ticket_type_id IS NULL
     GROUP BY 1 HAVING sum(sold) <> 0 OR sum(voided) <> 0 OR sum(refunded_minor) <> 0 ORDER BY 1
"""
BUCKETS: Final = {
    "minute": "at",
    "quarter": "at",
    "hour": "date_trunc('hour', at, %(zone)s)",
    "day": "date_trunc('day', at, %(zone)s)",
}


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold, cancelled, taken and paid back in one span that begins at `at`; money in minor units."""

    at: datetime
    sold: int
    voided: int
    gross_minor: int
    refunded_minor: int

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.refunded_minor


def unit_for(span: timedelta) -> Unit:
    return next((unit for most, unit in FINEST if span <= most), "day")


def span_of(event: Event) -> tuple[datetime, datetime] | None:
    """From the first quarter of an hour in which anything happened to the end of the last; None without any."""
    quarters = Number.objects.filter(event=event, grain=Grain.QUARTER, ticket_type=None)
    found = quarters.aggregate(first=Min("at"), last=Max("at"))
    return (found["first"], found["last"] + STEPS["quarter"]) if found["first"] else None


def sales(event: Event, unit: Unit, *, start: datetime, end: datetime) -> list[Sales]:
    """Spans in which something happened, in the event's zone. One statement."""
    values: dict[str, Any] = {
        "event_id": event.pk, "grain": Grain.MINUTE.value if unit == "minute" else Grain.QUARTER.value,
        "start": start, "end": end, "zone": event.timezone,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(bucket=BUCKETS[unit]), values)
        return [Sales(*row) for row in cursor.fetchall()]


def without_gaps(found: list[Sales], event: Event, unit: Unit, *, start: datetime, end: datetime) -> Iterator[Sales]:
    """The same with all spans in between, in which nothing happened."""
    by_start = {one.at: one for one in found}
    for at in _starts(event, unit, start, end):
        yield by_start.get(at) or Sales(at, 0, 0, 0, 0)


def _starts(event: Event, unit: Unit, start: datetime, end: datetime) -> Iterator[datetime]:
    local = start.astimezone(event.zone)
    if unit == "day":
        day = local.date()
        while (at := midnight(event, day)) < end:
            yield at
            day += timedelta(days=1)
        return
    at = local.replace(second=0, microsecond=0)
    if unit == "quarter":
        at = at.replace(minute=at.minute // 15 * 15)
    if unit == "hour":
        at = at.replace(minute=0)
    at = at.astimezone(start.tzinfo)
    while at < end:
        yield at
        at += STEPS[unit]


def midnight(event: Event, day: date) -> datetime:
    """The instant at which this day begins at the venue."""
    return datetime(day.year, day.month, day.day, tzinfo=event.zone)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another event of the organiser, and what it had sold when as much time was left before it."""

    event: Event
    others: list[Event]
    sold: int
    net_minor: int


def against(event: Event, slug: str, *, now: datetime) -> Comparison | None:
    """The last one before this that has sold anything, or the chosen one. Three statements; None without any."""
    others: list[Any] = list(
        Event.objects.filter(
            organiser=event.organiser_id, rehearsal_of=None, is_test=False, starts_at__lt=event.starts_at
        )
        .exclude(pk=event.pk)
        .order_by("-starts_at", "-pk")[:20]
    )
    sums = Number.objects.filter(event__in=others, grain=Grain.ALL, ticket_type=None, sold__gt=0)
    have_sold = set(sums.values_list("event_id", flat=True))
    others = [other for other in others if other.pk in have_sold]
    chosen = next((other for other in others if other.slug == slug), None) or next(iter(others), None)
    if chosen is None:
        return None
    return Comparison(chosen, others, *_sold_until(chosen, chosen.starts_at - (event.starts_at - now)))


def _sold_until(event: Event, moment: datetime) -> tuple[int, int]:
    """Tickets and money that it had by then, to the quarter of an hour."""
    early = Number.objects.filter(event=event, grain=Grain.QUARTER, ticket_type=None, at__lt=moment)
    sums = early.aggregate(*(Sum(fact, default=0) for fact in ("sold", "voided", "gross_minor", "refunded_minor")))
    return sums["sold__sum"] - sums["voided__sum"], sums["gross_minor__sum"] - sums["refunded_minor__sum"]
