"""Lists of an event's orders and attendees: found, filtered and read a page at a time, the newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from checkout.models import Order, Payment, PaymentState, State, Ticket
from events.models import Event, TicketType
from organise.queries import search

A_PAGE: Final = 50
MONEY: Final = {
    "paid": Q(total_minor__gt=0),
    "free": Q(total_minor=0),
    "refunded": Q(Exists(Payment.objects.filter(order=OuterRef("pk"), refunded_minor__gt=0))),
}
ADMITS: Final = Q(voided_at=None, order__state=State.COMPLETE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to, as it stands in the address; empty where it is not."""

    q: str = ""
    state: str = ""
    type: str = ""
    money: str = ""
    since: Any = None
    until: Any = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q) or self.is_filtered

    @property
    def is_filtered(self) -> bool:
        return any((self.state, self.type, self.money, self.since, self.until))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `newer` and `older` are where the next ones begin, empty at the ends."""

    rows: Sequence[Any]
    newer: str = ""
    older: str = ""


def orders(event: Event, wanted: Wanted) -> "QuerySet[Order]":
    """The event's orders. Without a search those that have a buyer: a hold that nobody put a name to is nobody's."""
    found: QuerySet[Order] = Order.objects.filter(event=event)
    if wanted.q:
        found = found.filter(search.orders_said(event, wanted.q))
    elif wanted.state != State.HELD:
        found = found.exclude(email="")
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.type:
        found = found.filter(
            Exists(Ticket.objects.filter(order=OuterRef("pk"), ticket_type__in=_type(event, wanted.type)))
        )
    if wanted.money:
        found = found.filter(MONEY[wanted.money])
    return found.filter(_between("created_at", event, wanted))


def attendees(event: Event, wanted: Wanted) -> "QuerySet[Ticket]":
    """The event's tickets in orders that have a buyer; those that admit somebody, or by `state` those that are void."""
    found: QuerySet[Ticket] = Ticket.objects.filter(order__event=event)
    said = search.tickets_said(event, wanted.q) if wanted.q else ~Q(order__email="")
    found = found.filter(said)
    if wanted.state == "void":
        found = found.filter(order__completed_at__isnull=False).exclude(ADMITS)
    else:
        found = found.filter(ADMITS)
    if wanted.type:
        found = found.filter(ticket_type__in=_type(event, wanted.type))
    if wanted.money:
        found = found.filter(Q(price_minor=0) if wanted.money == "free" else Q(price_minor__gt=0))
    return found.filter(_between("order__created_at", event, wanted))


def _type(event: Event, slug: str) -> list[int]:
    return list(TicketType.objects.filter(event=event, slug=slug).values_list("pk", flat=True))


def _between(field: str, event: Event, wanted: Wanted) -> Q:
    """Days on the clock at the venue, both included."""
    asked = Q()
    if wanted.since:
        asked &= Q(**{f"{field}__gte": datetime.combine(wanted.since, time(), event.zone)})
    if wanted.until:
        asked &= Q(**{f"{field}__lt": datetime.combine(wanted.until + timedelta(days=1), time(), event.zone)})
    return asked


def order_page(found: "QuerySet[Order]", *, after: str = "", before: str = "") -> Page:
    """A page by order number: it begins where the last one ended, so the thousandth is as fast as the first."""
    if before.isdecimal():
        rows = list(found.filter(pk__gt=int(before)).order_by("pk")[: A_PAGE + 1])
        return _cut(rows, lambda order: str(order.pk), is_upwards=True, has_other=True)
    if after.isdecimal():
        found = found.filter(pk__lt=int(after))
    rows = list(found.order_by("-pk")[: A_PAGE + 1])
    return _cut(rows, lambda order: str(order.pk), is_upwards=False, has_other=after.isdecimal())


def attendee_page(found: "QuerySet[Ticket]", *, after: str = "", before: str = "") -> Page:
    """The same for tickets, by their order and their number in it: `12.3` is the third of order 12."""
    here = _place(before or after)
    if before and here:
        order, number = here
        beyond = Q(order_id__gt=order) | Q(order_id=order, number__lt=number)
        rows = _tickets(found.filter(beyond, order_id__gte=order).order_by("order_id", "-number"))
        return _cut(rows, _place_of, is_upwards=True, has_other=True)
    if here:
        order, number = here
        beyond = Q(order_id__lt=order) | Q(order_id=order, number__gt=number)
        found = found.filter(beyond, order_id__lte=order)
    rows = _tickets(found.order_by("-order_id", "number"))
    return _cut(rows, _place_of, is_upwards=False, has_other=here is not None)


def _tickets(found: "QuerySet[Ticket]") -> list[Ticket]:
    """A page of them and one more. First their numbers alone: what is sorted to find the first fifty stays narrow."""
    ids = list(found.values_list("pk", flat=True)[: A_PAGE + 1])
    by_id = Ticket.objects.select_related("order", "ticket_type").in_bulk(ids)
    return [by_id[pk] for pk in ids]


def _cut(rows: list[Any], place: Callable[[Any], str], *, is_upwards: bool, has_other: bool) -> Page:
    """Take the row that only says that there are more away again, and turn the page the right way up."""
    has_more, rows = len(rows) > A_PAGE, rows[:A_PAGE]
    if is_upwards:
        rows.reverse()
    if not rows:
        return Page(rows)
    up, down = (has_more, has_other) if is_upwards else (has_other, has_more)
    return Page(rows, place(rows[0]) if up else "", place(rows[-1]) if down else "")


def _place(text: str) -> tuple[int, int] | None:
    order, _, number = text.partition(".")
    return (int(order), int(number)) if order.isdecimal() and number.isdecimal() else None


def _place_of(ticket: Ticket) -> str:
    return f"{ticket.order_id}.{ticket.number}"


def tickets_of(orders: Sequence[Order]) -> dict[int, tuple[int, int]]:
    """How many tickets each of these orders has, and how many of them are not void."""
    counted = Ticket.objects.filter(order__in=orders).order_by().values("order")
    rows = counted.annotate(tickets=Count("pk"), live=Count("pk", filter=Q(voided_at=None)))
    return {row["order"]: (row["tickets"], row["live"]) for row in rows}


def refunded_of(orders: Sequence[Order]) -> dict[int, int]:
    """What of each of these orders' money goes or went back, where any does."""
    back = Payment.objects.filter(order__in=orders, refunded_minor__gt=0).order_by().values("order")
    return {row["order"]: row["back"] for row in back.annotate(back=Sum("refunded_minor"))}


def left_of(orders: "QuerySet[Order]") -> int:
    """How much of these orders' money could still go back."""
    paid = Payment.objects.filter(order__in=orders.order_by().values("pk"), state=PaymentState.PAID)
    return int(paid.aggregate(left=Sum(F("amount_minor") - F("refunded_minor")))["left"] or 0)
