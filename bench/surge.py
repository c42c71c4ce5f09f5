"""The second in which everybody comes, on the whole house: first visitors, an opening, the two incidents, a flood."""

import time
from collections import Counter
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime, timedelta

from bench.figures import Budget, Row, Section, Table, percentile
from bench.ground import Ground
from bench.house import crowd
from bench.house.buyers import one_after_another
from bench.house.counting import count_from_nothing, listings
from bench.house.crowd import Answer, get
from bench.house.house import House
from bench.load import as_fast_as_it_goes, at_pace
from bench.wire import Answer as Kept
from bench.wire import get as kept_alive
from embedded import processes

FAIR, BIG, SOON = "/bench/fair/", "/bench/big/", "/bench/soon/"
CONNECTIONS = 64
FIRST = 1000
OPENING_SECONDS, SHARE = 12, 0.8
INCIDENT_SECONDS, FLOOD_SECONDS, TIMES = 10, 30, 10
DEAR_A_SECOND = 80  # what two cores can answer of a page that takes 20 ms of CPU, with the crowd on the same cores
NOTES = [
    "Two processes of the site, the worker, nginx, Postgres, Valkey and the crowd on the same cores.",
    f"First visitors: {FIRST} at once, each on a connection of its own, nothing in any cache.",
    f"Opening: asked for at {SHARE:.0%} of what the page can carry; late is how long after it anybody still saw "
    "the page from before it; the dip is the worst second's answers over the median second's.",
    "2 November: one process of the site; the edge is asked for twice of what that process can carry.",
    "13 November: a query of 0.1 s for each of 300 ticket types listed. Buyers order at another event meanwhile.",
    f"Flood: a page made to take 20 ms of CPU, {TIMES} times {DEAR_A_SECOND} a second straight at the site for "
    f"{FLOOD_SECONDS} s. Ten times the real page is more than a crowd on the same two cores can ask for.",
]


def measure(ground: Ground, *, seconds: int) -> Section:
    """Each once, on a house of its own; `seconds` is how long capacity is looked for."""
    section = Section("surge", notes=list(NOTES))
    with ExitStack() as stack:
        where = ground.where / "house"
        where.mkdir(exist_ok=True)
        house = House(where, stack)
        house.open()
        _first_visitors(house, section)
        _opening(house, section, seconds)
        _second_of_november(house, section, seconds)
        _thirteenth_of_november(house, section)
        _flood(house, section)
        section.faults += [] if "clean" in house.manage("check_ledger") else ["the ledger is not clean"]
    return section


def _add(section: Section, title: str, rows: dict[str, dict[str, float]]) -> None:
    section.tables.append(Table(title, [Row.of(name, [figures]) for name, figures in rows.items()]))


def _first_visitors(house: House, section: Section) -> None:
    rows = {}
    for name, port, path in (("edge", house.port, "/bench/first/"), ("site", house.site_port, "/bench/new/")):
        count_from_nothing(house)
        asked = crowd.together(port, [get(path)] * FIRST)
        rows[f"through the {name}"] = {
            "answered 200": asked.statuses[200], "others": FIRST - asked.statuses[200], "queries": listings(house),
            "p50 ms": 1000 * asked.slowest(0.5), "last ms": 1000 * asked.slowest(),
        }  # fmt: skip
    _add(section, "first visitors", rows)
    for name, row in rows.items():
        section.budgets += [
            Budget(f"first visitors {name}, listing queries", row["queries"], 1),
            Budget(f"first visitors {name}, not answered with the page", row["others"], 0),
            Budget(f"first visitors {name}, the last one, s", row["last ms"] / 1000, 2),
        ]


def _opening(house: House, section: Section, seconds: int) -> None:
    rows = {}
    for name, port in (("through the edge", house.port), ("straight at the site", house.site_port)):
        request = kept_alive(SOON, port)
        house.move_opening(datetime.now(UTC) + timedelta(days=365))
        time.sleep(3)  # until every copy says so
        able = as_fast_as_it_goes(port, request, connections=CONNECTIONS, seconds=seconds)
        opens = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=OPENING_SECONDS // 2)
        house.move_opening(opens)
        rows[name] = _watched(port, request, SHARE * able.per_second, opens.timestamp())
    _add(section, "a sale opens", rows)
    for name, row in rows.items():
        section.budgets += [
            Budget(f"opening {name}, s after it that anybody saw the old page", row["late s"], 2),
            Budget(f"opening {name}, worst second over the median", row["dip"], 0.8, at_least=True),
        ]


