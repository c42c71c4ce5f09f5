"""Each rule of the verdict: what passes by it, and what fails."""

from collections.abc import Mapping
from typing import Any

import pytest

from surge.summary import capacity, hit_rate, served_at_peak, slow, summarise
from surge.verdict import Mark, Verdict, judge
from surge.watch import Watch, line
from tests.surge.makers import make_books, make_flag_row, make_outcome, make_site


def verdict(outcome: Mapping[str, Any] | None = None, **site: Any) -> Verdict:
    return judge(outcome or make_outcome(), make_site(**site))


def marks(found: Verdict) -> dict[str, str]:
    return {finding.rule: finding.mark.value for finding in found.findings}


def words(found: Verdict, rule: str) -> str:
    return next(finding.words for finding in found.findings if finding.rule == rule)


def hold_of(**over: Any) -> dict[str, Any]:
    return make_outcome(steps={"hold": {"count": 480, "errors": 0, "p99_ms": 90.0, **over}})


def test_sale_without_a_fault_passes_by_every_rule() -> None:
    found = verdict()

    assert found.mark == Mark.PASSED
    assert marks(found) == dict.fromkeys(
        ["oversell", "ledger", "buyers", "errors", "hold", "generator", "flag: seat-maps"], "passed"
    )


@pytest.mark.parametrize(
    ("rule", "books", "said"),
    [
        ("oversell", {"oversold": 3}, "3 places sold that was not there."),
        ("ledger", {"ledger_faults": ["quota 7: 12 units"]}, "The ledger disagrees: quota 7: 12 units."),
        ("buyers", {"wronged": [{"reference": "UHMF", "fault": "the order is expired, not complete"}]},
         "1 buyer saw what is not so. UHMF: the order is expired, not complete."),
        ("mail", {"mail_sent": 2}, "2 mails of the rehearsal went out."),
    ],
)  # fmt: skip
def test_books_that_are_not_right_fail(rule: str, books: dict[str, Any], said: str) -> None:
    found = verdict(books=make_books(**books))

    assert found.mark == Mark.FAILED
    assert found.findings[0].rule == rule
    assert found.findings[0].words == said


@pytest.mark.parametrize(("over", "mark"), [({"requests": 0}, "untried"), ({"requests": 0, "uses": 2}, "passed")])
def test_flag_that_nobody_came_to_is_said_to_be_untried_and_decides_nothing(over: dict[str, Any], mark: str) -> None:
    found = verdict(flags=[make_flag_row(**over)])

    assert (marks(found)["flag: seat-maps"], found.mark, found.words) == (mark, Mark.PASSED, "Passed.")


def test_flag_that_nobody_came_to_is_told_in_words() -> None:
    found = verdict(flags=[make_flag_row(requests=0)])

    assert words(found, "flag: seat-maps") == "Flag seat-maps was on and never exercised: nothing is proven for it."


@pytest.mark.parametrize("kind", ["5xx", "timeout", "refused connection", "busy", "wrong answer"])
def test_any_error_fails_and_is_named_by_its_kind(kind: str) -> None:
    error = {"step": "hold", "kind": kind, "status": 503, "count": 2, "example": "after 3 s"}

    found = verdict(make_outcome(errors=[error]))

    assert found.mark == Mark.FAILED
    assert words(found, f"error: {kind}") == f"hold: 2 times {kind} (503). after 3 s"


def test_sold_out_is_no_error() -> None:
    assert verdict(make_outcome(journeys={"bought": 10, "sold_out": 400})).mark == Mark.PASSED


@pytest.mark.parametrize(
    ("p99", "is_late", "mark"),
    [(499.9, False, "passed"), (500.0, False, "failed"), (2100.0, False, "failed"), (2100.0, True, "unproven")],
)
def test_hold_is_judged_at_p99_unless_the_generator_was_late(p99: float, is_late: bool, mark: str) -> None:
    generator = {"started": 480, "late_p99_ms": 3.0, "is_bottleneck": is_late, "why": "its CPU was full"}

    found = verdict(hold_of(p99_ms=p99) | {"generator": generator})

    assert (marks(found)["hold"], found.mark) == (mark, mark)


@pytest.mark.parametrize("steps", [{}, {"hold": {"count": 0, "p99_ms": None}}])
def test_without_a_hold_nothing_is_proven(steps: dict[str, Any]) -> None:
    assert marks(verdict(make_outcome(steps=steps)))["hold"] == "unproven"


def test_generator_that_was_the_bottleneck_proves_nothing_and_hides_no_failure() -> None:
    generator = {"started": 480, "is_bottleneck": True, "why": "its processes used all of their CPU"}

    unproven = verdict(make_outcome(generator=generator))
    failed = verdict(make_outcome(generator=generator), books=make_books(oversold=1))

    assert (unproven.mark, failed.mark) == (Mark.UNPROVEN, Mark.FAILED)
    assert words(unproven, "generator") == (
        "The generator was the bottleneck, not the site: its processes used all of their CPU."
    )


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"queries_p95": 3}, "Flag seat-maps is over its budget: 3 queries a request, and may ask 2."),
        ({"ms_p95": 120.0}, "Flag seat-maps is over its budget: 120.0 ms of the database a request, and may take 5."),
        (
            {"switched_off": "40 queries a request, twice."},
            "Flag seat-maps was switched off: 40 queries a request, twice.",
        ),
    ],
)
def test_flag_over_its_budget_fails_and_is_named(over: dict[str, Any], said: str) -> None:
    found = verdict(flags=[make_flag_row(**over)])

    assert found.mark == Mark.FAILED
    assert words(found, "flag: seat-maps") == f"{said} Worst at <slug>/<slug>/."


