"""Makes events to rehearse, rehearsals of them, and what a generator and a site tell of a good one."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from checkout.actions import holds, orders
from checkout.choice import Line
from checkout.models import Order
from events.models import Event
from surge.actions import rehearsals
from surge.actions.rehearsals import Times
from surge.models import RehearsalRun
from tests.buyers import ADA
from tests.makers import make_event, make_quota, make_ticket_type

NOON: Final = datetime(2030, 5, 1, 12, tzinfo=UTC)
OPENS_AT: Final = datetime(2030, 5, 20, 9, tzinfo=UTC)
WEEK: Final = timedelta(days=7)


def make_sale(**over: Any) -> Event:
    """An event with two quotas and three ticket types: paid from both quotas, free, and one that opens a week later."""
    event = make_event(description="Bring a *friend*.", hold_minutes=9, **over)
    hall, balcony = make_quota(event=event, capacity=10), make_quota(event=event, capacity=4)
    opens_at = OPENS_AT
    make_ticket_type(
        event=event, quotas=[hall, balcony], slug="seat", position=1, sale_starts_at=opens_at,
        sale_ends_at=opens_at + WEEK, description="With a view.", group_heading="Seated",
    )  # fmt: skip
    make_ticket_type(event=event, quotas=[hall], slug="free", position=2, price_minor=0, sale_starts_at=opens_at)
    make_ticket_type(event=event, slug="late", position=3, sale_starts_at=opens_at + WEEK, secret=True)
    return event


def begin(event: Event | None = None, *, now: datetime = NOON, **over: Any) -> RehearsalRun:
    """A rehearsal whose sale opens at once."""
    settings, times = over.pop("settings", {}), Times(over.pop("opens_at", now), 60.0, **over)
    return rehearsals.begin(event=event or make_sale(), settings=settings, times=times, now=now)


def copy_of(run: RehearsalRun) -> Event:
    assert run.rehearsal is not None
    return run.rehearsal


def buy_free(event: Event, *, now: datetime = NOON, quantity: int = 1) -> Order:
    """A complete order of Ada's, of the event's free type."""
    order = hold(event, "free", now=now, quantity=quantity)
    orders.complete_free(order=order, details=ADA, now=now)
    return order


def hold(event: Event, slug: str, *, now: datetime = NOON, quantity: int = 1) -> Order:
    """A held order with its buyer."""
    lines = [Line(slug, quantity, None)]
    token = holds.take(event_id=event.pk, lines=lines, secret="", key=uuid.uuid4(), now=now)
    order = Order.objects.select_related("event").get(token=token)
    orders.record_details(order=order, details=ADA)
    return Order.objects.select_related("event").get(pk=order.pk)


def receipt_of(order: Order, /, **over: Any) -> dict[str, Any]:
    """What the generator writes down of an order that its buyer saw confirmed."""
    return {
        "order": order.get_absolute_url(), "reference": order.reference, "tickets": order.tickets.count(),
        "paid": False, "email": order.email, **over,
    }  # fmt: skip


def make_outcome(**over: Any) -> dict[str, Any]:
    """A sale of twelve seconds without a fault."""
    timeline = [
        {"second": second, "scheduled": 40, "arrived": 40, "holds": 20, "sold": 15, "sold_out": 0, "errors": 0,
         "page_p99_ms": 40.0, "hold_p99_ms": 90.0}
        for second in range(12)
    ]  # fmt: skip
    step = {"count": 480, "errors": 0, "p50_ms": 5.0, "p95_ms": 30.0, "p99_ms": 90.0, "max_ms": 120.0}
    return {
        "partial": False, "began_at": "2030-05-01T12:00:00+00:00", "seconds": 12.0,
        "generator": {"processes": 2, "scheduled": 480, "started": 480, "late_p99_ms": 3.0, "cpu_share": 0.4,
                      "is_bottleneck": False, "why": ""},
        "steps": {"event page": step, "hold": step}, "journeys": {"bought": 180}, "errors": [], "timeline": timeline,
        "edge": {"HIT": 90, "MISS": 10}, "sold_out_at_second": 9, **over,
    }  # fmt: skip


def make_books(**over: Any) -> dict[str, Any]:
    """Books in which all is well."""
    return {
        "orders": {"complete": 180}, "tickets": 200, "paid": 150, "mail": 180, "mail_held_back": 180, "mail_sent": 0,
        "oversold": 0, "ledger_faults": [], "receipts": 180, "wronged": [], **over,
    }  # fmt: skip


def make_flag_row(**over: Any) -> dict[str, Any]:
    """A flag within its budget."""
    return {
        "name": "seat-maps", "budget_queries": 2, "budget_ms": 5, "requests": 400, "uses": 0, "queries_p95": 1,
        "ms_p95": 2.5, "routes": [{"route": "<slug>/<slug>/", "requests": 400, "queries_p95": 1, "ms_p95": 2.5}],
        "statement": None, "switched_off": "", **over,
    }  # fmt: skip


def make_site(*, books: dict[str, Any] | None = None, **over: Any) -> dict[str, Any]:
    """What the site knows of a sale without a fault."""
    return {
        "books": books or make_books(), "database": None, "pages": None, "flags": [make_flag_row()], "stopped": "",
        "capacity": None, **over,
    }  # fmt: skip
