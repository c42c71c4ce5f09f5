"""What each page of a rehearsal asks of the database: statements and milliseconds, by the step that a buyer is at.

The generator marks its requests with a signed word and the name of its step. The edge lets no header of a visitor
through to public pages; those are known by the copy's own address, and notices of payments by theirs. To everybody else
this costs a look at the path and at one header.

A process adds it up in memory and puts it into Redis once a second, in a thread that lasts no longer. While Redis is
away it is lost, and the report says that it is not known.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any, Final

import structlog
from django.core.signing import BadSignature, Signer
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from events.models import Event
from flags.spending import Cost, Spending

log = structlog.stdlib.get_logger("rehearsal")

HEADER: Final = "HTTP_X_REHEARSAL"
SALT: Final = "rehearsal"
OWN: Final = ("/r-", "/webhooks/rehearsals/")
OF_A_PATH: Final = re.compile(r"/(?:(?P<slug>r-[0-9a-f]{24})/|webhooks/rehearsals/(?P<event>\d+)/)")
STEPS: Final[Mapping[str, str]] = {
    "event": "event page", "tickets": "availability", "orders": "hold", "rehearsal-webhook": "notice of payment",
}  # fmt: skip
STEP: Final = re.compile(r"[a-z][a-z ]{0,29}")
PUT_SECONDS: Final = 1.0
KEPT: Final = 3600  # how long Redis keeps it, in seconds
SEPARATOR: Final = "\x1f"
AWAY: Final = (ConnectionInterrupted, RedisError, OSError)  # what is raised while Redis does not answer

_costs: dict[tuple[str, str], Cost] = {}  # by whose, and step
_lock = threading.Lock()
_is_due = False  # whether a thread is about to put it down


def mark_of(copy: Event) -> str:
    """What the generator says with each request, before the name of its step."""
    return Signer(salt=SALT).sign(copy.organiser.slug)


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Innermost: counts what is asked for a rehearsal's requests."""

    def counted(request: HttpRequest) -> HttpResponse:
        mark, path = request.META.get(HEADER), request.path_info
        if mark is None and not path.startswith(OWN):
            return get_response(request)
        whose, step = _marked(mark or "") or (_owner(path), "")
        if not whose:
            return get_response(request)
        with _listening() as spending:
            response = get_response(request)
        if response.status_code < 400:  # not what somebody has guessed
            match = request.resolver_match
            name = (match and match.url_name) or "other"
            _charge(whose, step or STEPS.get(name, name), spending)
        return response

    return counted


def told(copy: Event) -> list[dict[str, Any]] | None:
    """A row for each step, as the processes have put it down; None while Redis is away."""
    found: dict[str, Cost] = {}
    try:
        for whose in (copy.organiser.slug, str(copy.pk)):
            for name, count in get_redis_connection("default").hgetall(_name(whose)).items():
                step, measure = name.decode().split(SEPARATOR)
                found.setdefault(step, Cost()).add(measure, int(count))
    except AWAY:
        return None
    return [_row(step, cost) for step, cost in sorted(found.items())]


def _row(step: str, cost: Cost) -> dict[str, Any]:
    return {
        "step": step, "requests": cost.requests, "queries": cost.queries, "queries_p95": cost.queries_p95,
        "ms": round(cost.microseconds / 1000, 1), "ms_p95": cost.ms_p95,
    }  # fmt: skip


@lru_cache(maxsize=64)
def _marked(mark: str) -> tuple[str, str] | None:
    """Whose request it is and its step, if the mark is ours."""
    signed, _, step = mark.partition(" ")
    try:
        return (Signer(salt=SALT).unsign(signed), step) if STEP.fullmatch(step) else None
    except BadSignature:
        return None


def _owner(path: str) -> str:
    found = OF_A_PATH.match(path)
    return (found["slug"] or found["event"]) if found else ""


@contextmanager
def _listening() -> Iterator[Spending]:
    """What this thread asks of the database in here. Waiting for a connection is not in it."""
    spending = Spending()

    def timed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spending.add(queries=1, seconds=time.perf_counter() - began, rows=0)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(timed))
        yield spending


def _charge(whose: str, step: str, spending: Spending) -> None:
    global _is_due  # noqa: PLW0603  -- one for each process
    with _lock:
        _costs.setdefault((whose, step), Cost()).charge(spending)
        if _is_due:
            return
        _is_due = True
    later = threading.Timer(PUT_SECONDS, put_down)
    later.daemon = True
    later.start()


def put_down() -> None:
    """Add what this process has counted to Redis'."""
    global _is_due  # noqa: PLW0603  -- as above
    with _lock:
        taken = dict(_costs)
        _costs.clear()
        _is_due = False
    try:
        _put(taken.items())
    except AWAY as fault:
        log.warning("costs of pages not put down", fault=str(fault))


def _put(taken: Iterable[tuple[tuple[str, str], Cost]]) -> None:
    pipeline = get_redis_connection("default").pipeline(transaction=True)
    for (whose, step), cost in taken:
        for measure, count in cost.measures():
            pipeline.hincrby(_name(whose), f"{step}{SEPARATOR}{measure}", count)
        pipeline.expire(_name(whose), KEPT)
    pipeline.execute()


def _name(whose: str) -> str:
    return f"tito:rehearsals:{whose}"
