"""The sale over time as a report shows it: two charts and the table behind them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from surge.charts import Picture, Series, clock, picture
from surge.summary import SLOW_MS
from surge.tables import Table, count, milliseconds

DRAWN: Final = 240  # a longer sale is drawn in steps of several seconds
COUNTED: Final = ("scheduled", "arrived", "holds", "sold", "sold_out", "errors")
TIMED: Final = ("page_p99_ms", "hold_p99_ms")
Second = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timeline:
    """`step` is how many seconds each of its values is of."""

    step: int
    sale: Picture
    waits: Picture
    table: Table

    @property
    def each(self) -> str:
        return "a second" if self.step == 1 else f"in {self.step} seconds"


def timeline_of(seconds: Sequence[Second]) -> Timeline | None:
    """None of nothing."""
    if not seconds:
        return None
    step = -(-(int(seconds[-1].get("second") or 0) + 1) // DRAWN)
    rows = _gathered(seconds, step)
    each = "a second" if step == 1 else f"in {step} seconds"
    sale = picture(
        f"The sale over time. Busiest: {_peaks(rows)}, {each}. Errors in all: {sum(row['errors'] for row in rows):,}.",
        [
            Series("scheduled", "should arrive", _column(rows, "scheduled"), shape="area"),
            Series("arrived", "arrived", _column(rows, "arrived")),
            Series("holds", "held tickets", _column(rows, "holds")),
            Series("sold", "bought", _column(rows, "sold")),
            Series("errors", "errors", _column(rows, "errors"), shape="bars"),
        ], step=step,
    )  # fmt: skip
    waits = picture(
        f"How long buyers waited. Slowest: {_slowest(rows)}. The limit is {SLOW_MS} ms.",
        [
            Series("page", "event page, p99", _column(rows, "page_p99_ms")),
            Series("hold", "hold, p99", _column(rows, "hold_p99_ms")),
        ], step=step, limit=(SLOW_MS, f"limit, {SLOW_MS} ms"),
    )  # fmt: skip
    return Timeline(step, sale, waits, _table(rows, step))


def _gathered(seconds: Iterable[Second], step: int) -> list[dict[str, Any]]:
    """Sums of what is counted and the worst of what is timed, for each step, those without a second too."""
    found: dict[int, dict[str, Any]] = {}
    for one in seconds:
        place = int(one.get("second") or 0) // step
        row = found.setdefault(place, _nothing(place * step))
        for name in COUNTED:
            row[name] += int(one.get(name) or 0)
        for name in TIMED:
            if one.get(name) is not None:
                row[name] = max(float(one[name]), row[name] or 0.0)
    return [found.get(place) or _nothing(place * step) for place in range(max(found) + 1)]


def _nothing(second: int) -> dict[str, Any]:
    return {"second": second, **dict.fromkeys(COUNTED, 0), **dict.fromkeys(TIMED)}


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> list[float | None]:
    return [row[name] for row in rows]


def _peaks(rows: Sequence[Mapping[str, Any]]) -> str:
    words = {"arrived": "arrivals", "holds": "holds", "sold": "orders bought"}
    return ", ".join(f"{max(row[name] for row in rows):,} {said}" for name, said in words.items())


def _slowest(rows: Sequence[Mapping[str, Any]]) -> str:
    words = {"page_p99_ms": "event page", "hold_p99_ms": "hold"}
    return ", ".join(
        f"{said} {milliseconds(max((row[name] for row in rows if row[name] is not None), default=None))}"
        for name, said in words.items()
    )


def _table(rows: Sequence[Mapping[str, Any]], step: int) -> Table:
    heads = ("From", "Should arrive", "Arrived", "Held", "Bought", "Told sold out", "Errors", "Page p99", "Hold p99")
    lines = [
        (clock(row["second"]), *(count(row[of]) for of in COUNTED), *(_waited(row[of]) for of in TIMED)) for row in rows
    ]
    return Table(
        "The sale over time", heads, lines, note=f"Each row is of {step} {'second' if step == 1 else 'seconds'}."
    )


def _waited(ms: float | None) -> str:
    return "" if ms is None else milliseconds(ms)
