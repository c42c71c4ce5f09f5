"""The flags that the code has, declared beside their features.

An app with a feature under a flag has a file `features.py` that calls `declare`; Django reads it at the start
(flags/apps.py). `manage.py flags sync` makes the rows of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flags.models import Kind


class Faulty(Exception):
    """A declaration cannot be true as it stands; the message says why."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the code says of one flag. Budgets are for one request: extra queries, and extra milliseconds of the
    database at the 95th percentile."""

    name: str
    owner: str
    purpose: str
    kind: Kind
    expires_at: datetime | None
    budget_queries: int
    budget_ms: int
    prerequisites: frozenset[str]


_declared: dict[str, Declaration] = {}


def declare(  # noqa: PLR0913  -- all that must be known of a flag, in one place
    *,
    name: str,
    owner: str,
    purpose: str,
    kind: Kind,
    budget_queries: int,
    budget_ms: int,
    expires_at: datetime | None = None,
    prerequisites: tuple[str, ...] = (),
) -> None:
    """Say that there is code under this flag. Raises Faulty."""
    declaration = Declaration(
        name=name, owner=owner, purpose=purpose, kind=kind, expires_at=expires_at, budget_queries=budget_queries,
        budget_ms=budget_ms, prerequisites=frozenset(prerequisites),
    )  # fmt: skip
    for is_so, fault in (
        (not name.strip(), "A flag has a name."),
        ("@" not in owner, f"{name}: an owner is an e-mail address."),
        (not purpose.strip(), f"{name}: say what it is for."),
        (kind == Kind.RELEASE and expires_at is None, f"{name}: a release flag must have an end."),
        (expires_at is not None and expires_at.tzinfo is None, f"{name}: say in which time zone it ends."),
        (min(budget_queries, budget_ms) < 0, f"{name}: a budget is not below zero."),
        (_declared.get(name, declaration) != declaration, f"{name}: declared twice, and not the same."),
    ):
        if is_so:
            raise Faulty(fault)
    _declared[name] = declaration


def declared() -> Mapping[str, Declaration]:
    """All declarations so far, by name."""
    return _declared


def faults(declarations: Mapping[str, Declaration]) -> list[str]:
    """What is wrong with these together: prerequisites that nobody declares, and circles."""
    unknown = [
        f"{one.name} needs {required}, which is not declared."
        for one in declarations.values() for required in sorted(one.prerequisites - set(declarations))
    ]  # fmt: skip
    requires = {one.name: one.prerequisites for one in declarations.values()}
    circles = [f"{name} needs itself in the end." for name in declarations if name in reached_from(name, requires)]
    return [*unknown, *circles]


def expired(declarations: Mapping[str, Declaration], *, at: datetime) -> list[str]:
    """Names of those that are past their end: their code must go, or their end be moved."""
    return [one.name for one in declarations.values() if one.expires_at and one.expires_at <= at]


def reached_from(name: str, requires: Mapping[str, frozenset[str]]) -> set[str]:
    """All flags that this one needs, and those that they need, and so on; with itself if they go in a circle."""
    reached: set[str] = set()
    ahead = set(requires.get(name, ()))
    while ahead:
        reached |= ahead
        ahead = {further for one in ahead for further in requires.get(one, ())} - reached
    return reached
