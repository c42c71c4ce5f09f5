"""What flags take of a crowded pool is measured by every process beside its costs, and held against them."""

from datetime import timedelta
from typing import Final

import pytest
from django_redis import get_redis_connection
from structlog.testing import capture_logs

from flags import costs
from flags.actions import guard
from flags.costs import WINDOW
from flags.models import Grant, Switch
from kit import pool_waits
from tests.flags.makers import NOON, make_flag, make_grant, spend
from tests.makers import make_event

LAST: Final = int(NOON.timestamp()) - WINDOW
AFTER: Final = NOON + timedelta(seconds=1)


def crowd_pool(window: int, *, waited_ms: int) -> None:
    """A hundred requests have waited so long together for ten connections' seconds of `browse`."""
    counts = {"browse:requests": 100, "browse:waited_ms": waited_ms, "browse:used_ms": 10_000}
    get_redis_connection("default").hset(pool_waits._name(window), mapping=counts)


@pytest.mark.django_db
@pytest.mark.parametrize(("waited_ms", "is_on"), [(12_000, False), (4000, True)], ids=["crowded", "not"])
def test_flag_within_its_budget_is_switched_off_where_others_wait_for_it(waited_ms: int, is_on: bool) -> None:
    heavy, light = make_flag(budget_queries=20, budget_ms=4000), make_flag(budget_queries=20, budget_ms=4000)
    event = make_event()
    for flag, seconds in ((heavy, 4.0), (light, 3.0)):
        make_grant(flag, event)
        spend(flag, event, LAST - WINDOW, LAST, seconds=seconds)
    for window in (LAST - WINDOW, LAST):
        crowd_pool(window, waited_ms=waited_ms)

    guard.judge(window=LAST, now=AFTER)

    found = Grant.objects.get(flag=heavy)
    assert (found.is_on, found.switched_off_by) == (is_on, "" if is_on else Switch.GUARD)
    assert is_on or "40% of pool browse, whose requests waited 120 ms" in found.reason
    assert Grant.objects.get(flag=light).is_on


def test_pools_are_put_down_by_whoever_puts_down_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(costs, "_beside", [*costs._beside, lambda _: 1 / 0])
    costs.also(seen.append)
    costs.also(costs._beside[0])

    with capture_logs() as logs:
        costs._put_beside(LAST)

    assert costs._beside[0] == pool_waits.put_down
    assert len(costs._beside) == 3
    assert seen == [LAST]
    assert [line["event"] for line in logs] == ["flags' costs not put down"]
