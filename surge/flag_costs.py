"""What the flags that were on have cost during a rehearsal, each against its budget."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from redis.exceptions import RedisError

from events.models import Event
from flags import costs
from flags.models import Flag, Grant
from flags.spending import Cost
from surge import statements
from surge.statements import Statement


def put_down_at(ended_at: datetime) -> datetime:
    """When every process has put down what it was asked until then (flags/costs.py)."""
    return datetime.fromtimestamp(costs.window_of(ended_at.timestamp()) + costs.WINDOW, ended_at.tzinfo) + timedelta(
        seconds=1
    )


def spent_on(
    event: Event, flags: Mapping[str, bool], asked: Sequence[Statement], *, began_at: datetime, ended_at: datetime
) -> list[dict[str, Any]]:
    """A row for each flag that was on: budget, requests, what 95 of 100 of them kept to, routes, dearest statement,
    and why it was switched off by itself meanwhile, if it was. `requests` and `uses` are None where Redis has not told.
    """
    on = sorted(name for name, is_on in flags.items() if is_on)
    rows: dict[str, Any] = {flag.name: flag for flag in Flag.objects.filter(name__in=on)}
    off = Grant.objects.filter(event=event, is_on=False).exclude(switched_off_by="")
    why_off = dict(off.values_list("flag__name", "reason"))
    told = _told(event, began_at, ended_at)
    return [
        {
            "name": name, "budget_queries": rows[name].budget_queries, "budget_ms": rows[name].budget_ms,
            **_cost(told, name), "statement": statements.slowest_of(name, asked), "switched_off": why_off.get(name, ""),
        }
        for name in on if name in rows
    ]  # fmt: skip


def _told(event: Event, began_at: datetime, ended_at: datetime) -> dict[str, dict[str, Cost]] | None:
    """Costs by flag and route; None while Redis is away."""
    first, last = costs.window_of(began_at.timestamp()), costs.window_of(ended_at.timestamp())
    try:
        windows = costs.spent(range(first, last + costs.WINDOW, costs.WINDOW))
    except (RedisError, OSError):
        return None
    told: dict[str, dict[str, Cost]] = {}
    for found in windows.values():
        for of, cost in found.items():
            if of.event_id == event.pk:
                told.setdefault(of.flag, {}).setdefault(of.route, Cost()).merge(cost)
    return told


def _cost(told: dict[str, dict[str, Cost]] | None, name: str) -> dict[str, Any]:
    if told is None:
        return {"requests": None, "uses": None, "queries_p95": None, "ms_p95": None, "routes": []}
    routes, whole = told.get(name, {}), Cost()
    for cost in routes.values():
        whole.merge(cost)
    by_route = [
        {"route": route, "requests": cost.requests, "queries_p95": cost.queries_p95, "ms_p95": cost.ms_p95}
        for route, cost in routes.items() if cost.requests
    ]  # fmt: skip
    return {
        "requests": whole.requests, "uses": whole.uses, "queries_p95": whole.queries_p95, "ms_p95": whole.ms_p95,
        "routes": sorted(by_route, key=lambda row: -row["ms_p95"]),
    }  # fmt: skip
