"""What Postgres was asked during a rehearsal, by its own count (pg_stat_statements), where it counts.

The difference of two readings, so nobody else's figures are reset. Whatever else the database was asked meanwhile is in
it; a statement under a flag carries the flag's name in a comment (flags/regions.py), and that is how it is found.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from django.db import DatabaseError, connection, transaction

READ: Final = """
    SELECT queryid::text, sum(calls)::bigint, sum(total_exec_time)::float, min(query) FROM pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL
     GROUP BY queryid
"""
OF_A_FLAG: Final = re.compile(r"/\*flag='([^']*)',route='([^']*)'\*/")
LISTED: Final = 15
LONGEST: Final = 600

Reading = Mapping[str, tuple[int, float, str]]


@dataclass(frozen=True, slots=True)
class Statement:
    """How often one was asked, and the milliseconds of the database over all of them."""

    calls: int
    milliseconds: float
    text: str

    @property
    def flag(self) -> str:
        found = OF_A_FLAG.search(self.text)
        return found[1] if found else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "text": " ".join(self.text.split())[:LONGEST], "calls": self.calls,
            "ms": round(self.milliseconds, 1), "mean_ms": round(self.milliseconds / max(self.calls, 1), 2),
        }  # fmt: skip


def read() -> Reading | None:
    """The counts until now; None where Postgres does not count, or not for us."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('pg_stat_statements') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return None
            cursor.execute(READ)
            return {queryid: (calls, ms, text) for queryid, calls, ms, text in cursor.fetchall()}
    except DatabaseError:
        return None


def switch_on() -> None:
    """Have Postgres count, where it is prepared for that and lets us. On a real server its keeper decides."""
    with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def between(before: Reading | None, after: Reading | None) -> list[Statement]:
    """What was asked between two readings, what took longest first."""
    if before is None or after is None:
        return []
    asked = []
    for queryid, (calls, ms, text) in after.items():
        had_calls, had_ms, _ = before.get(queryid, (0, 0.0, ""))
        if calls > had_calls:
            asked.append(Statement(calls - had_calls, ms - had_ms, text or ""))
    return sorted(asked, key=lambda one: -one.milliseconds)


def summary(asked: Sequence[Statement], *, requests: int) -> dict[str, Any] | None:
    """Statements and milliseconds for a request of the generator's, and the dearest statements. None of nothing."""
    if not asked:
        return None
    calls, ms = sum(one.calls for one in asked), sum(one.milliseconds for one in asked)
    return {
        "calls": calls, "ms": round(ms), "per_request": round(calls / max(requests, 1), 2),
        "ms_per_request": round(ms / max(requests, 1), 2), "dearest": [one.as_json() for one in asked[:LISTED]],
    }  # fmt: skip


def slowest_of(flag: str, asked: Sequence[Statement]) -> dict[str, Any] | None:
    """The statement under a flag that took longest in all."""
    return next((one.as_json() for one in asked if one.flag == flag), None)
