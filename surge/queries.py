"""Reads behind what is shown of rehearsals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from events.models import Event
from flags.queries import judged
from surge.machine import commit
from surge.models import RehearsalRun
from surge.records import record_of
from surge.shapes import shapes_of


@dataclass(frozen=True, slots=True)
class Today:
    """What an event would be rehearsed with now."""

    commit: str
    flags_on: frozenset[str]
    shape: dict[str, Any]


def todays(events: Iterable[Event], *, now: datetime) -> dict[int, Today]:
    """By the event's number. Five queries, however many there are."""
    known = {event.pk: event for event in events}
    answers = judged({pk: event.organiser_id for pk, event in known.items()}, now=now)
    shapes = shapes_of(list(known.values()))
    return {
        pk: Today(commit(), frozenset(name for name, answer in answers[pk].items() if answer.is_on), shapes[pk])
        for pk in known
    }


def changed_since(run: RehearsalRun, today: Today) -> list[str]:
    """Why a run says nothing about the event any more, in words: other code, other flags, another shape. Empty while
    it does."""
    on_then = {name for name, is_on in run.flags.items() if is_on}
    changed = sorted(on_then ^ today.flags_on)
    return [
        *(["the code has changed"] if run.commit != today.commit else []),
        *([f"flags have changed: {', '.join(changed)}"] if changed else []),
        *(["what is sold has changed"] if run.shape != today.shape else []),
    ]


def differs(run: RehearsalRun, *, now: datetime) -> list[str]:
    """`changed_since` of this moment. Five queries."""
    return changed_since(run, todays([run.event], now=now)[run.event_id])


def is_stale(run: RehearsalRun, *, now: datetime) -> bool:
    return bool(differs(run, now=now))


def record_now(run: RehearsalRun, *, now: datetime) -> dict[str, Any]:
    """What its report is drawn from, as of this moment. Five queries."""
    return record_of(run, changed=differs(run, now=now), now=now)


def listed(runs: "QuerySet[RehearsalRun]") -> "QuerySet[RehearsalRun]":
    """For a list of runs: without their figures, which are large, but for `arrived`, `sold` (orders) and
    `hold_p99_ms`, each a text or None."""
    return runs.defer("figures").annotate(
        arrived=KT("figures__outcome__generator__started"),
        sold=KT("figures__site__books__orders__complete"),
        hold_p99_ms=KT("figures__outcome__steps__hold__p99_ms"),
    )
