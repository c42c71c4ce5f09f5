"""Test mode: an event that its organiser tries out, with play money, before anybody can find it.

It begins and ends without an order, so no test order ever becomes a real one: checkout/sql/test_mode.sql.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from accounts.actions import log
from checkout.models import Order, State, Ticket
from events.models import Event
from events.models import State as EventState
from kit import sql

REMOVE: Final = "SELECT checkout_remove_rehearsal(%s::bigint)"


class HasOrders(Exception):
    """The event has real orders, so it cannot be tried out any more."""


class IsRehearsal(Exception):
    """A rehearsal has a fake of its own."""


class NotInTest(Exception):
    """The event is not in test mode, or not any more."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a test has left, and its end removes."""

    orders: int
    complete: int
    tickets: int


def begin(*, event: Event, by: Any, now: datetime) -> None:
    """Put the event into test mode: whoever has its link can buy with play money, and it is listed nowhere.

    Twice is once. Raises HasOrders and IsRehearsal.
    """
    with transaction.atomic():
        locked = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        if locked.is_test:
            return
        if locked.is_rehearsal:
            raise IsRehearsal
        # Holds under way end before we look; one that comes later finds an event in test mode.
        sql.value("SELECT pg_advisory_xact_lock(20261102, %s::int) IS NULL", (event.pk,))
        if has_orders(event=event):
            raise HasOrders
        Event.objects.filter(pk=event.pk).update(is_test=True, state=EventState.LIVE)
        log.record(
            organiser=event.organiser, event=event, by=by, kind="test-mode-begun",
            said=f"Put {event.title} into test mode; it was {locked.get_state_display().lower()} before.", now=now,
        )  # fmt: skip


def has_orders(*, event: Event) -> bool:
    """Whether it has sold, or somebody holds: then its test mode cannot begin."""
    return Order.objects.filter(event=event).exists()


def left(*, event: Event) -> Left:
    """What the end would remove now."""
    orders = Order.objects.filter(event=event)
    return Left(
        orders=orders.count(),
        complete=orders.filter(state=State.COMPLETE).count(),
        tickets=Ticket.objects.live().filter(order__event=event, order__state=State.COMPLETE).count(),
    )


@transaction.atomic
def end(*, event: Event, by: Any, now: datetime) -> int:
    """Remove all test orders, give their stock back, and make the event a draft; answers how many orders that were.

    Raises NotInTest.
    """
    locked = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    if not locked.is_test:
        raise NotInTest
    removed = int(sql.value(REMOVE, (event.pk,)))
    Event.objects.filter(pk=event.pk).update(is_test=False, state=EventState.DRAFT)
    log.record(
        organiser=event.organiser, event=event, by=by, kind="test-mode-ended",
        said=f"Ended the test mode of {event.title}: {removed} test orders were removed, and it is a draft.",
        details={"orders": removed}, now=now,
    )  # fmt: skip
    return removed