def test_flag_over_its_budget_is_named_with_its_statement() -> None:
    statement = {
        "text": "SELECT pg_sleep($1) /*flag='seat-maps',route='x'*/",
        "calls": 4,
        "ms": 480.0,
        "mean_ms": 120.0,
    }

    found = verdict(flags=[make_flag_row(ms_p95=120.0, statement=statement)])

    assert words(found, "flag: seat-maps").endswith(f"Its statement, 120.0 ms each time: {statement['text']}")


@pytest.mark.parametrize(
    ("over", "mark"),
    [
        ({"queries_p95": 2, "ms_p95": 5.0}, "passed"),
        ({"budget_queries": None, "budget_ms": None, "ms_p95": 900.0}, "passed"),
        ({"requests": None, "queries_p95": None, "ms_p95": None}, "unproven"),
    ],
)
def test_flag_within_its_budget_passes_and_an_unknown_one_does_not(over: dict[str, Any], mark: str) -> None:
    assert marks(verdict(flags=[make_flag_row(**over)]))["flag: seat-maps"] == mark


def test_run_that_was_cut_short_is_said_to_be() -> None:
    found = verdict(make_outcome(partial=True), stopped="30 errors of 100 visitors within 5 seconds.")

    assert found.as_json()["mark"] == "aborted"
    assert found.findings[0].words == "It stopped itself: 30 errors of 100 visitors within 5 seconds."


def test_summary_has_peaks_times_and_the_edges_share() -> None:
    found = summarise(make_outcome())

    assert found == {
        "requests": 960, "requests_per_second": 80, "peak_arrivals": 40, "peak_holds": 20, "peak_sold": 15,
        "sold_out_at_second": 9, "slow": None, "edge_hit_rate": 0.9,
        "capacity": {"holds_per_second": 20, "orders_per_second": 15, "broke_at_second": None},
    }  # fmt: skip


def test_peak_served_is_what_was_counted_or_else_what_is_certain() -> None:
    counted = make_outcome(timeline=[{"second": 0, "requests": 200}, {"second": 1, "requests": 310}])
    crowd = make_outcome(timeline=[{"second": 0, "arrived": 500, "errors": 20}], steps={})

    assert [served_at_peak(one) for one in (counted, crowd, {})] == [310, 480, 0]


def seconds(*p99s: float | None) -> list[dict[str, Any]]:
    page = {"page_p99_ms": 10.0}
    return [
        {**(page if p99 else {}), "second": second, "hold_p99_ms": p99, "holds": 10 + second, "sold": second}
        for second, p99 in enumerate(p99s)
    ]


def test_slow_seconds_and_the_return_to_normal_are_found() -> None:
    assert slow(seconds(20.0, 700.0, None, 600.0, 30.0)) == {"from": 1, "until": 3, "is_over": True}
    assert slow(seconds(20.0, 700.0)) == {"from": 1, "until": 1, "is_over": False}
    assert slow(seconds(20.0, None)) is None


def test_capacity_is_the_most_that_was_held_in_time() -> None:
    assert capacity(seconds(20.0, 900.0, 1500.0)) == {
        "holds_per_second": 11, "orders_per_second": 1, "broke_at_second": 2,
    }  # fmt: skip


def test_hit_rate_counts_what_the_edge_had() -> None:
    assert (
        hit_rate({"HIT": 6, "STALE": 1, "UPDATING": 1, "MISS": 1, "EXPIRED": 1, "": 40, "PASS": 90, "DISK": 20}) == 0.8
    )
    assert hit_rate({}) is None


def progress(second: int, *, arrived: int, errors: int) -> dict[str, int]:
    return {"second": second, "arrived": arrived, "errors": errors}


@pytest.mark.parametrize(("errors_a_second", "stops"), [(0, False), (5, False), (6, True)])
def test_rehearsal_stops_itself_above_five_percent_for_five_seconds(errors_a_second: int, stops: bool) -> None:
    watch = Watch()

    said = [
        watch.too_much(progress(second, arrived=100 * second, errors=errors_a_second * second))
        for second in range(1, 8)
    ]

    assert [bool(one) for one in said] == [False] * 4 + [stops] * 3


def test_few_errors_of_few_visitors_stop_nothing() -> None:
    watch = Watch()

    assert [watch.too_much(progress(second, arrived=second, errors=second)) for second in range(1, 20)] == [""] * 19


def test_line_of_progress_is_a_bar_with_counts() -> None:
    said = line({"second": 30, "arrived": 250, "holds": 90, "sold": 60, "errors": 1}, expected=500, seconds=60)

    assert said == f"[{'#' * 12}{' ' * 12}] 30 s  250 of 500 arrived  90 holds  60 sold  1 errors"
