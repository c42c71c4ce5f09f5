"""Browsing and buying do not share connections: what the public pages read goes through a pool of its own.

Inside `browsing()` the ORM reads from the database alias `browse`: the same Postgres under a role that may only read,
with a short statement time-out and few connections. A page whose query is slow can then hold neither a connection nor
the database's time that a buyer needs. And one copy of a page may take a second of the database in all, because many
quick statements are as slow as one slow one.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.conf import settings
from django.db import OperationalError, connections
from django.db.models import Model

ALIAS: Final = "browse"
MOST_SECONDS: Final = 1.0

_is_browsing: ContextVar[bool] = ContextVar("is_browsing", default=False)


class OverBudget(OperationalError):
    """Making one copy of a page has kept the database for longer than any page is worth."""


class BrowseRouter:
    """Sends reads to the browsing pool while somebody browses."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return ALIAS if _is_browsing.get() else None

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        return True  # both aliases are one database

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == ALIAS else None


@contextmanager
def browsing() -> Iterator[None]:
    """What is read in here is read for a public page. The connection goes back to its pool at the end.

    Raises OverBudget for the statement that follows when those before it took more than MOST_SECONDS together. Where
    there is no alias `browse`, as in tests of one connection, the default one is read within the same budget.
    """
    alias = ALIAS if ALIAS in settings.DATABASES else "default"
    connection, token = connections[alias], _is_browsing.set(alias == ALIAS)
    try:
        with connection.execute_wrapper(_budget(MOST_SECONDS)):
            yield
    finally:
        _is_browsing.reset(token)
        if alias == ALIAS:
            connection.close()


def _budget(seconds: float) -> Callable[..., Any]:
    spent = 0.0

    def timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        if spent > seconds:
            raise OverBudget(f"more than {seconds} s of the database for one copy")
        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += time.monotonic() - began

    return timed
