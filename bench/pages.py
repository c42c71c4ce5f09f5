"""The event page with few and many ticket types, cold and warm, in units of one empty Django view."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from bench import MeasurementFailed, unit, wares
from bench.figures import Budget, Row, Section, Spread, Table
from bench.ground import Ground, empty_view, site
from bench.load import as_fast_as_it_goes, at_pace
from bench.unit import CONNECTIONS, CPU, PACE
from bench.wire import Answer, Connection, get
from embedded.processes import Part

ROUNDS = 3
SIZES = (1, 10, 300, 1000)
COLD_PAGES = 5  # each of another event, so that each is cold
FRESH_PAGES = 20
SQL, REDIS, UNITS = "SQL", "Redis", "units"
NOTES = [
    "A unit is the CPU time of one empty Django view under the same gunicorn, measured in the same round.",
    f"Warm: {CONNECTIONS} connections ask as fast as they are answered, the rebuilding of each second included.",
    "p50 and p99: at half that rate, from when each request was due. CPU ms: gunicorn, Postgres and Valkey together.",
    "Cold: nothing of the event in any process or in Redis. SQL and Redis are counted on the servers.",
]


@dataclass(frozen=True)
class Bench:
    """What is measured with: the site, the empty view, and the seconds of each timed load."""

    ground: Ground
    site: Part
    empty: Part
    empty_port: int
    seconds: int

    def page(self, slug: str) -> bytes:
        return get(f"/{wares.ORGANISER}/{slug}/", self.ground.port)

    def used(self) -> float:
        return sum(self.ground.cpu(self.site).values())


def measure(ground: Ground, *, seconds: int) -> Section:
    """The unit and every size in turn, three times over."""
    wares.clear()
    for size in SIZES:
        wares.make_event(_slug(size), types=size)
        for cold in _cold_slugs(size):
            wares.make_event(cold, types=size)
    with site(ground) as running, empty_view(ground) as (empty, port):
        bench = Bench(ground, running, empty, port, seconds)
        _warm_up(bench)
        rounds = [_round(bench, number) for number in range(ROUNDS)]
    return _section(rounds)


def _slug(size: int) -> str:
    return f"types-{size}"


def _cold_slugs(size: int) -> list[str]:
    """Events that are asked for once, so that no process has a copy: so many for each round."""
    return [f"cold-{size}-{number}" for number in range(ROUNDS * COLD_PAGES)]


def _name(size: int) -> str:
    return f"{size:,} ticket type{'s' if size > 1 else ''}"


def _warm_up(bench: Bench) -> None:
    """Both gunicorn workers have loaded every template before anything is measured."""
    for _ in range(2):
        for size in SIZES:
            as_fast_as_it_goes(bench.ground.port, bench.page(_slug(size)), connections=CONNECTIONS, seconds=0.3)
        _let_copies_lapse(bench)


def _let_copies_lapse(bench: Bench) -> None:
    """From here on nothing is cached, in any process or in Redis."""
    time.sleep(settings.EVENT_FACTS_SECONDS)
    bench.ground.observer.empty_the_cache()


def _round(bench: Bench, number: int) -> dict[str, Mapping[str, float]]:
    """One round of everything: its figures by row."""
    view = unit.measure(bench.empty, bench.empty_port, seconds=bench.seconds / 2)
    _let_copies_lapse(bench)
    found: dict[str, Mapping[str, float]] = {
        f"cold, {_name(size)}": _cold(bench, size, number, view[CPU]) for size in SIZES
    }
    for size in SIZES:
        found[f"fresh, {_name(size)}"] = _fresh(bench, size)
        found |= _warm(bench, size, view[CPU])
    return {**found, "one empty view": view}


def _cold(bench: Bench, size: int, number: int, view_ms: float) -> dict[str, float]:
    """Pages of events that nobody has asked for, one after another."""
    slugs = _cold_slugs(size)[number * COLD_PAGES :][:COLD_PAGES]
    requests = [bench.page(slug) for slug in slugs]
    took: list[float] = []
    bench.ground.observer.reset()
    before = bench.used()
    with closing(Connection(bench.ground.port)) as connection:
        for request in requests:
            began = time.perf_counter()
            _require_ok(connection.ask(request))
            took.append(1000 * (time.perf_counter() - began))
    used, asked = bench.used() - before, bench.ground.observer.asked()
    return {
        SQL: asked.with_transactions / COLD_PAGES, REDIS: asked.commands / COLD_PAGES,
        CPU: 1000 * used / COLD_PAGES, UNITS: 1000 * used / COLD_PAGES / view_ms, "p50 ms": Spread(tuple(took)).median,
    }  # fmt: skip


def _fresh(bench: Bench, size: int) -> dict[str, float]:
    """Pages right after one, over the same connection and so from the same process's copy."""
    request = bench.page(_slug(size))
    with closing(Connection(bench.ground.port)) as connection:
        _require_ok(connection.ask(request))
        bench.ground.observer.reset()
        answers = [connection.ask(request) for _ in range(FRESH_PAGES)]
    asked = bench.ground.observer.asked()
    return {
        SQL: asked.with_transactions / FRESH_PAGES, REDIS: asked.commands / FRESH_PAGES,
        "bytes": float(len(answers[0].head) + len(answers[0].body)),
    }  # fmt: skip


