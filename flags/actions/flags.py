"""What is done to a flag as a whole: killed, revived, moved to another stage, made to require others."""

from collections.abc import Collection
from copy import copy
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser

from flags import gates
from flags.audit import signed
from flags.models import Flag, Prerequisite, Stage
from flags.registry import reached_from
from kit import sql

MOST_LOOKED_AT: Final = 50  # grants of a draft


class NotAStep(Exception):
    """A flag cannot go from the stage it is in to that one."""


class Circle(Exception):
    """A flag would require itself; the message names it."""


def kill(*, flag: Flag, reason: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """Turn a flag off for everyone at once, whatever else is said; again changes nothing. Raises audit.NoReason."""
    with signed(by=by, reason=reason, now=now):
        _write(_locked(flag), flag, is_killed=True)


def revive(*, flag: Flag, reason: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """Take the kill back: stage and grants count again, as they are by then. Raises audit.NoReason."""
    with signed(by=by, reason=reason, now=now):
        _write(_locked(flag), flag, is_killed=False)


def change_stage(*, flag: Flag, to: Stage, reason: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """Move a flag on, back or into retirement, from where it is by then. Raises NotAStep, audit.NoReason, and
    gates.Refused where a draft's grants would come into force that a gate would not let through."""
    with signed(by=by, reason=reason, now=now):
        fresh = _locked(flag)
        if not Stage(fresh.stage).may_become(to):
            raise NotAStep
        if fresh.stage == Stage.DRAFT and to == Stage.TRIAL:
            _pass_the_gates(fresh, now)
        _write(fresh, flag, stage=to)


def _pass_the_gates(flag: Any, now: datetime) -> None:
    """Grants may be given to a draft, as it is off all the same; a trial's have to be let through."""
    in_trial = copy(flag)
    in_trial.stage = Stage.TRIAL
    for grant in flag.grants.in_force(at=now).filter(is_on=True).order_by("pk")[:MOST_LOOKED_AT]:
        if refusals := gates.refusals(flag=in_trial, to=grant.recipient, now=now):
            raise gates.Refused(refusals)


def require(
    *, flag: Flag, prerequisites: Collection[Flag], reason: str, by: AbstractBaseUser | None, now: datetime
) -> None:
    """Have a flag require just these. Raises Circle and audit.NoReason."""
    with signed(by=by, reason=reason, now=now):
        put_prerequisites({flag: prerequisites})


def put_prerequisites(wanted: dict[Flag, Collection[Flag]]) -> dict[Flag, set[Flag]]:
    """Have each of these require just those, within a signed transaction; answers what each required until now.

    Raises Circle. One at a time, by the lock of flags/sql/guards.sql.
    """
    sql.value("SELECT pg_advisory_xact_lock(20261113, 1)::text", ())
    held: dict[Flag, set[Flag]] = {}
    for row in Prerequisite.objects.select_related("flag", "requires").order_by("pk"):
        held.setdefault(row.flag, set()).add(row.requires)
    _refuse_circles({**held, **wanted})
    before = {flag: held.get(flag, set()) for flag in wanted}
    for flag, required in wanted.items():
        if gone := before[flag] - set(required):
            Prerequisite.objects.filter(flag=flag, requires__in=gone).delete()
    Prerequisite.objects.bulk_create(
        Prerequisite(flag=flag, requires=one)
        for flag, required in wanted.items() for one in sorted(set(required) - before[flag], key=lambda row: row.pk)
    )  # fmt: skip
    return before


def _refuse_circles(requires: dict[Flag, Collection[Flag]]) -> None:
    names = {flag.name: frozenset(one.name for one in required) for flag, required in requires.items()}
    for name in names:
        if name in reached_from(name, names):
            raise Circle(name)


def _locked(flag: Flag) -> Flag:
    """The flag as it is now; whoever else changes it, or grants it, waits until we are done."""
    return Flag.objects.select_for_update(no_key=True).get(pk=flag.pk)


def _write(fresh: Flag, flag: Flag, **changed: bool | str) -> None:
    """Write this if it is otherwise by now, and have waffle's copies forgotten; the caller's `flag` follows."""
    differing = {name: value for name, value in changed.items() if getattr(fresh, name) != value}
    for name, value in changed.items():
        setattr(fresh, name, value)
        setattr(flag, name, value)
    if differing:
        fresh.save(update_fields=[*differing, "modified"])
