"""Says in words what a plan does."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from events.catalogue.differences import Changes, Difference
from events.catalogue.plan import Plan

LONGEST_SHOWN: Final = 40


def created(plan: Plan) -> tuple[str, ...]:
    """Each part that is new: `event emf`, `pool badge`, `ticket type full`."""
    return tuple(f"{word} {slug}" for word, part in _parts(plan) for slug in part.new)


def deleted(plan: Plan) -> tuple[str, ...]:
    """Each part that goes."""
    return tuple(f"{word} {slug}" for word, part in _parts(plan) for slug in part.gone)


def updated(plan: Plan) -> tuple[str, ...]:
    """Each part that changes, and how: `pool badge: capacity 10 → 12`."""
    return tuple(f"{label}: {', '.join(words)}" for label, words in _changes(plan).items())


def unchanged(plan: Plan) -> tuple[str, ...]:
    """Each part that was there and stays as it is."""
    changing = _changes(plan)
    labels = (f"{word} {slug}" for word, part in _parts(plan) for slug in part.same)
    return tuple(label for label in labels if label not in changing)


def _parts(plan: Plan) -> Iterator[tuple[str, Difference[Any]]]:
    yield "event", plan.events
    yield "pool", plan.quotas
    yield "ticket type", plan.ticket_types


def _changes(plan: Plan) -> dict[str, list[str]]:
    """What changes of each part, by its label, in the order of the file."""
    found: dict[str, list[str]] = {}
    for word, part in [*_parts(plan), ("pool", plan.stocks)]:
        for slug, (_, changes) in part.changed.items():
            found.setdefault(f"{word} {slug}", []).extend(_words(changes))
    for verb, pairs in (("now draws on", plan.draws_new), ("no longer draws on", tuple(plan.draws_gone))):
        for entry, pool in pairs:
            if entry not in plan.ticket_types.new and entry not in plan.ticket_types.gone:
                found.setdefault(f"ticket type {entry}", []).append(f"{verb} {pool}")
    return found


def _words(changes: Changes) -> list[str]:
    return [f"{name} {_shown(before)} → {_shown(after)}" for name, (before, after) in changes.items()]


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if not isinstance(value, str):
        return str(value)
    return f'"{value}"' if len(value) <= LONGEST_SHOWN else f'"{value[:LONGEST_SHOWN]}…"'
