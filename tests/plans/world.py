"""A database of 1,000 events and 200,000 tickets, beside that of the other tests, and thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

SEED = Path(__file__).with_name("world.sql")
DJANGO: Any = connection


@contextmanager
def big_world() -> Iterator[None]:
    """While this runs, Django's connection leads to a copy of the test database, seeded and vacuumed.

    A database of its own, because what is vacuumed has been committed; and so that no other test finds the leftovers.
    """
    empty = str(connection.settings_dict["NAME"])
    big = f"{empty}_big"
    _swap(empty)
    _maintain(
        f"DROP DATABASE IF EXISTS {_quoted(big)} WITH (FORCE)",
        f"CREATE DATABASE {_quoted(big)} TEMPLATE {_quoted(empty)}",
    )
    try:
        _swap(big)
        seed()
        yield
    finally:
        _swap(empty)
        _maintain(f"DROP DATABASE {_quoted(big)} WITH (FORCE)")


def seed() -> None:
    """Fill an empty database, in a few seconds, and give Postgres all that it plans by."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_user, accounts_organiser, flags_flag, checkout_webhookreceipt CASCADE")
        # As one string without values: Django's own cursor would bind it at the server, which takes one statement only.
        cursor.connection.execute(SEED.read_text())
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_stat_reset()")


def _swap(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _maintain(*statements: str) -> None:
    with DJANGO._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
