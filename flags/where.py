"""Where flags are on, and why: one flag at many places, or all flags at one, in a constant number of queries."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q

from flags import reasons, registry
from flags.models import Flag, Grant, Prerequisite, Stage
from flags.rules import MISSING, Answer, FlagState, Given, Rule, judge

BY_GRANT: Final = frozenset({Rule.EVENT, Rule.ORGANISER})


@dataclass(frozen=True, slots=True)
class Place:
    """An event of an organiser; without an event, all of the organiser's that have no grant of their own."""

    organiser_id: int
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One flag at one place: on or off, by which rule, that rule in words, and until when.

    `flag` is None where there is a declaration and no row. `grant` is the one that decided, if one did.
    """

    name: str
    flag: Any
    is_on: bool
    rule: Rule
    words: str
    ends_at: datetime | None
    grant: Grant | None

    @property
    def switched_off_by(self) -> str:
        """Who of the site switched it off by itself: a value of Switch, or nothing."""
        return self.grant.switched_off_by if self.grant and not self.is_on else ""


def at_place(place: Place, *, now: datetime) -> list[Standing]:
    """Every flag at one place, by name; with those that are declared and not there. Two queries."""
    flags = _flags()
    there = _judged(flags, place, _grants([place], flags), now)
    absent = [_absent(name) for name in registry.declared() if name not in there]
    return sorted([*there.values(), *absent], key=lambda standing: standing.name)


def of_flag(name: str, places: Collection[Place], *, now: datetime) -> dict[Place, Standing]:
    """One flag at each of these places. Two queries, however many they are."""
    flags = _flags()
    names = {flag.pk: flag.name for flag in flags}
    requires = {flag.name: frozenset(names[pk] for pk in flag.required) for flag in flags}
    wanted = {name, *registry.reached_from(name, requires)}
    flags = [flag for flag in flags if flag.name in wanted]
    grants = _grants(places, flags)
    return {place: _judged(flags, place, grants, now)[name] for place in places}


def _flags() -> list[Any]:
    required = Prerequisite.objects.filter(flag=OuterRef("pk")).order_by("requires").values("requires_id")
    return list(Flag.objects.annotate(required=ArraySubquery(required)).order_by("name"))


Grants = Mapping[tuple[int, int | None, int | None], Grant]


def _grants(places: Iterable[Place], flags: Iterable[Any]) -> Grants:
    """Grants to these events and organisers, by flag, event and organiser."""
    events = {place.event_id for place in places if place.event_id}
    organisers = {place.organiser_id for place in places}
    to_them = Grant.objects.filter(Q(event__in=events) | Q(organiser__in=organisers), flag__in=[f.pk for f in flags])
    return {(grant.flag_id, grant.event_id, grant.organiser_id): grant for grant in to_them.select_related("given_by")}


def _judged(flags: list[Any], place: Place, grants: Grants, now: datetime) -> dict[str, Standing]:
    names = {flag.pk: flag.name for flag in flags}
    by_event = {flag.pk: grants.get((flag.pk, place.event_id, None)) if place.event_id else None for flag in flags}
    by_organiser = {flag.pk: grants.get((flag.pk, None, place.organiser_id)) for flag in flags}
    states = [
        FlagState(
            name=flag.name, stage=flag.stage, is_killed=flag.is_killed, expires_at=flag.expires_at,
            everyone=flag.everyone, requires=tuple(names[pk] for pk in flag.required),
            for_event=_given(by_event[flag.pk]), for_organiser=_given(by_organiser[flag.pk]),
        )
        for flag in flags
    ]  # fmt: skip
    answers = judge(states, at=now)
    standings = {}
    for flag, state in zip(flags, states, strict=True):
        answer = answers[flag.name]
        decided = {Rule.EVENT: by_event[flag.pk], Rule.ORGANISER: by_organiser[flag.pk]}.get(answer.rule)
        standings[flag.name] = _standing(flag, state, answer, decided)
    return standings


def _standing(flag: Any, state: FlagState, answer: Answer, decided: Grant | None) -> Standing:
    ends = [decided.expires_at if decided else None, flag.expires_at if answer.is_on else None]
    return Standing(
        name=flag.name, flag=flag, is_on=answer.is_on, rule=answer.rule, words=reasons.words(state, answer),
        ends_at=min((end for end in ends if end), default=None), grant=decided,
    )  # fmt: skip


def _absent(name: str) -> Standing:
    words = reasons.words(FlagState(name, Stage.DRAFT), MISSING)
    return Standing(name, None, is_on=False, rule=Rule.MISSING, words=words, ends_at=None, grant=None)


def _given(grant: Grant | None) -> Given | None:
    return Given(grant.is_on, grant.expires_at, grant.reason) if grant else None
