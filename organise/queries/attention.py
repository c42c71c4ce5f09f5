"""What of an event needs a person: payments that hang, late ones, refunds and mail that failed, books that disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from checkout.actions.desk import SEEN
from checkout.models import Mail, Order, OrderEvent, Refund, RefundState, State
from events.models import Event

PATIENCE: Final = timedelta(minutes=10)  # how long after its end a payment may still hang: the worker asks meanwhile
MOST: Final = 50
BOOKS: Final = "SELECT order_id, reference, paid, refunded, owed FROM checkout_ledger_of_event(%s) LIMIT %s"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An order whose money is not what its tickets come to."""

    reference: str
    paid_minor: int
    refunded_minor: int
    owed_minor: int

    @property
    def amounts(self) -> tuple[int, int, int]:
        return self.paid_minor, self.refunded_minor, self.owed_minor


def hanging(event: Event, *, now: datetime) -> "QuerySet[Order]":
    """Orders whose hold is over for a while, and of whose payment the provider has not said how it ended."""
    late = Order.objects.filter(event=event, state=State.PAYING).overdue(at=now - PATIENCE)
    return late.order_by("expires_at", "pk")


def late(event: Event) -> "QuerySet[Refund]":
    """Payments that came when the tickets were gone, went back by themselves, and that nobody has looked at yet."""
    seen = OrderEvent.objects.filter(order=OuterRef("payment__order"), kind=SEEN)
    gone = Refund.objects.filter(
        reversal=None, payment__order__event=event, payment__order__completed_at=None,
        payment__order__state__in=(State.EXPIRED, State.CANCELLED),
    )  # fmt: skip
    return gone.exclude(state=RefundState.FAILED).exclude(Exists(seen)).select_related("payment__order").order_by("pk")


def refused(event: Event) -> "QuerySet[Refund]":
    found = Refund.objects.filter(state=RefundState.FAILED, payment__order__event=event)
    return found.select_related("payment__order").order_by("pk")


def slow(event: Event, *, now: datetime) -> "QuerySet[Refund]":
    """Refunds that wait because the provider does not answer."""
    found = Refund.objects.filter(
        state=RefundState.PENDING, payment__order__event=event, attempts__gt=0, created_at__lt=now - PATIENCE
    )
    return found.select_related("payment__order").order_by("pk")


def unsent(event: Event) -> "QuerySet[Mail]":
    return Mail.objects.filter(failed_at__isnull=False, order__event=event).select_related("order").order_by("pk")


def disagreeing(event: Event) -> list[Disagreement]:
    """The ledger of this event's orders alone; `check_ledger` reads all of it."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKS, (event.pk, MOST))
        return [Disagreement(*row[1:]) for row in cursor.fetchall()]


def count(event: Event, *, now: datetime) -> int:
    """How many there are of what has a button, for the tab: one statement, each part by an index of few rows."""
    parts: Sequence[QuerySet[Any]] = (hanging(event, now=now), late(event), refused(event), unsent(event))
    numbered = [part.order_by().values("pk") for part in parts]
    return numbered[0].union(*numbered[1:], all=True).count()
