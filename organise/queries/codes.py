"""How an event's codes are used."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from checkout.models import Order, State, Ticket
from checkout.models.orders import OPEN_STATES, STOCK_STATES
from events.models import Code, Event
from events.models.codes import normal_text

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Usage:
    """Uses that are held and not paid yet, orders that are complete, and what came off those."""

    held: int = 0
    orders: int = 0
    off_minor: int = 0


def listed(event: Event, search: str) -> "QuerySet[Code]":
    """The event's codes, the newest first; of those, whose text or note has what is searched for."""
    found = event.codes.select_related("use").order_by("-id")
    if not search:
        return found
    return found.filter(Q(text__contains=normal_text(search)) | Q(note__icontains=search))


def usage_of(codes: Sequence[Code]) -> dict[int, Usage]:
    """How each of these was used; one query."""
    used: QuerySet[Any] = Ticket.objects.filter(
        order__code__in=[code.pk for code in codes], order__state__in=STOCK_STATES, voided_at=None,
        discount_minor__isnull=False,
    )  # fmt: skip
    complete = Q(order__state=State.COMPLETE)
    rows = used.values("order__code").annotate(
        held=Count("pk", filter=Q(order__state__in=OPEN_STATES)),
        orders=Count("order", distinct=True, filter=complete),
        off=Sum("discount_minor", filter=complete),
    )
    return {row["order__code"]: Usage(row["held"], row["orders"], int(row["off"] or 0)) for row in rows.order_by()}


def all_used(event: Event) -> Iterator[tuple[Code, Usage]]:
    """All of them, in the order in which they were made; two queries for each thousand."""
    last = 0
    while some := list(listed(event, "").filter(pk__gt=last).order_by("pk")[:BATCH]):
        usage = usage_of(some)
        yield from ((code, usage.get(code.pk, Usage())) for code in some)
        last = some[-1].pk


def orders_of(code: Code) -> "QuerySet[Order]":
    """Orders that have it, also those that are over, the newest first; each with `uses` and `off_minor`."""
    used = Q(tickets__discount_minor__isnull=False)
    return (
        Order.objects.filter(code=code)
        .annotate(uses=Count("tickets", filter=used), off_minor=Sum("tickets__discount_minor"))
        .order_by("-id")
    )
