"""What flags cost and how often they were used over the last seven days, for pages: read from the hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import DateTimeField, F, Func, Max, QuerySet, Sum, Value

from flags.models import Hour

STEP: Final = timedelta(hours=6)
STEPS: Final = 28
MOST_DRAWN: Final = 10  # events on a flag's page, flags on an event's page
ORIGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """Six hours from `at` on. `ms` and `queries` are the worst 95th percentile of any ten seconds, for one request."""

    at: datetime
    requests: int = 0
    uses: int = 0
    ms: int = 0
    queries: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.requests or self.uses)


@dataclass(frozen=True, slots=True)
class Series:
    """One flag at one event: a step for each six hours of the last seven days, the oldest first."""

    steps: tuple[Step, ...]

    @property
    def requests(self) -> int:
        return sum(step.requests for step in self.steps)

    @property
    def uses(self) -> int:
        return sum(step.uses for step in self.steps)

    @property
    def ms(self) -> int:
        return max(step.ms for step in self.steps)

    @property
    def queries(self) -> int:
        return max(step.queries for step in self.steps)

    @property
    def filled(self) -> list[Step]:
        """Those steps in which anything was counted."""
        return [step for step in self.steps if not step.is_empty]


def begins_at(now: datetime) -> datetime:
    """When the first step begins. The last one is not over yet."""
    return ORIGIN + (now - ORIGIN) // STEP * STEP - (STEPS - 1) * STEP


def costliest_events(flag_id: int, *, now: datetime) -> tuple[list[int], bool]:
    """The events at which this flag took most of the database, at most ten, and whether there are more."""
    found = list(
        _since(now).filter(flag=flag_id).values("event_id").annotate(took=Sum("milliseconds"), asked=Sum("requests"))
        .order_by("-took", "-asked", "-event_id").values_list("event_id", flat=True)[: MOST_DRAWN + 1]
    )  # fmt: skip
    return found[:MOST_DRAWN], len(found) > MOST_DRAWN


def of_flag(flag_id: int, event_ids: Iterable[int], *, now: datetime) -> dict[int, Series]:
    """By event; those without figures are not in it. One query."""
    return _series(_since(now).filter(flag=flag_id, event__in=list(event_ids)), "event_id", now)


def of_event(event_id: int, *, now: datetime) -> dict[int, Series]:
    """By flag; those without figures are not in it. One query."""
    return _series(_since(now).filter(event=event_id), "flag_id", now)


def _since(now: datetime) -> "QuerySet[Hour]":
    return Hour.objects.filter(at__gte=begins_at(now))


def _series(hours: "QuerySet[Hour]", by: str, now: datetime) -> dict[int, Series]:
    """Postgres adds the hours up to steps, so that what comes over is little."""
    step: Any = Func(Value(STEP), F("at"), Value(ORIGIN), function="date_bin", output_field=DateTimeField())
    rows = (
        hours.annotate(step=step).values(by, "step").annotate(
            asked=Sum("requests"), used=Sum("uses"), ms=Max("worst_ms"), most=Max("worst_queries")
        ).order_by()
    )  # fmt: skip
    found: dict[int, dict[datetime, Step]] = {}
    for row in rows:
        of = found.setdefault(row[by], {})
        of[row["step"]] = Step(row["step"], row["asked"], row["used"], row["ms"], row["most"])
    times = [begins_at(now) + place * STEP for place in range(STEPS)]
    return {key: Series(tuple(of.get(at, Step(at)) for at in times)) for key, of in found.items()}
