"""Reads what decides about flags for one event: the snapshot that goes with the event, and why it is so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connections
from django.db.models import FilteredRelation, OuterRef, Q

from flags import reasons, registry
from flags.evaluation import Snapshot
from flags.models import Flag, Grant, Prerequisite, Stage
from flags.rules import MISSING, Answer, FlagState, Given, Rule, judge

DECIDES: Final = ("pk", "name", "stage", "is_killed", "expires_at", "everyone", "required")
GRANTED: Final = ("for_event__is_on", "for_event__expires_at", "for_organiser__is_on", "for_organiser__expires_at")
REQUIRED: Final = ArraySubquery(
    Prerequisite.objects.filter(flag=OuterRef("pk")).order_by("requires").values("requires_id")
)
EVENT, ORGANISER = -1, -2  # numbers that no row has
REASONS: Final = ("for_event__reason", "for_organiser__reason")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One flag's answer for an event, the rule that decided, and that rule in words."""

    flag: str
    is_on: bool
    rule: Rule
    words: str


def snapshot(event_id: int, *, organiser_id: int, now: datetime) -> Snapshot:
    """Every flag's answer for one event, in one query however many flags there are; the rules are in flags/rules.py."""
    return {name: answer.is_on for name, answer in judge(_states(event_id, organiser_id), at=now).items()}


def explain(event_id: int, *, organiser_id: int, now: datetime) -> list[Explanation]:
    """Why each flag is on or off for an event, by name; with those that are declared and not there. One query."""
    states = {state.name: state for state in _states(event_id, organiser_id, *REASONS)}
    absent = {name: FlagState(name, Stage.DRAFT) for name in registry.declared() if name not in states}
    answers = judge(states.values(), at=now) | dict.fromkeys(absent, MISSING)
    return [
        Explanation(name, answer.is_on, answer.rule, reasons.words({**states, **absent}[name], answer))
        for name, answer in sorted(answers.items())
    ]


def judged(events: Mapping[int, int], *, now: datetime) -> dict[int, dict[str, Answer]]:
    """Each flag's answer, by name, for each of these events, given as event's to organiser's number. Two queries."""
    rows = list(Flag.objects.annotate(required=REQUIRED).values(*DECIDES))
    names = {row["pk"]: row["name"] for row in rows}
    given = _given_to(events)
    return {
        event_id: judge(
            [
                _state(row, names, given.get((row["pk"], event_id, None)), given.get((row["pk"], None, organiser_id)))
                for row in rows
            ],
            at=now,
        )
        for event_id, organiser_id in events.items()
    }


def _given_to(events: Mapping[int, int]) -> dict[tuple[int, int | None, int | None], Given]:
    """Their grants, by flag and by event or organiser."""
    grants = Grant.objects.filter(Q(event__in=list(events)) | Q(organiser__in=set(events.values())))
    return {
        (flag_id, event_id, organiser_id): Given(is_on, expires_at)
        for flag_id, event_id, organiser_id, is_on, expires_at in grants.order_by().values_list(
            "flag_id", "event_id", "organiser_id", "is_on", "expires_at"
        )
    }


def _states(event_id: int, organiser_id: int, *more: str) -> list[FlagState]:
    """Once a second for each event that somebody looks at, so the ORM puts the statement together only once: that takes
    it longer than all the rest."""
    text, given = _statement(more)
    whom = {EVENT: event_id, ORGANISER: organiser_id}
    with connections[Flag.objects.all().db].cursor() as cursor:
        cursor.execute(text, [whom.get(value, value) for value in given])
        rows = [dict(zip((*DECIDES, *GRANTED, *more), row, strict=True)) for row in cursor.fetchall()]
    names = {row["pk"]: row["name"] for row in rows}
    return [_state(row, names, _given(row, "for_event"), _given(row, "for_organiser")) for row in rows]


@lru_cache
def _statement(more: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """The flags with what was granted to EVENT and to ORGANISER, in whose place the real numbers go."""
    asked = Flag.objects.annotate(
        for_event=FilteredRelation("grants", condition=Q(grants__event_id=EVENT)),
        for_organiser=FilteredRelation("grants", condition=Q(grants__organiser_id=ORGANISER)),
        required=REQUIRED,
    ).values(*DECIDES, *GRANTED, *more)
    text, given = asked.query.sql_with_params()
    return str(text), tuple(given)


def _state(
    row: dict[str, Any], names: dict[int, str], for_event: Given | None, for_organiser: Given | None
) -> FlagState:
    return FlagState(
        name=row["name"], stage=row["stage"], is_killed=row["is_killed"], expires_at=row["expires_at"],
        everyone=row["everyone"], requires=tuple(names[pk] for pk in row["required"]),
        for_event=for_event, for_organiser=for_organiser,
    )  # fmt: skip


def _given(row: dict[str, Any], to: str) -> Given | None:
    is_on = row[f"{to}__is_on"]
    return None if is_on is None else Given(is_on, row[f"{to}__expires_at"], row.get(f"{to}__reason", ""))
