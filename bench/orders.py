"""A whole free order over HTTP, from the event page to the mail, and 64 buyers after 500 tickets."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import MeasurementFailed, unit, wares
from bench.buyers import STEPS, Journeys, buy, buy_all
from bench.cpu import spent
from bench.figures import Budget, Row, Section, Table, percentile
from bench.ground import Ground, empty_view, site, worker
from bench.observer import Asked
from embedded import processes
from embedded.processes import Part

ROUNDS = 3
WARM_UP, ORDERS, BUYERS = 50, 200, 4
IDLE_SECONDS = 5.0
CROWD, TICKETS = 64, 500
TYPES = 10
SQL, ALL_SQL, REDIS, CPU = "SQL", "with BEGIN, COMMIT", "Redis", "CPU ms"
NOTES = [
    f"An order: 1 free ticket, {TYPES} types to choose from, a new connection, {BUYERS} buyers at a time, mail sent.",
    f"Counted until no mail waits. What the worker asks and costs when nobody buys, measured for {IDLE_SECONDS:.0f} s "
    "beforehand, is subtracted over the same time. The buyers' own CPU is not counted.",
]


@dataclass(frozen=True)
class Bench:
    """What is measured with: the site, its worker and the empty view."""

    ground: Ground
    site: Part
    worker: Part
    empty: Part
    empty_port: int

    def used(self) -> dict[str, float]:
        return self.ground.cpu(self.site, self.worker)

    def wait_for_mail(self) -> None:
        if not processes.wait_until(lambda: self.ground.observer.unsent_mail() == 0, within=60.0):
            raise MeasurementFailed("Mail was still waiting after a minute.")


@dataclass(frozen=True, slots=True)
class Idle:
    """What one second costs in which nobody buys."""

    statements: float
    with_transactions: float
    commands: float
    cpu: Mapping[str, float]


def measure(ground: Ground, *, seconds: int) -> Section:
    """Orders three times over, the unit in turn with them; then three sold-out sales. `seconds` times the unit."""
    wares.clear()
    fair = wares.make_event("fair", types=TYPES)
    sales = [wares.make_event(f"sale-{number}", capacity=TICKETS).get_absolute_url() for number in range(ROUNDS)]
    section = Section("orders", notes=list(NOTES))
    with site(ground) as serving, worker(ground) as working, empty_view(ground) as (empty, port):
        bench = Bench(ground, serving, working, empty, port)
        _warm_up(bench, fair.get_absolute_url())
        idle = _idle(bench)
        rounds = [_round(bench, fair.get_absolute_url(), idle, seconds / 2, section) for _ in range(ROUNDS)]
        sold = [_sell_out(bench, path, section) for path in sales]
    section.faults += wares.faults_in_books()
    _conclude(section, rounds, sold)
    return section


def _warm_up(bench: Bench, path: str) -> None:
    buy(bench.ground.port, path, orders=WARM_UP, buyers=BUYERS)
    bench.wait_for_mail()


def _idle(bench: Bench) -> Idle:
    """Nothing but the worker's own polling."""
    bench.ground.observer.reset()
    before = bench.used()
    time.sleep(IDLE_SECONDS)
    asked, used = bench.ground.observer.asked(), spent(before, bench.used())
    return Idle(
        asked.without_transactions / IDLE_SECONDS, asked.with_transactions / IDLE_SECONDS,
        asked.commands / IDLE_SECONDS, {name: one / IDLE_SECONDS for name, one in used.items()},
    )  # fmt: skip


def _round(bench: Bench, path: str, idle: Idle, seconds: float, section: Section) -> dict[str, dict[str, float]]:
    """One round: figures of the unit, of an order and of each step, by row."""
    view = unit.measure(bench.empty, bench.empty_port, seconds=seconds)
    bench.ground.observer.reset()
    before, began = bench.used(), time.perf_counter()
    journeys = buy(bench.ground.port, path, orders=ORDERS, buyers=BUYERS)
    bench.wait_for_mail()
    took, asked, used = time.perf_counter() - began, bench.ground.observer.asked(), spent(before, bench.used())
    section.details.setdefault("statements_of_a_round", []).append(_statements(asked))
    cpu = {name: 1000 * (one - idle.cpu[name] * took) / ORDERS for name, one in used.items()}
    order = {
        "requests": journeys.requests / ORDERS,
        SQL: (asked.without_transactions - idle.statements * took) / ORDERS,
        ALL_SQL: (asked.with_transactions - idle.with_transactions * took) / ORDERS,
        REDIS: (asked.commands - idle.commands * took) / ORDERS,
        CPU: sum(cpu.values()),
        "units": sum(cpu.values()) / view[unit.CPU],
        **{f"{name} ms": one for name, one in cpu.items()},
        "a second": ORDERS / journeys.seconds,
    }
    return {"one order": order, "one empty view": view, **_steps(journeys)}


def _steps(journeys: Journeys) -> dict[str, dict[str, float]]:
    timed = {**{step: journeys.steps[step] for step in STEPS}, "whole order": journeys.whole}
    return {
        name: {"p50 ms": 1000 * percentile(took, 0.50), "p99 ms": 1000 * percentile(took, 0.99)}
        for name, took in timed.items()
    }


def _statements(asked: Asked) -> list[dict[str, Any]]:
    """Which statements, how often, and what Postgres took for them; those of the idle worker are among them."""
    return [
        {
            "an_order": one.calls / ORDERS,
            "ms_an_order": one.milliseconds / ORDERS,
            "statement": " ".join(one.text.split()),
        }
        for one in asked.statements
    ]


def _sell_out(bench: Bench, path: str, section: Section) -> dict[str, float]:
    """64 buyers who all come at once and order again until nothing is left."""
    orders = wares.count_of("checkout_order")
    journeys = buy_all(bench.ground.port, path, buyers=CROWD)
    sold = wares.count_of("checkout_order") - orders
    bench.wait_for_mail()
    if not len(journeys.whole) == sold == TICKETS:
        section.faults.append(f"{len(journeys.whole)} orders were confirmed and {sold} written for {TICKETS} tickets")
    whole = [1000 * one for one in journeys.whole]
    return {
        "seconds": journeys.seconds, "sold": sold,
        "order p50 ms": percentile(whole, 0.50), "order p99 ms": percentile(whole, 0.99),
    }  # fmt: skip


def _conclude(
    section: Section, rounds: Sequence[Mapping[str, Mapping[str, float]]], sold: Sequence[Mapping[str, float]]
) -> None:
    rows = {name: Row.of(name, [one[name] for one in rounds]) for name in rounds[0]}
    sale = Row.of(f"{CROWD} buyers, {TICKETS} tickets", sold)
    section.tables += [
        Table("free order", [rows["one order"]]),
        Table("step", [row for name, row in rows.items() if name not in {"one order", "one empty view"}]),
        Table("unit", [rows["one empty view"]]),
        Table("sold out", [sale]),
    ]
    order = {column: spread.median for column, spread in rows["one order"].values.items()}
    section.budgets += [
        Budget("a free order, requests", order["requests"], 5),
        Budget("a free order, SQL statements, job included", order[SQL], 12),
        Budget("a free order, CPU ms of every process", order[CPU], 20),
        Budget("a free order, units", order["units"], 70),
        Budget(f"{CROWD} buyers after {TICKETS} tickets, seconds until sold out", sale.values["seconds"].median, 5),
    ]