def _watched(port: int, request: bytes, per_second: float, opens_at: float) -> dict[str, float]:
    """Load over the opening: whoever is not answered with 200 ends the measurement."""
    seen: list[tuple[float, str]] = []
    answered: Counter[int] = Counter()  # by whole second
    since_epoch = time.time() - time.perf_counter()

    def note(due: float, answer: Kept) -> None:
        seen.append((due + since_epoch, answer.header("ETag")))
        answered[int(time.perf_counter())] += 1

    load = at_pace(
        port, request, connections=CONNECTIONS, seconds=OPENING_SECONDS, per_second=per_second, seen=note
    )  # fmt: skip
    before = {tag for due, tag in seen if due < opens_at - 3}
    late = max((due - opens_at for due, tag in seen if tag in before), default=0.0)
    whole = [answered[second] for second in sorted(answered)[1:-1]]
    return {
        "asked a second": per_second, "late s": max(0.0, late), "dip": min(whole) / percentile(whole, 0.5),
        "p50 ms": load.p50_ms, "p99 ms": load.p99_ms,
    }  # fmt: skip


def _second_of_november(house: House, section: Section, seconds: int) -> None:
    house.stop("site")
    house.start_site(WEB_WORKERS="1")
    request = kept_alive(FAIR, house.port)
    as_fast_as_it_goes(house.site_port, request, connections=16, seconds=0.5)
    alone = as_fast_as_it_goes(house.site_port, request, connections=16, seconds=seconds)
    twice = at_pace(
        house.port, request, connections=CONNECTIONS, seconds=INCIDENT_SECONDS, per_second=2 * alone.per_second
    )  # fmt: skip
    house.stop("site")
    house.start_site()
    _add(section, "2 November", {
        "the site alone": {"a second": alone.per_second},
        "twice that, with the edge": {"a second": twice.per_second, "p50 ms": twice.p50_ms, "p99 ms": twice.p99_ms},
    })  # fmt: skip
    served = twice.per_second / alone.per_second
    section.budgets.append(Budget("2 November, served of what the site alone can carry", served, 1.9, at_least=True))


def _thirteenth_of_november(house: House, section: Section) -> None:
    rows: dict[str, dict[str, float]] = {}
    pages: dict[str, crowd.Answers] = {}
    for name, fault in (("undisturbed", False), ("slow listing", True)):
        with house.fault("slow-listing", "big") if fault else nullcontext(), one_after_another(house) as bought:
            house.sql("UPDATE events_event SET title = title WHERE slug = 'big'")
            pages[name] = crowd.paced(house.site_port, [get(BIG)] * (50 * INCIDENT_SECONDS), per_second=50)
        rows[f"buyers, {name}"] = _times(bought)
        rows[f"its page, {name}"] = _times(pages[name].all)
    _add(section, "13 November", rows)
    ratio = rows["buyers, slow listing"]["p99 ms"] / rows["buyers, undisturbed"]["p99 ms"]
    section.budgets += [
        Budget("13 November, buyers' p99 over undisturbed", ratio, 2),
        Budget("13 November, pages not answered", rows["its page, slow listing"]["not 200 or 303"], 0),
    ]


def _flood(house: House, section: Section) -> None:
    with house.fault("dear-page", FAIR), one_after_another(house) as bought:
        asked = crowd.paced(
            house.site_port, [get(FAIR)] * (FLOOD_SECONDS * TIMES * DEAR_A_SECOND), per_second=TIMES * DEAR_A_SECOND
        )  # fmt: skip
    over = time.monotonic()
    processes.wait_until(lambda: crowd.is_served_quickly(house.site_port, FAIR), within=30)
    back = time.monotonic() - over
    refused = [one for one in asked.all if one.status == 503]
    lost = len(asked.all) - len(refused) - asked.statuses[200]
    _add(section, "ten times what a page can carry", {
        "served": _times([one for one in asked.all if one.status == 200]), "refused": _times(refused),
        "buyers": _times(bought), "back to normal": {"s": back},
    })  # fmt: skip
    section.budgets += [
        Budget("flood, neither served nor refused in words", lost, 0),
        Budget("flood, refusals, p50 s", percentile([one.seconds for one in refused] or [0.0], 0.5), 0.5),
        Budget("flood, buyers not served", sum(one.status not in {200, 303} for one in bought), 0),
        Budget("flood, s until normal again", back, 5),
    ]


def _times(answers: list[Answer]) -> dict[str, float]:
    took = [1000 * one.seconds for one in answers] or [0.0]
    wrong = sum(one.status not in {200, 303} for one in answers)
    return {
        "requests": len(answers), "not 200 or 303": wrong,
        "p50 ms": percentile(took, 0.5), "p99 ms": percentile(took, 0.99), "max ms": max(took),
    }  # fmt: skip
