"""What flags cost the event page: none in the database, ten that are off, and ten that are on.

The features that would be under them are of the bench alone: flags and regions around what the page has anyway.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.utils.timezone import now

import flags
from bench import wares
from bench.figures import Budget, Row, Section, Table, percentile
from bench.ground import Ground, site
from bench.load import as_fast_as_it_goes, at_pace
from bench.unit import CONNECTIONS, CPU, PACE
from bench.wire import get
from embedded.processes import Part
from events import facts, listing, pages
from events.models import Event
from flags import costs
from flags.models import Flag, Grant, Stage
from flags.queries import snapshot
from flags.regions import tallied

ROUNDS, BLOCKS, PAGES = 3, 6, 5
WARM_ROUNDS = 3
SIZES = (10, 300)
NAMES: Final = [f"bench-{number}" for number in range(10)]
NONE, OFF, ON = "no flags", "ten asked for, none on", "ten on, each with a region"
P50, P99, OVER, RATE, READ = "p50 ms", "p99 ms", "over no flags", "a second", "CPU us"
MOST: Final = 0.01  # of what the event page costs
MOST_ANEW: Final = 1.1
READINGS, WORKERS = 300, 2
ASKED = "".join(f'{{% flag "{name}" event %}}{{% endflag %}}' for name in NAMES)
OPENED = "".join(f'{{% flagregion "{name}" event %}}' for name in NAMES)
CLOSED = "{% endflagregion %}" * len(NAMES)
NOTES = [
    "Made anew: nothing in any cache, in this process, with Postgres and Valkey; the three in turn, in blocks of "
    f"{PAGES} pages, {BLOCKS * PAGES} pages of each in each of {ROUNDS} rounds.",
    "Ratios are of CPU, of every process together: that suffers least from others on the machine.",
    "Ten on: a tag and a region of each flag around the page's whole middle, one within another, and the query of its "
    "listing in one of them once more.",
    f"Warm: as the part `pages`, in turn with no flags, {WARM_ROUNDS} rounds. Its bytes are the process's own, so "
    "all that ten flags cost there is being read with the event, once a second in each process. Two loads in turn "
    "differ by more than that, so it is judged by what such a reading costs more.",
]
States = Mapping[str, Mapping[str, float]]  # by state of the flags
Render = Callable[[str, dict[str, Any]], str]


@dataclass(slots=True)
class Made:
    """Pages made anew, in milliseconds: each one's time and CPU of this process, and the servers' CPU by block."""

    took: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    servers: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        return median(self.own) + median(self.servers)


def measure(ground: Ground, *, seconds: int) -> Section:
    """Pages made anew in this process, and warm ones of the site."""
    wares.clear()
    for size in SIZES:
        wares.make_event(_slug(size), types=size)
    anew = {size: _anew(ground, _slug(size)) for size in SIZES}
    readings = [_reading() for _ in range(ROUNDS)]
    with site(ground) as running:
        warm = [_warm(ground, running, number, seconds / 2) for number in range(WARM_ROUNDS)]
    _have_flags(NONE)
    costs.forget()
    return _section(anew, warm, readings)


def _slug(size: int) -> str:
    return f"flags-{size}"


def _have_flags(state: str) -> None:
    """The ten flags and their grants to all events, as this state has them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE flags_flag CASCADE")  # no dead rows to be read
    if state == NONE:
        return
    made = [Flag.objects.create(name=name, stage=Stage.TRIAL) for name in NAMES]
    if state == ON:
        Grant.objects.bulk_create(
            Grant(flag=flag, event=event, reason="Measured") for flag in made for event in Event.objects.all()
        )


def _anew(ground: Ground, slug: str) -> list[States]:
    """Each state's figures, round by round."""
    with_tags = _renderer_with_tags()
    states: dict[str, Render] = {NONE: render_to_string, OFF: with_tags, ON: with_tags}
    try:
        return [_round_anew(ground, slug, states, number) for number in range(ROUNDS)]
    finally:
        _take_part(NONE, states)


def _round_anew(ground: Ground, slug: str, states: Mapping[str, Render], number: int) -> States:
    order, made = list(states), {state: Made() for state in states}
    for block in range(BLOCKS):
        for state in order[(block + number) % 3 :] + order[: (block + number) % 3]:
            _take_part(state, states)
            for _ in range(3):
                _make(slug, Made())  # templates and statements are prepared
            before = sum(ground.cpu().values())
            for _ in range(PAGES):
                _make(slug, made[state])
            made[state].servers.append(1000 * (sum(ground.cpu().values()) - before) / PAGES)
    return {
        state: {
            CPU: one.cpu, P50: percentile(one.took, 0.5), P99: percentile(one.took, 0.99),
            OVER: one.cpu / made[NONE].cpu,
        } for state, one in made.items()
    }  # fmt: skip


def _take_part(state: str, states: Mapping[str, Render]) -> None:
    _have_flags(state)
    pages.render_to_string = states[state]  # type: ignore[assignment, attr-defined]
    listing.rows_of = ROWS_OF if state == NONE else _rows_in_a_region


