"""The guard's judgement: over the hard budget, or heavy on a pool that others wait for, in two windows running."""

import pytest

from flags.guard import WINDOWS, Budget, Look, judge
from flags.models import Grant
from flags.spending import Cost, Spending
from kit.pool_waits import PoolUse

KEY = ("seat-maps", 7)
BUDGET = Budget(queries=2, ms=10)
# Four queries and 20 ms are just within twice of it.
WITHIN = Spending(queries=4, seconds=0.020)
QUERIES, SLOW = Spending(queries=5, seconds=0.001), Spending(queries=1, seconds=0.023)
CROWDED = PoolUse(requests=100, waited_ms=5100, used_ms=30_000)


def cost(*requests: Spending) -> Cost:
    made = Cost()
    for spending in requests:
        made.charge(spending)
    return made


def looks(*costs: Cost | None, pools: dict[str, PoolUse] | None = None) -> list[Look]:
    """The last windows, the latest at the end; None where the flag's code did not run."""
    padded = [None] * (WINDOWS - len(costs)) + list(costs)
    return [Look(10 * at, {KEY: one} if one else {}, pools or {}) for at, one in enumerate(padded)]


def found(seen: list[Look], budget: Budget = BUDGET) -> list[tuple[str, int]]:
    return [(breach.flag, breach.event_id) for breach in judge(seen, {KEY[0]: budget})]


@pytest.mark.parametrize("over", [QUERIES, SLOW], ids=["queries", "milliseconds"])
def test_over_the_hard_budget_in_two_windows_is_a_breach(over: Spending) -> None:
    assert found(looks(cost(over), cost(over))) == [KEY]


def test_over_in_either_way_counts() -> None:
    assert found(looks(cost(QUERIES), cost(SLOW))) == [KEY]


def test_twice_the_budget_itself_is_within() -> None:
    assert found(looks(cost(WITHIN), cost(WITHIN))) == []


@pytest.mark.parametrize(
    "costs",
    [(None, QUERIES), (QUERIES, WITHIN), (WITHIN, QUERIES), (QUERIES, WITHIN, QUERIES), (QUERIES, QUERIES, None)],
    ids=["the first", "over now", "begins", "comes and goes", "has stopped"],
)
def test_once_over_is_no_breach(costs: tuple[Spending | None, ...]) -> None:
    assert found(looks(*(cost(one) if one else None for one in costs))) == []


def test_windows_in_which_it_did_not_run_are_passed_over_for_a_minute() -> None:
    over = cost(QUERIES)

    assert found(looks(over, None, None, None, None, over)) == [KEY]
    assert found(looks(over, None, None, None, None, None, over)[1:]) == []


def test_use_alone_is_no_request() -> None:
    used = Cost(uses=3)

    assert found(looks(cost(QUERIES), used, cost(QUERIES))) == [KEY]
    assert found(looks(cost(QUERIES), used)) == []


def test_five_dear_requests_in_a_hundred_are_allowed_and_six_are_not() -> None:
    some, too_many = cost(*[WITHIN] * 95, *[QUERIES] * 5), cost(*[WITHIN] * 94, *[QUERIES] * 6)

    assert found(looks(some, some)) == []
    assert found(looks(too_many, too_many)) == [KEY]


def test_each_event_is_judged_by_itself() -> None:
    other = (KEY[0], 8)
    seen = [Look(at, {KEY: cost(QUERIES), other: cost(WITHIN)}, {}) for at in (0, 10)]

    assert found(seen) == [KEY]


def test_budget_of_nothing_allows_nothing_and_none_allows_all() -> None:
    twice = looks(cost(QUERIES), cost(QUERIES))

    assert found(twice, Budget(queries=0, ms=None)) == [KEY]
    assert found(twice, Budget(queries=None, ms=None)) == []
    assert judge(twice, {}) == []


NO_BUDGET = Budget(queries=None, ms=None)
# Of 30,000 ms of connections a third is ten seconds.
THIRD, MORE = cost(Spending(seconds=10.0)), cost(Spending(seconds=10.1))


def test_more_than_a_third_of_a_pool_that_others_wait_for_is_a_breach() -> None:
    pools = {"browse": CROWDED}

    (breach,) = judge(looks(MORE, MORE, pools=pools), {KEY[0]: NO_BUDGET})

    assert [(one.pool, one.wait_ms) for one in breach.excesses] == [("browse", 51.0)] * 2
    assert breach.excesses[0].share == pytest.approx(10.1 / 30)
    assert found(looks(THIRD, THIRD, pools=pools), NO_BUDGET) == []


@pytest.mark.parametrize(
    "pool",
    [
        PoolUse(requests=100, waited_ms=5000, used_ms=30_000),
        PoolUse(requests=0, waited_ms=0, used_ms=30_000),
        PoolUse(requests=10, waited_ms=9000, used_ms=999),
    ],
    ids=["nobody waits too long", "nobody waits", "Postgres is away"],
)
def test_pool_without_a_crowd_blames_nobody(pool: PoolUse) -> None:
    assert found(looks(MORE, MORE, pools={"default": pool}), NO_BUDGET) == []


def test_reason_has_the_figures_and_fits_the_audit() -> None:
    big = cost(*[Spending(queries=123_456, seconds=3600.0)] * 99)
    (breach,) = judge(looks(cost(QUERIES), cost(SLOW)), {KEY[0]: BUDGET})
    (worst,) = judge(
        looks(big, big, pools={"default": PoolUse(1000, 999_000, 30_000)}), {KEY[0]: Budget(queries=32767, ms=32767)}
    )

    assert breach.reason == (
        "The guard: 00:00:40: 5 queries and 1 ms a request (1 in all); "
        "00:00:50: 1 query and 24 ms a request (1 in all). Budget 2 queries and 10 ms, limit 2 times that."
    )
    assert len(worst.reason) <= (Grant._meta.get_field("reason").max_length or 0)
