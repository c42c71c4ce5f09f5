"""Regions: what code under a flag asks of the database is charged to the flag, for its event and the request's route.

    with flags.region("waiting-list", event):
        …

Where the flag is off, and outside of regions, nothing is done and nothing costs anything. Within one, each statement is
counted and timed, and carries a comment with flag and route, so that Postgres' own lists of slow statements name them.
A request is charged as a whole when it ends: budgets are for one request, however many regions it went through. What
another thread asks meanwhile is not charged, nor is waiting for a connection.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import lru_cache
from threading import get_ident
from types import TracebackType
from typing import Any, Final

from django.db import connections
from django.http import HttpRequest, HttpResponse
from psycopg import ServerCursor
from psycopg.sql import SQL, Composable

from flags import costs
from flags.evaluation import CarriesFlags, is_on
from flags.spending import Spending

UNSAFE: Final = re.compile(r"[^A-Za-z0-9_./<>:-]")  # what could end a comment, or look like a parameter
FIRST_WORD: Final = re.compile(r"[\s(]*\w+")
FETCHES: Final = ("fetchone", "fetchmany", "fetchall")
NOTHING: Final = nullcontext()


class Tally:
    """What the flags of one request have cost so far, by flag and event."""

    __slots__ = ("request", "spent")

    def __init__(self, request: HttpRequest | None) -> None:
        self.request = request
        self.spent: dict[tuple[str, int], Spending] = {}

    @property
    def route(self) -> str:
        """As in the URLconf; a dash outside of requests, as in the worker."""
        match = self.request.resolver_match if self.request else None
        return match.route if match else "-"


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)
_innermost: ContextVar["_Region | None"] = ContextVar("innermost", default=None)


@contextmanager
def tallied(request: HttpRequest | None) -> Iterator[Tally]:
    """What is charged in here counts as one request; it is handed on at the end, however that comes."""
    tally = Tally(request)
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)
        for (flag, event_id), spending in tally.spent.items():
            costs.charge(flag, event_id, tally.route, spending)


def tally_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Innermost: one request, one tally."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with tallied(request):
            return get_response(request)

    return middleware


def region(name: str, event: CarriesFlags) -> AbstractContextManager[None]:
    """Charge what is asked of the database in here to this flag, if it is on for the event; a region within another
    one pays for itself."""
    return _Region(name, event.id) if is_on(name, event) else NOTHING


def used(name: str, event: CarriesFlags) -> None:
    """An attendee or organiser has done something with the feature; merely seeing it is no use."""
    if is_on(name, event):
        costs.use(name, event.id)


class _Region(AbstractContextManager[None]):
    """The outermost of a thread listens on its connections, for those within it too."""

    __slots__ = ("_connections", "_event_id", "_flag", "_opened", "_outer", "comment", "spending", "thread")

    def __init__(self, flag: str, event_id: int) -> None:
        self._flag, self._event_id = flag, event_id
        self._opened: AbstractContextManager[Tally] | None = None

    def __enter__(self) -> None:
        tally = _tally.get()
        if tally is None:
            self._opened = tallied(None)
            tally = self._opened.__enter__()
        self.spending = tally.spent.setdefault((self._flag, self._event_id), Spending())
        self.comment = _comment(self._flag, tally.route)
        self._outer, self.thread = _innermost.get(), get_ident()
        is_listening = self._outer is not None and self._outer.thread == self.thread
        self._connections = [] if is_listening else connections.all()  # those that are not open yet too
        for connection in self._connections:
            connection.execute_wrappers.append(_charged)
        _innermost.set(self)

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        _innermost.set(self._outer)
        for connection in self._connections:
            # Django's own execute_wrapper takes away whichever is last: one that was left out of turn has taken ours.
            with suppress(ValueError):
                connection.execute_wrappers.remove(_charged)
        if self._opened is not None:
            self._opened.__exit__(kind, fault, at)


def _charged(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    region = _innermost.get()
    if region is None:
        return execute(sql, params, many, context)
    params = list(params) if many else params
    cursor, began = context["cursor"], time.perf_counter()
    try:
        return execute(_marked(sql, region.comment), params, many, context)
    finally:
        took, rows = time.perf_counter() - began, cursor.cursor.rowcount
        region.spending.add(queries=len(params) if many else 1, seconds=took, rows=rows)
        if isinstance(cursor.cursor, ServerCursor):  # as of `iterator()`: its work is done when rows are fetched
            for name in FETCHES:
                setattr(cursor, name, _fetching(getattr(cursor, name), region.spending))


def _fetching(fetch: Callable[..., Any], spending: Spending) -> Callable[..., Any]:
    def charged(*arguments: Any) -> Any:
        began, rows = time.perf_counter(), None
        try:
            rows = fetch(*arguments)
            return rows
        finally:
            count = len(rows) if isinstance(rows, list) else int(rows is not None)
            spending.add(queries=0, seconds=time.perf_counter() - began, rows=count)

    return charged


def _marked(sql: Any, comment: str) -> Any:
    """The statement with the comment: after its first word, as Postgres shows only the beginning of a long one, and
    drops what stands before it."""
    if isinstance(sql, Composable):
        return sql + SQL(f" {comment}")
    if not isinstance(sql, str):
        return sql
    first = FIRST_WORD.match(sql)
    place = first.end() if first else len(sql)
    return f"{sql[:place]} {comment}{sql[place:]}"


@lru_cache(maxsize=1024)
def _comment(flag: str, route: str) -> str:
    return f"/*flag='{UNSAFE.sub('_', flag)}',route='{UNSAFE.sub('_', route)}'*/"