def _make(slug: str, made: Made) -> None:
    """One page from nothing."""
    facts.forget()
    pages.forget()
    cache.clear()
    began, used = time.perf_counter(), time.thread_time()
    with tallied(None):  # as the middleware does
        pages.event_page(wares.ORGANISER, slug, now=now())
    made.own.append(1000 * (time.thread_time() - used))
    made.took.append(1000 * (time.perf_counter() - began))


ROWS_OF: Final = listing.rows_of


def _rows_in_a_region(event: Any, **options: Any) -> Any:
    with flags.region(NAMES[0], event):
        return ROWS_OF(event, **options)


def _renderer_with_tags() -> Render:
    """Renders as the site does, with the ten flags around the middle of the event page."""
    as_it_is: Any = settings.TEMPLATES[0]
    page = (Path(as_it_is["DIRS"][0]) / pages.EVENT).read_text()
    begin, end = "{% block main %}", "{% endblock main %}"
    page = page.replace(begin, f"{begin}{{% load flags %}}{ASKED}{OPENED}").replace(end, f"{CLOSED}{end}")
    options = as_it_is["OPTIONS"]
    ((cached, loaders),) = options["loaders"]
    ours = [(cached, [("django.template.loaders.locmem.Loader", {pages.EVENT: page}), *loaders])]
    engine = DjangoTemplates(
        {
            "NAME": "bench", "DIRS": as_it_is["DIRS"], "APP_DIRS": False,
            "OPTIONS": {**options, "loaders": ours},
        }
    )  # fmt: skip
    return lambda name, context: engine.get_template(name).render(context)


def _reading() -> dict[str, dict[str, float]]:
    """What it costs this process to read an event's flags, in microseconds of its CPU, in each state."""
    event = Event.objects.get(slug=_slug(SIZES[0]))
    found = {}
    for state in (NONE, ON):
        _have_flags(state)
        used = time.thread_time()
        for _ in range(READINGS):
            snapshot(event.pk, organiser_id=event.organiser_id, now=now())
        found[state] = {READ: 1e6 * (time.thread_time() - used) / READINGS}
    return found


def _warm(ground: Ground, running: Part, number: int, seconds: float) -> States:
    """The largest event's page, asked for by everybody, with ten flags on and with none; each comes first in turn."""
    request = get(f"/{wares.ORGANISER}/{_slug(SIZES[-1])}/", ground.port)
    found: dict[str, dict[str, float]] = {}
    for state in (NONE, ON) if number % 2 else (ON, NONE):
        _have_flags(state)
        time.sleep(2 * settings.EVENT_FACTS_SECONDS)  # until every process knows
        as_fast_as_it_goes(ground.port, request, connections=CONNECTIONS, seconds=0.3)
        found[state] = _load(ground, running, request, seconds)
    for figures in found.values():
        figures[OVER] = figures[CPU] / found[NONE][CPU]
    return found


def _load(ground: Ground, running: Part, request: bytes, seconds: float) -> dict[str, float]:
    ask: dict[str, Any] = {"port": ground.port, "request": request, "connections": CONNECTIONS}
    before = sum(ground.cpu(running).values())
    load = as_fast_as_it_goes(**ask, seconds=seconds)
    used = sum(ground.cpu(running).values()) - before
    paced = at_pace(**ask, seconds=seconds, per_second=PACE * load.per_second)
    return {CPU: 1000 * used / len(load.latencies), RATE: load.per_second, P50: paced.p50_ms, P99: paced.p99_ms}


def _section(anew: Mapping[int, Sequence[States]], warm: Sequence[States], readings: Sequence[States]) -> Section:
    tables = [Table(f"made anew, {size} ticket types", _rows(rounds)) for size, rounds in anew.items()]
    budgets = [
        Budget(f"{row.name}, {table.title}, over no flags", row.values[OVER].median, MOST_ANEW)
        for table in tables for row in table.rows if row.name != NONE
    ]  # fmt: skip
    budgets.append(Budget("ten on, warm: their reading, of all that the page costs", _share(warm, readings), MOST))
    tables += [
        Table(f"warm, {SIZES[-1]} ticket types", _rows(warm)),
        Table("reading them, once a second", _rows(readings)),
    ]
    return Section("flags", tables=tables, budgets=budgets, notes=list(NOTES))


def _share(warm: Sequence[States], readings: Sequence[States]) -> float:
    """What ten flags add in a second, over all processes, to what the crowd's pages cost in that second."""
    more = median(one[ON][READ] - one[NONE][READ] for one in readings) / 1e6
    spent = median(one[NONE][CPU] * one[NONE][RATE] / 1000 for one in warm)
    return more * WORKERS / settings.EVENT_FACTS_SECONDS / spent


def _rows(rounds: Sequence[States]) -> list[Row]:
    return [Row.of(state, [one[state] for one in rounds]) for state in (NONE, OFF, ON) if state in rounds[0]]
