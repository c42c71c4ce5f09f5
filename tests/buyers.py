"""Makes what buyers leave behind, through the same actions as the site; and lets many of them race."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.db import connection

from checkout.actions import holds, orders
from checkout.actions.orders import Details
from checkout.choice import Line
from checkout.models import Order
from events.models import Event, Quota, Stock, TicketType
from tests.makers import make_event, make_quota, make_ticket_type

T = TypeVar("T")

# For tests of several connections: what each writes is seen by the others, and truncated afterwards. Naming all apps
# truncates with CASCADE, which waffle's leftover tables need, and spares Django's signals.
COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
ADA = Details(full_name="Ada Lovelace", email="ada@example.com")


def take_hold(*wanted: tuple[TicketType, int], now: datetime = NOON, **over: Any) -> Order:
    """A held order of so many of each ticket type; `key=…`, `secret=…` and `code=…` as for holds.take."""
    lines = [Line(ticket_type.slug, quantity, over.get("amount_minor")) for ticket_type, quantity in wanted]
    token = holds.take(
        event_id=wanted[0][0].event_id, lines=lines, secret=over.get("secret", ""),
        key=over.get("key") or uuid.uuid4(), now=now, code=over.get("code", ""),
    )  # fmt: skip
    return Order.objects.select_related("event").get(token=token)


def make_held_order(event: Event | None = None, *, quantity: int = 1, now: datetime = NOON, **over: Any) -> Order:
    """A held order of one new ticket type with a quota of its own; `over` goes to the ticket type."""
    event = event or make_event()
    ticket_type = make_ticket_type(event=event, quotas=[make_quota(event=event)], **over)
    return take_hold((ticket_type, quantity), now=now)


def make_complete_order(event: Event | None = None, *, quantity: int = 1, now: datetime = NOON) -> Order:
    """A free order that Ada has confirmed."""
    order = make_held_order(event, quantity=quantity, now=now, price_minor=0)
    orders.complete_free(order=order, details=ADA, now=now)
    return order


def taken_of(order: Order) -> int:
    """Units taken from the quota of an order's first ticket."""
    ticket = order.tickets.get(number=1)
    return Stock.objects.get(quota_id=ticket.quota_ids[0]).taken


def stock_of(quota: Quota) -> Stock:
    """A quota's stock as it is now."""
    return Stock.objects.get(quota=quota)


def refusal_of(take: Callable[[], object]) -> list[tuple[str, str, int | None]]:
    """Why a choice was refused, as (slug, code, limit); fails unless it was."""
    with pytest.raises(holds.Refused) as refused:
        take()
    return [(fault.slug, fault.code, fault.limit) for fault in refused.value.faults]


def race(*acts: Callable[[], T]) -> list[T | Exception]:
    """Does all at once, each in a thread with a connection of its own; answers what each answered or raised."""
    results: list[T | Exception] = [RuntimeError("did not run")] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int) -> None:
        try:
            connection.ensure_connection()  # before the start: opening one takes longer than what is raced for
            start.wait(timeout=30)
            results[place] = acts[place]()
        except Exception as raised:
            results[place] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
