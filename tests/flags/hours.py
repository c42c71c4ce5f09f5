"""Makes hours of use and cost, as the worker would have rolled them up."""

from datetime import datetime
from typing import Any

from events.models import Event
from flags.models import Hour


def make_busy_hour(flag: Any, event: Event, at: datetime, **over: Any) -> Hour:
    """An hour with 100 requests of 2 queries and 4 ms each, nobody using it."""
    values = {
        "requests": 100, "queries": 200, "rows": 200, "milliseconds": 400, "worst_queries": 2, "worst_ms": 4, "uses": 0,
    }  # fmt: skip
    return Hour.objects.create(flag=flag, event=event, at=at, **{**values, **over})
