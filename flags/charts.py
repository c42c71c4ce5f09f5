"""Small charts drawn by the server: bars over the last seven days and a line where the budget is.

They are SVG without colours of their own: the page's stylesheet gives them, so they are the same in light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flags.figures import Series

WIDTH: Final = 8  # of a bar, with its gap of 2
HEIGHT: Final = 48


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, what it is of, and the one thing that it says, in words."""

    title: str
    said: str
    drawing: SafeString
    is_over: bool = False


def of_series(series: Series, flag: Any) -> list[Chart]:
    """Four charts: requests, database time and queries against their budgets, uses."""
    return [
        _counted("Requests", [step.requests for step in series.steps]),
        _budgeted("Database time, p95", [step.ms for step in series.steps], flag.budget_ms, "{} ms"),
        _budgeted("Queries, p95", [step.queries for step in series.steps], flag.budget_queries, "{}"),
        _counted("Uses", [step.uses for step in series.steps]),
    ]


def bars(values: Sequence[int], *, name: str, budget: int | None = None) -> SafeString:
    """An SVG picture with this name. What is over the budget has a class of its own, and crosses the budget's line."""
    top = max(*values, budget or 0, 1)
    drawn = (
        (place * WIDTH, HEIGHT - tall, WIDTH - 2, tall, "chart-over" if _is_over(value, budget) else "chart-bar")
        for place, value in enumerate(values) if (tall := _tall(value, top))
    )  # fmt: skip
    rects = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>', drawn)
    lines = [("chart-axis", HEIGHT, WIDTH * len(values))]
    if budget is not None:
        lines.append(("chart-budget", HEIGHT - _tall(budget, top), WIDTH * len(values)))
    drawn_lines = format_html_join(
        "", '<line class="{}" x1="0" y1="{}" x2="{}" y2="{}"/>', ((kind, y, x, y) for kind, y, x in lines)
    )
    return format_html(
        '<svg class="chart" role="img" aria-label="{}" viewBox="0 -2 {} {}" preserveAspectRatio="none">{}{}</svg>',
        name, WIDTH * len(values), HEIGHT + 4, rects, drawn_lines,
    )  # fmt: skip


def _counted(title: str, values: Sequence[int]) -> Chart:
    said = f"{sum(values):,} in seven days"
    return Chart(title, said, bars(values, name=f"{title}: {said}"))


def _budgeted(title: str, values: Sequence[int], budget: int | None, unit: str) -> Chart:
    worst = unit.format(f"{max(values):,}")
    said = f"worst {worst}, no budget" if budget is None else f"worst {worst}, budget {unit.format(f'{budget:,}')}"
    drawing = bars(values, name=f"{title}: {said}", budget=budget)
    return Chart(title, said, drawing, is_over=_is_over(max(values), budget))


def _is_over(value: int, budget: int | None) -> bool:
    return budget is not None and value > budget


def _tall(value: int, top: int) -> int:
    """What is not nothing can be seen."""
    return max(round(value / top * HEIGHT), 2 if value else 0)
