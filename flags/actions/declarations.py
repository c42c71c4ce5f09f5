"""Bringing the rows of flags up to what the code declares."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from flags.actions.flags import put_prerequisites
from flags.audit import signed
from flags.models import Flag
from flags.registry import Declaration
from kit import sql

REASON: Final = "manage.py flags sync: as the code declares."


def sync(*, declared: Mapping[str, Declaration], now: datetime) -> list[str]:
    """Make and update the declared flags; mark those that no longer are. Nothing is deleted, no stage, kill or grant
    touched. A new flag is a draft: off for everyone.

    Answers what was done, a line each; doing it again does nothing. Raises Circle. One at a time.
    """
    with signed(by=None, reason=REASON, now=now):
        sql.value("SELECT pg_advisory_xact_lock(20261113, 2)::text", ())
        flags: dict[str, Any] = {flag.name: flag for flag in Flag.objects.select_for_update(no_key=True).order_by("pk")}
        done = [line for name in sorted(declared) if (line := _put(flags, declared[name], now))]
        for name in sorted(set(flags) - set(declared)):
            if flags[name].is_declared:
                _write(flags[name], {"is_declared": False})
                done.append(f"{name}: no longer declared")
        return [*done, *_require(flags, declared)]


def _put(flags: dict[str, Any], declaration: Declaration, now: datetime) -> str:
    """Make or update one flag; what was done, or nothing."""
    values = {
        "owner": declaration.owner, "purpose": declaration.purpose, "kind": declaration.kind,
        "expires_at": declaration.expires_at, "budget_queries": declaration.budget_queries,
        "budget_ms": declaration.budget_ms, "is_declared": True,
    }  # fmt: skip
    flag = flags.get(declaration.name)
    if flag is None:
        flags[declaration.name] = Flag.objects.create(name=declaration.name, created=now, **values)
        return f"{declaration.name}: made, a draft"
    differing = {name: value for name, value in values.items() if getattr(flag, name) != value}
    if not differing:
        return ""
    was_declared = flag.is_declared
    _write(flag, differing)
    return f"{flag.name}: {', '.join(differing) if was_declared else 'declared again'}"


def _write(flag: Flag, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(flag, name, value)
    flag.save(update_fields=[*values, "modified"])


def _require(flags: dict[str, Any], declared: Mapping[str, Declaration]) -> list[str]:
    wanted: dict[Flag, Collection[Flag]] = {
        flags[name]: [flags[one] for one in sorted(declared[name].prerequisites)] for name in sorted(declared)
    }
    before = put_prerequisites(wanted)
    return [
        f"{flag.name}: needs {', '.join(one.name for one in required) or 'no other'}"
        for flag, required in wanted.items() if before[flag] != set(required)
    ]  # fmt: skip
