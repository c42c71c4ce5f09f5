"""Regions: what code under a flag asks of the database is charged to the flag, for its event and the request's route.

    with flags.region("waiting-list", event):
        …

Where the flag is off, and outside of regions, nothing is done and nothing costs anything. Within one, each statement is
counted and timed, and carries a comment with flag and route, so that Postgres' own lists of slow statements name them.
A request is charged as a whole when it ends: budgets are for one request, however many regions it went through.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final

from django.db import connections
from django.http import HttpRequest, HttpResponse

from flags import costs
from flags.evaluation import CarriesFlags, is_on

UNSAFE: Final = re.compile(r"[^A-Za-z0-9_./<>:-]")  # what could end a comment, or look like a parameter
NOTHING: Final = nullcontext()


class Tally:
    """What the flags of one request have cost so far, by flag and event."""

    __slots__ = ("innermost", "request", "spent")

    def __init__(self, request: HttpRequest | None) -> None:
        self.request = request
        self.spent: dict[tuple[str, int], costs.Spending] = {}
        self.innermost: _Region | None = None

    @property
    def route(self) -> str:
        """As in the URLconf; a dash outside of requests, as in the worker."""
        match = self.request.resolver_match if self.request else None
        return match.route if match else "-"


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


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
    __slots__ = ("_charge", "_flag", "_key", "_opened", "_outer", "_spending", "_tally")

    def __init__(self, flag: str, event_id: int) -> None:
        self._flag, self._key = flag, (flag, event_id)
        self._opened: AbstractContextManager[Tally] | None = None

    def __enter__(self) -> None:
        tally = _tally.get()
        if tally is None:
            self._opened = tallied(None)
            tally = self._opened.__enter__()
        self._tally, self._outer = tally, tally.innermost
        self._spending = tally.spent.setdefault(self._key, costs.Spending())
        tally.innermost = self
        self._charge = self._charging(_comment(self._flag, tally.route))
        for connection in connections.all():
            connection.execute_wrappers.append(self._charge)

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        for connection in connections.all():
            connection.execute_wrappers.remove(self._charge)
        self._tally.innermost = self._outer
        if self._opened is not None:
            self._opened.__exit__(kind, fault, at)

    def _charging(self, comment: str) -> Callable[..., Any]:
        def charged(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
            if self._tally.innermost is not self:
                return execute(sql, params, many, context)
            began = time.perf_counter()
            try:
                return execute(f"{sql} {comment}" if isinstance(sql, str) else sql, params, many, context)
            finally:
                self._spending.add(seconds=time.perf_counter() - began, rows=context["cursor"].cursor.rowcount)

        return charged


def _comment(flag: str, route: str) -> str:
    return f"/*flag='{UNSAFE.sub('_', flag)}',route='{UNSAFE.sub('_', route)}'*/"
