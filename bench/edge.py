"""The event page as browsers ask for it, against what bears it: an empty view in gunicorn, a static file in nginx."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from bench import wares, wrk
from bench.cpu import spent
from bench.figures import Budget, Row, Section, Table
from bench.ground import Ground, empty_view, site
from bench.load import as_fast_as_it_goes, at_pace
from bench.wire import Connection, get
from embedded import edge, ports, processes
from embedded.processes import Part

ROUNDS = 5
TYPES = 300
CONNECTIONS = 64  # enough for each process to have its share of them
PACE = 0.5
EMPTY, PAGE, FILE, KEPT = "empty view", "event page", "static file of its size", "event page at the edge"
RATE, CPU = "a second", "CPU us"
NOTES = [
    f"{TYPES} ticket types, gzip, {CONNECTIONS} connections kept alive. The load's own CPU is on the same cores, so "
    "the dearer a request is to ask for, the nearer to 1 a ratio of rates comes; the ratio of CPU has nothing of that.",
    "Rates are wrk's where it is installed, else our own load's, whose CPU is in the last column: it cannot ask nginx "
    "as fast as nginx answers, so without wrk the edge's copy is not judged.",
    "CPU: gunicorn, Postgres and Valkey for the first two rows, nginx as well for the last two.",
]


@dataclass(frozen=True)
class Target:
    """What is asked for, where, and whose CPU it costs."""

    port: int
    path: str
    parts: tuple[Part, ...]

    @property
    def request(self) -> bytes:
        return get(self.path, self.port)


def measure(ground: Ground, *, seconds: int) -> Section:
    """All four in turn, five times over."""
    wares.clear()
    path = wares.make_event("edge", types=TYPES).get_absolute_url()
    with site(ground) as serving, empty_view(ground) as (empty, empty_port), _edge(ground, path) as (front, front_port):
        targets = {
            EMPTY: Target(empty_port, "/", (empty,)),
            PAGE: Target(ground.port, path, (serving,)),
            FILE: Target(front_port, "/static/page.html", (serving, front)),
            KEPT: Target(front_port, path, (serving, front)),
        }
        for target in targets.values():
            as_fast_as_it_goes(target.port, target.request, connections=CONNECTIONS, seconds=0.5)
        rounds = [{name: _round(ground, target, seconds) for name, target in targets.items()} for _ in range(ROUNDS)]
    return _section({name: Row.of(name, [one[name] for one in rounds]) for name in targets})


@contextmanager
def _edge(ground: Ground, path: str) -> Iterator[tuple[Part, int]]:
    """nginx before the site, with a static file as large as the page is on its way to a browser."""
    with closing(Connection(ground.port)) as connection:
        page = connection.ask(get(path, ground.port))
    static = ground.where / "static"
    static.mkdir(exist_ok=True)
    (static / "page.html").write_bytes(page.body)
    port = ports.choose()
    with edge.running(port=port, site=ground.port, static=static, local=ground.where) as part:
        processes.wait_until(lambda: not ports.is_free(port), within=20)
        yield part, port


def _round(ground: Ground, target: Target, seconds: int) -> Mapping[str, float]:
    before = ground.cpu(*target.parts)
    load = as_fast_as_it_goes(target.port, target.request, connections=CONNECTIONS, seconds=seconds)
    used = sum(spent(before, ground.cpu(*target.parts)).values())
    rate = load.per_second
    if wrk.is_installed():
        rate = wrk.per_second(target.port, target.path, connections=CONNECTIONS, seconds=seconds)
    pace = PACE * load.per_second
    paced = at_pace(target.port, target.request, connections=CONNECTIONS, seconds=seconds / 2, per_second=pace)
    return {
        RATE: rate, CPU: 1e6 * used / len(load.latencies), "p50 ms": paced.p50_ms, "p99 ms": paced.p99_ms,
        "load's CPU us": 1e6 * load.own_cpu / len(load.latencies),
    }  # fmt: skip


def _section(rows: Mapping[str, Row]) -> Section:
    def over(mine: str, other: str, column: str) -> float:
        return rows[mine].values[column].over(rows[other].values[column]).median

    return Section(
        "edge",
        tables=[Table("asked for as fast as it goes", list(rows.values()), (RATE, CPU))],
        budgets=[
            Budget("event page over an empty view, requests a second", over(PAGE, EMPTY, RATE), 0.6, at_least=True),
            *([_of_the_copy(over(KEPT, FILE, RATE))] if wrk.is_installed() else []),
        ],
        notes=list(NOTES),
    )


def _of_the_copy(ratio: float) -> Budget:
    return Budget("the edge's copy over a static file, requests a second", ratio, 0.9, at_least=True)
