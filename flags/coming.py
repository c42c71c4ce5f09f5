"""What is reviewed before an on-sale: each flag on trial that is on for the event, what it cost, whether it is used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max, Sum

from flags import gates, queries, shapes
from flags.models import Flag, Hour, Keep
from flags.shapes import OnSale, Shape

LATELY: Final = timedelta(days=7)
UNUSED: Final = "Nobody has used it in the last 7 days."


@dataclass(frozen=True, slots=True)
class Week:
    """One flag on one event over the last seven days. `milliseconds` are of the database; the two worst are the highest
    95th percentile of any ten seconds, for one request."""

    uses: int = 0
    requests: int = 0
    queries: int = 0
    milliseconds: int = 0
    worst_queries: int = 0
    worst_ms: int = 0


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One flag on for one event with an on-sale ahead. `tried_with` and `failed_in` are those of gates.with_trials."""

    flag: Any
    event: Shape
    on_sale_at: datetime
    week: Week
    tried_with: int | None
    failed_in: str | None
    keep: Keep | None

    @property
    def faults(self) -> list[str]:
        """Why it should not be on when the sale opens, a sentence each; empty if it may."""
        unproven = gates.unproven(self.event, self.tried_with, self.failed_in)
        return [*([] if self.week.uses else [UNUSED]), *([unproven] if unproven else [])]

    @property
    def is_due(self) -> bool:
        """Whether the review switches it off."""
        return bool(self.faults) and self.keep is None

    @property
    def key(self) -> tuple[int, int]:
        return self.flag.pk, self.event.event_id


def coming(*, now: datetime, within: timedelta = shapes.AHEAD) -> list[Reviewed]:
    """Every flag on trial that is on for an event with a public on-sale within that time, a row for each on-sale, the
    next ones first. Seven queries, however many events and flags; one if nothing goes on sale."""
    ahead = shapes.on_sales(now=now, until=now + within)
    if not ahead:
        return []
    answers = queries.judged({one.event.event_id: one.event.organiser_id for one in ahead}, now=now)
    on = {event_id: {name for name, answer in of.items() if answer.is_on} for event_id, of in answers.items()}
    flags = list(_on_trial(set().union(*on.values())))
    return list(_rows(ahead, flags, on, now))


def _on_trial(names: Iterable[str]) -> Any:
    return gates.with_trials(Flag.objects.filter(gates.ON_TRIAL, name__in=names).order_by("name"))


def _rows(ahead: list[OnSale], flags: list[Any], on: Mapping[int, set[str]], now: datetime) -> Iterable[Reviewed]:
    events = {one.event.event_id for one in ahead}
    weeks, keeps = _weeks(flags, events, now), _keeps(flags, events, now)
    for one in ahead:
        for flag in flags:
            if flag.name in on[one.event.event_id]:
                week = weeks.get((flag.pk, one.event.event_id), Week())
                kept = (keep for keep in keeps.get((flag.pk, one.event.event_id), ()) if _covers(keep, one.at))
                trials = flag.tried_with, flag.failed_in
                yield Reviewed(flag, one.event, one.at, week, *trials, next(kept, None))


def _weeks(flags: list[Any], events: set[int], now: datetime) -> dict[tuple[int, int], Week]:
    hours = Hour.objects.filter(flag__in=flags, event__in=events, at__gt=now - LATELY).order_by()
    rows = hours.values_list("flag_id", "event_id").annotate(
        _uses=Sum("uses"), _requests=Sum("requests"), _queries=Sum("queries"), _milliseconds=Sum("milliseconds"),
        _worst_queries=Max("worst_queries"), _worst_ms=Max("worst_ms"),
    )  # fmt: skip
    return {(flag_id, event_id): Week(*sums) for flag_id, event_id, *sums in rows}


def _keeps(flags: list[Any], events: set[int], now: datetime) -> dict[tuple[int, int], list[Keep]]:
    keeps: dict[tuple[int, int], list[Keep]] = {}
    found = Keep.objects.filter(flag__in=flags, event__in=events, on_sale_at__gt=now - shapes.AHEAD)
    for keep in found.select_related("kept_by").order_by("-on_sale_at"):
        keeps.setdefault((keep.flag_id, keep.event_id), []).append(keep)
    return keeps


def _covers(keep: Keep, at: datetime) -> bool:
    """The on-sale that was meant and those in the 48 hours after it: what is kept for Friday's presale must not be
    switched off on Thursday because of Saturday's sale."""
    return keep.on_sale_at <= at <= keep.on_sale_at + shapes.AHEAD
