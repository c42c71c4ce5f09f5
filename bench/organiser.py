"""The organiser's pages at 100,000 orders: how quick each is, what it asks of the database, and the plans of that.

A page is a line in PAGES: whoever adds one that must stay quick measures it here.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.db import connection

from bench import MeasurementFailed, sold, wares
from bench.figures import Budget, Row, Section, Spread, Table
from bench.ground import Ground, site
from bench.load import at_pace
from bench.wire import Connection, get
from checkout.exports import xlsx_file
from checkout.exports.tables import Wanted
from events.models import Event
from organise.queries import numbers, sales

ROUNDS, VIEWERS, PER_SECOND = 20, 16, 30.0
MOST_MS: Final = 200.0
PAGES: Final = {
    "overview": "",
    "live numbers": "numbers/",
    "chart, all of it": "sales/",
    "exports": "exports/",
    "log": "log/",
}
P50, WORST, SQL = "p50 ms", "worst ms", "SQL"
NOTES = [
    f"One event of {sold.ORDERS:,} orders in {sold.TYPES} ticket types, nine of ten bought, half within an hour.",
    f"Pages: {ROUNDS} requests one after another, with the numbers' copy of a second made anew or not, as it falls.",
    f"Watched: the live numbers, asked for {PER_SECOND:.0f} times a second over {VIEWERS} connections.",
    "SQL counts whatever Postgres was asked, signing in and BEGIN included. Plans are kept in the JSON, under `plans`.",
]


def measure(ground: Ground, *, seconds: int) -> Section:
    """Counting, the pages, watching, and the files."""
    wares.clear()
    event = sold.make_event()
    cookie = sold.owner_cookie(event)
    work = [_timed("count all history", sold.count), _timed("CSV of orders", lambda: _read_csv(event))]
    work += [_timed("XLSX of orders", lambda: _write_xlsx(event))]
    with site(ground):
        pages = [_page(ground, name, _request(ground, event, path, cookie)) for name, path in PAGES.items()]
        watched = _watched(ground, _request(ground, event, "numbers/", cookie), seconds)
    quick = {row.name: row.values[WORST].median for row in pages}
    budgets = [
        Budget(f"{name} at 100,000 orders, the slowest of {ROUNDS}", quick[name], MOST_MS)
        for name in ("overview", "live numbers")
    ]
    return Section(
        "organiser", [Table("Pages", [*pages, watched]), Table("Work", work)], budgets, NOTES,
        wares.faults_in_books(), {"plans": _plans(event)},
    )  # fmt: skip


def _request(ground: Ground, event: Event, path: str, cookie: str) -> bytes:
    plain = get(f"/organise/{wares.ORGANISER}/{event.slug}/{path}", ground.port)
    return plain.removesuffix(b"\r\n") + f"Cookie: {cookie}\r\n\r\n".encode()


def _page(ground: Ground, name: str, request: bytes) -> Row:
    took = []
    with closing(Connection(ground.port)) as line:
        if line.ask(request).status != 200:
            raise MeasurementFailed(f"{name} does not answer with 200.")
        ground.observer.reset()
        for _ in range(ROUNDS):
            began = time.perf_counter()
            line.ask(request)
            took.append(1000 * (time.perf_counter() - began))
            time.sleep(0.05)
    asked = ground.observer.asked().with_transactions / ROUNDS
    spread = Spread(tuple(took))
    return Row(name, {P50: Spread((spread.median,)), WORST: Spread((max(took),)), SQL: Spread((asked,))})


def _watched(ground: Ground, request: bytes, seconds: int) -> Row:
    ground.observer.reset()
    load = at_pace(ground.port, request, connections=VIEWERS, seconds=max(2, seconds), per_second=PER_SECOND)
    asked = ground.observer.asked().with_transactions / len(load.latencies)
    return Row(
        "live numbers, watched",
        {P50: Spread((load.p50_ms,)), WORST: Spread((1000 * max(load.latencies),)), SQL: Spread((asked,))},
    )


def _timed(name: str, act: Any) -> Row:
    began = time.perf_counter()
    act()
    return Row(name, {"seconds": Spread((time.perf_counter() - began,))})


def _read_csv(event: Event) -> None:
    from checkout.exports import csv_file

    for _ in csv_file.lines(event, Wanted("orders")):
        pass


def _write_xlsx(event: Event) -> None:
    with TemporaryDirectory() as folder:
        xlsx_file.write(Path(folder) / "orders.xlsx", event, Wanted("orders"))


def _plans(event: Event) -> list[str]:
    """How Postgres goes about what the overview asks, with what it really read."""
    with _explaining() as plans:
        numbers.read(event, at=event.starts_at)
        span = sales.span_of(event)
        if span:
            sales.sales(event, "day", start=span[0], end=span[1])
    return plans


@contextmanager
def _explaining() -> Iterator[list[str]]:
    plans: list[str] = []

    def explain(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if statement.startswith(("SELECT", "\n    SELECT")):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", values)
                plans.append("\n".join([" ".join(statement.split()), *(row[0] for row in cursor.fetchall())]))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(explain):
        yield plans