def _warm(bench: Bench, size: int, view_ms: float) -> dict[str, Mapping[str, float]]:
    """One page, asked for by everybody; and what the asking cost."""
    port, request = bench.ground.port, bench.page(_slug(size))
    bench.ground.observer.reset()
    before = bench.used()
    load = as_fast_as_it_goes(port, request, connections=CONNECTIONS, seconds=bench.seconds)
    used, asked, pages = 1000 * (bench.used() - before), bench.ground.observer.asked(), len(load.latencies)
    pace = PACE * load.per_second
    paced = at_pace(port, request, connections=CONNECTIONS, seconds=max(1, bench.seconds / 2), per_second=pace)
    page = {
        SQL: asked.with_transactions / pages, REDIS: asked.commands / pages, CPU: used / pages,
        UNITS: used / pages / view_ms, "a second": load.per_second, "p50 ms": paced.p50_ms, "p99 ms": paced.p99_ms,
    }  # fmt: skip
    asking = {"CPU ms a page": 1000 * load.own_cpu / pages, "late p99 ms": paced.late_p99_ms}
    return {f"warm, {_name(size)}": page, f"generator, {_name(size)}": asking}


def _require_ok(answer: Answer) -> None:
    if answer.status != 200:
        raise MeasurementFailed(f"The event page was answered with {answer.status}.")


def _section(rounds: Sequence[Mapping[str, Mapping[str, float]]]) -> Section:
    rows = {name: Row.of(name, [one[name] for one in rounds]) for name in rounds[0]}
    value = partial(_median, rows)
    warm = max(value(f"warm, {_name(size)}", UNITS) for size in SIZES)
    fresh = [value(f"fresh, {_name(size)}", column) for size in SIZES for column in (SQL, REDIS)]
    cold = [value(f"cold, {_name(size)}", SQL) for size in SIZES]
    return Section(
        "pages",
        tables=[
            Table(
                "event page", _starting(rows, "cold", "warm", "one empty view"), (SQL, REDIS, CPU, UNITS, "a second")
            ),
            Table("again while the process's copy is fresh", _starting(rows, "fresh")),
            Table("the load's own", _starting(rows, "generator")),
        ],
        budgets=[
            Budget("warm event page, dearest size, units", warm, 2),
            Budget("SQL and Redis while the process's copy is fresh, dearest size", max(fresh), 0),
            Budget("SQL of a cold page, most of any size over fewest", max(cold) - min(cold), 0),
            Budget("cold event page with 1,000 ticket types, ms", value(f"cold, {_name(1000)}", "p50 ms"), 300),
        ],
        notes=list(NOTES),
    )


def _starting(rows: Mapping[str, Row], *words: str) -> list[Row]:
    return [row for word in words for name, row in rows.items() if name.startswith(word)]


def _median(rows: Mapping[str, Row], name: str, column: str) -> float:
    return rows[name].values[column].median
