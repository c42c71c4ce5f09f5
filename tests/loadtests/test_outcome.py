"""The outcome: durations in little room, what several processes saw put together, and the generator's own faults."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from loadtests.histogram import Histogram
from loadtests.outcome import Run, busiest, outcome
from loadtests.tally import Tally

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
IDLE = [(float(second), second * 0.1) for second in range(20)]


def make_run(**over: Any) -> Run:
    values = {
        "due": [0.1, 0.2, 1.5],
        "started": 3,
        "cpu": [IDLE],
        "began_at": NOON,
        "seconds": 3.0,
        "is_partial": False,
    }
    return Run(**{**values, **over})


def durations(seed: int) -> list[float]:
    draw = random.Random(seed)
    return [draw.lognormvariate(3, 2) for _ in range(5000)]


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_histogram_is_never_too_short_and_at_most_2_percent_too_long(share: float) -> None:
    took, histogram = sorted(durations(1)), Histogram()
    for one in took:
        histogram.add(one)

    exact = took[int(share * len(took)) - 1]

    assert exact <= histogram.percentile(share) <= exact * 1.0201
    assert histogram.percentile(1.0) == histogram.max_ms == took[-1]
    assert len(histogram.buckets) < 1000


def test_histogram_without_anything_says_nothing() -> None:
    assert Histogram().percentile(0.99) == 0.0


def make_tally(seed: int) -> Tally:
    tally, draw = Tally(), random.Random(seed)
    for _ in range(200):
        due = draw.uniform(0, 9)
        tally.count("arrived", due)
        tally.took("event page", due=due, until=due + draw.random())
        tally.took("hold", due=due, until=due + draw.random())
    tally.count("holds", 3.5 + seed)
    tally.count("sold_out", 8.0)
    tally.fault(("hold", "5xx", 500), 4.0, f"/example/{seed}")
    tally.edge["HIT"] += seed
    tally.journeys["bought"] += seed
    tally.lateness.add(float(seed))
    return tally


def test_tallies_merge_to_what_one_would_have_counted() -> None:
    together = Tally()
    for seed in (1, 2):
        together.merge(Tally.read(json.loads(json.dumps(make_tally(seed).to_json()))))

    found = outcome(together, make_run())

    assert found["steps"]["event page"]["count"] == 400
    assert found["steps"]["hold"]["errors"] == 2
    assert found["errors"] == [{"step": "hold", "kind": "5xx", "status": 500, "count": 2, "example": "/example/1"}]
    assert found["journeys"] == {
        "bought": 3, "sold_out": 0, "abandoned": 0, "declined": 0, "failed": 0, "bot": 0
    }  # fmt: skip
    assert found["edge"] == {"HIT": 3}
    assert sum(row["arrived"] for row in found["timeline"]) == 400
    assert found["timeline"][4]["errors"] == 2
    assert found["sold_out_at_second"] == 5.5


def test_timeline_has_a_row_for_each_second_also_when_nothing_happened() -> None:
    tally = Tally()
    tally.count("arrived", 2.2)
    tally.took("event page", due=2.2, until=2.7)

    timeline = outcome(tally, make_run())["timeline"]

    assert [row["second"] for row in timeline] == [0, 1, 2]
    assert [row["scheduled"] for row in timeline] == [2, 1, 0]
    assert [row["arrived"] for row in timeline] == [0, 0, 1]
    assert [row["page_p99_ms"] for row in timeline] == [None, None, pytest.approx(500)]


def test_nobody_told_that_it_is_sold_out_means_that_it_is_not() -> None:
    tally = Tally()
    tally.count("holds", 2.0)

    assert outcome(tally, make_run())["sold_out_at_second"] is None


def test_generator_that_kept_its_schedule_is_no_bottleneck() -> None:
    generator = outcome(Tally(), make_run())["generator"]

    assert generator == {
        "processes": 1, "scheduled": 3, "started": 3, "late_p99_ms": 0.0, "cpu_share": 0.1, "is_bottleneck": False,
        "why": "",
    }  # fmt: skip


def late_tally() -> Tally:
    tally = Tally()
    tally.lateness.add(80.0)
    return tally


@pytest.mark.parametrize(
    ("tally", "over", "why"),
    [
        (late_tally(), {}, "1 in 100 was more than 80 ms late, where 50 are allowed"),
        (Tally(), {"started": 2}, "1 of 3 visitors could never be started"),
        (Tally(), {"cpu": [IDLE, [(0.0, 0.0), (3.0, 0.3), (8.0, 5.2)]]}, "a process used 98% of a core over 5 s"),
    ],
)
def test_generator_says_why_it_was_the_bottleneck(tally: Tally, over: dict[str, Any], why: str) -> None:
    generator = outcome(tally, make_run(**over))["generator"]

    assert generator["why"] == why
    assert generator["is_bottleneck"]


def test_visitors_that_a_stopped_run_never_started_are_no_fault_of_the_generator() -> None:
    assert not outcome(Tally(), make_run(started=1, is_partial=True))["generator"]["is_bottleneck"]


def test_busiest_seconds_are_found_among_idle_ones() -> None:
    busy = [(float(second), float(min(second, 10))) for second in range(31)]

    assert busiest(busy) == pytest.approx(1.0)
    assert busiest(busy[:3]) == pytest.approx(1.0)
    assert busiest(busy[:1]) == 0.0
