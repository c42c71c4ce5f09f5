"""Charts: bars as tall as they are much, a line at the budget, a name for those who hear them, nothing inline."""

import re
from dataclasses import replace

from flags import charts
from flags.figures import Series, Step
from tests.flags.makers import NOON


class Budgeted:
    """A flag, as far as charts look at it."""

    budget_ms: int | None = 5
    budget_queries: int | None = None


def heights(svg: str) -> list[int]:
    return [int(found) for found in re.findall(r'<rect [^>]*height="(\d+)"', svg)]


def classes(svg: str) -> list[str]:
    return re.findall(r'class="(chart-[a-z]+)"', svg)


def test_bars_are_as_tall_as_they_are_much_of_the_most() -> None:
    svg = charts.bars([0, 5, 10, 20], name="Uses")

    assert heights(svg) == [12, 24, 48]
    assert classes(svg) == ["chart-bar", "chart-bar", "chart-bar", "chart-axis"]


def test_the_least_that_is_not_nothing_is_seen() -> None:
    assert heights(charts.bars([1, 100_000], name="Uses")) == [2, 48]


def test_what_is_over_the_budget_looks_otherwise_and_crosses_its_line() -> None:
    svg = charts.bars([4, 8], name="Time", budget=5)

    assert classes(svg) == ["chart-bar", "chart-over", "chart-axis", "chart-budget"]
    assert heights(svg) == [24, 48]
    assert re.findall(r'chart-budget" x1="0" y1="(\d+)"', svg) == ["18"]


def test_the_budget_is_seen_where_all_is_far_below_it() -> None:
    svg = charts.bars([1], name="Time", budget=100)

    assert re.findall(r'chart-budget" x1="0" y1="(\d+)"', svg) == ["0"]


def test_nothing_at_all_is_an_axis_alone() -> None:
    assert classes(charts.bars([0, 0], name="Uses")) == ["chart-axis"]


def test_picture_has_a_name_that_cannot_break_out_and_nothing_inline() -> None:
    svg = charts.bars([1], name='"><script>alert(1)</script>')

    assert svg.startswith('<svg class="chart" role="img" aria-label="&quot;&gt;&lt;script&gt;')
    assert "<script" not in svg
    assert "style=" not in svg


def test_charts_of_a_series_say_what_they_show_and_what_is_over() -> None:
    quiet = Step(NOON)
    steps = (quiet, replace(quiet, requests=1200, uses=3, ms=9, queries=2))

    drawn = charts.of_series(Series(steps), Budgeted())

    assert [(chart.title, chart.said, chart.is_over) for chart in drawn] == [
        ("Requests", "1,200 in seven days", False),
        ("Database time, p95", "worst 9 ms, budget 5 ms", True),
        ("Queries, p95", "worst 2, no budget", False),
        ("Uses", "3 in seven days", False),
    ]
