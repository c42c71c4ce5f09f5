"""The search for what a site carries: how a step is judged, where to look next, and what is said of it."""

import sys
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from surge import capacity, crowd, searching
from surge.actions import rehearsals
from surge.capacity import Step
from surge.models import RehearsalRun
from surge.watch import line
from tests.checkout.payers import COMMITTED
from tests.surge.makers import begin, copy_of, make_outcome, make_sale, make_site
from tests.surge.test_rehearse import nothing_is_left, rehearse
from tests.surge.test_report import finished, page_of, rows, section, text_of
from tests.surge.test_verdict import marks, verdict, words


def make_step(rate: float, **over: Any) -> Step:
    """A step that was carried, with half as many holds as visitors and a third as many orders."""
    given = {"arrived": round(rate * 20), "holds_per_second": rate / 2, "orders_per_second": round(rate / 3, 1),
             "hold_p99_ms": 90.0, "errors": 0, "broke": "", "late": "", **over}  # fmt: skip
    return Step(visitors_per_second=rate, **given)


def searched(limit: float, **over: Any) -> list[Step]:
    """The steps against a site that carries so many visitors a second."""
    steps: list[Step] = []
    while (rate := capacity.next_rate(steps, **over)) is not None:
        steps.append(make_step(rate, broke="hold: busy, 9 times" if rate > limit else ""))
    return steps


def outcome(**over: Any) -> dict[str, Any]:
    """Of twelve seconds: a sale that is slow to begin, then of 20 holds and 15 orders a second."""
    timeline = make_outcome()["timeline"]
    for second in timeline[:4]:
        second |= {"holds": 2, "sold": 0}
    return make_outcome(timeline=timeline, **over)


def hold(p99: float | None, count: int = 480) -> dict[str, Any]:
    return {"steps": {"hold": {"count": count, "p99_ms": p99}}}


def test_step_is_counted_while_visitors_come_and_not_while_it_warms_up() -> None:
    late = [{**one, "second": one["second"] + 12, "sold": 90} for one in make_outcome()["timeline"]]

    step = capacity.step_of(40.0, 12.0, {**outcome(), "timeline": [*outcome()["timeline"], *late]})

    assert (step.holds_per_second, step.orders_per_second, step.is_carried) == (20.0, 15.0, True)


@pytest.mark.parametrize(
    ("over", "stopped", "broke"),
    [
        (hold(1000.0), "", ""),
        (hold(1000.1), "", "1 of 100 holds took 1,000 ms or longer"),
        (hold(None, 0), "", "nobody came as far as holding tickets"),
        ({"errors": [{"step": "pay", "kind": "busy", "count": 1}, {"step": "hold", "kind": "5xx", "count": 7}]}, "",
         "hold: 5xx, 7 times; pay: busy, 1 times"),
        ({"partial": True}, "50 errors of 500 visitors.", "it stopped itself: 50 errors of 500 visitors"),
        ({"errors": [{"step": "hold", "kind": "5xx", "count": 7}]}, "7 errors.", "hold: 5xx, 7 times"),
    ],
)  # fmt: skip
def test_step_breaks_when_holds_are_slow_or_anything_fails(over: dict[str, Any], stopped: str, broke: str) -> None:
    step = capacity.step_of(40.0, 12.0, outcome(**over), stopped=stopped)

    assert (step.broke, step.is_carried) == (broke, not broke)


@pytest.mark.parametrize(
    ("sold", "broke"),
    [
        (8, "orders fell behind: 40 were completed for each 100 holds, where it had been 66"),
        (11, ""),
    ],
)
def test_step_breaks_when_orders_fall_behind_the_holds_that_go_first(sold: int, broke: str) -> None:
    timeline = [{**one, "sold": sold} for one in make_outcome()["timeline"]]
    before = [make_step(80, broke="pay: busy, 9 times"), make_step(20, orders_per_second=2.0), make_step(10)]

    step = capacity.step_of(40.0, 12.0, make_outcome(timeline=timeline), before=before)

    assert (step.holds_per_second, step.broke) == (20.0, broke)


def test_step_that_the_generator_was_late_for_is_not_carried() -> None:
    step = capacity.step_of(40.0, 12.0, outcome(generator={"started": 9, "is_bottleneck": True, "why": "its CPU"}))

    assert (step.broke, step.late, step.is_carried) == ("", "its CPU", False)


@pytest.mark.parametrize("limit", [1.5, 7.0, 10.0, 57.0, 700.0])
def test_search_closes_in_on_what_is_carried(limit: float) -> None:
    steps = searched(limit)

    best = capacity.last_carried(steps)
    assert best is not None
    assert limit / capacity.CLOSE <= best.visitors_per_second <= limit
    assert len(steps) <= capacity.MOST_STEPS


def test_search_begins_low_and_doubles() -> None:
    assert [step.visitors_per_second for step in searched(57.0)] == [10.0, 20.0, 40.0, 80.0, 56.6, 67.3, 61.7]


def test_search_ends_where_nothing_is_carried_and_never_passes_the_ceiling() -> None:
    assert [step.visitors_per_second for step in searched(0.0)] == [10.0, 5.0, 2.5, 1.25]
    assert [step.visitors_per_second for step in searched(999.0, ceiling=25.0)] == [10.0, 20.0, 25.0]
    assert [step.visitors_per_second for step in searched(999.0, ceiling=4.0)] == [4.0]


@pytest.mark.parametrize(
    ("steps", "ended", "said"),
    [
        ([make_step(20), make_step(40, broke="pay: busy, 9 times"), make_step(30)], "",
         "It carries 15.0 holds and 10.0 completed orders a second, at 30 visitors a second. "
         "What broke first, at 40 a second: pay: busy, 9 times."),
        ([make_step(20), make_step(40, late="its CPU was full")], "",
         "It carries at least 10.0 holds and 6.7 completed orders a second, at 20 visitors a second. "
         "What broke first, at 40 a second: the generator could not ask for more: its CPU was full."),
        ([make_step(20)], "It was interrupted.",
         "It carries at least 10.0 holds and 6.7 completed orders a second, at 20 visitors a second. "
         "More was not asked for. The search ended early: It was interrupted."),
        ([make_step(10, broke="hold: 5xx, 7 times")], "", "No rate was found that it carries: hold: 5xx, 7 times."),
    ],
)  # fmt: skip
def test_what_was_found_is_told_in_words(steps: list[Step], ended: str, said: str) -> None:
    found = capacity.found(steps, seconds=20.0, ended=ended)

    assert capacity.words(found, {}) == said
    assert words(verdict(capacity=found), "capacity") == said


def test_rate_that_broke_below_one_that_was_carried_is_believed() -> None:
    steps = [make_step(10), make_step(20, broke="hold: 5xx, 7 times"), make_step(40)]

    assert capacity.found(steps, seconds=20.0)["visitors_per_second"] == 10


def test_search_decides_nothing_unless_it_found_nothing() -> None:
    good = capacity.found([make_step(20), make_step(40, broke="pay: busy, 9 times")], seconds=20.0)
    bad = capacity.found([make_step(10, broke="pay: busy, 9 times")], seconds=20.0)

    assert [verdict(capacity=one).mark.value for one in (good, bad, None)] == ["passed", "unproven", "passed"]
    assert "capacity" not in marks(verdict(capacity={"searched": False, "ended": "it was cut short."}))


@pytest.mark.django_db
def test_report_shows_each_step_or_that_none_was_searched() -> None:
    found = capacity.found([make_step(20), make_step(40, broke="pay: busy, 9 times", errors=9)], seconds=20.0)

    shown, not_shown = (
        section(page_of(finished(site=make_site(capacity=one))), "What the site carries") for one in (found, None)
    )

    assert rows(shown) == [
        ["20", "90 ms", "10", "6.7", "0", "carried"], ["40", "90 ms", "20", "13.3", "9", "pay: busy, 9 times"],
    ]  # fmt: skip
    assert text_of(not_shown.find("p")) == (
        "What the site carries was not searched. The busiest second of the sale had 20 holds and 15 orders."
    )
    assert rows(not_shown) == []


def test_progress_says_which_step_is_played() -> None:
    progress = {"second": 5, "arrived": 50, "doing": "10 visitors a second", "expected": 200, "seconds": 20.0}

    assert line(progress, expected=500, seconds=60.0).startswith("10 visitors a second  [######  ")
    assert "50 of 200 arrived" in line(progress, expected=500, seconds=60.0)


@pytest.mark.django_db
def test_copy_is_given_places_for_everybody() -> None:
    run = begin()

    rehearsals.widen(run=run)

    capacities = [quota.stock.capacity for quota in copy_of(run).quotas.all()]
    assert capacities == [rehearsals.PLACES] * 2
    assert [quota.stock.capacity for quota in run.event.quotas.order_by("pk")] == [10, 4]


@COMMITTED
def test_search_plays_real_buyers_and_stays_below_the_ceiling(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.SITE_URL = live_server.url
    monkeypatch.setattr(crowd, "GENERATOR", (sys.executable, "-m", "loadtests"))
    monkeypatch.setattr(searching, "STEP_SECONDS", 3.0)
    monkeypatch.setattr(capacity, "MOST_STEPS", 1)  # whether it holds is for the machine to say

    _, said = rehearse(make_sale(), live_server.url, buyers=3, seconds=1.0, ceiling=6.0, find_capacity=True)

    run = RehearsalRun.objects.get()
    (step,) = run.figures["site"]["capacity"]["steps"]
    assert (step["visitors_per_second"], step["arrived"]) == (6.0, 18), said
    assert step["holds_per_second"] > 0
    assert nothing_is_left()
    assert {"event page", "hold", "details"} <= {row["step"] for row in run.figures["site"]["pages"]}
