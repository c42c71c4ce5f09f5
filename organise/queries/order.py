"""One order as its organiser sees it: its people, tickets, money, mail and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from checkout.models import Mail, Order, OrderEvent, Payment, PaymentState, Refund, Ticket
from events.models import Event


@dataclass(frozen=True, slots=True)
class Money:
    """What was paid, what of it goes or went back, and what is left."""

    paid_minor: int
    refunded_minor: int

    @property
    def left_minor(self) -> int:
        return self.paid_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class Whole:
    """All that there is of an order, read with one query for each kind of thing."""

    order: Order
    tickets: Sequence[Ticket]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]
    mail: Sequence[Mail]
    history: Sequence[OrderEvent]

    @property
    def money(self) -> Money:
        paid = [one for one in self.payments if one.state == PaymentState.PAID]
        return Money(sum(one.amount_minor for one in paid), sum(one.refunded_minor for one in paid))

    @property
    def live(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.voided_at is None]


def order_or_404(event: Event, reference: str) -> Order:
    """One of the event's orders. Raises Http404."""
    order = Order.objects.filter(event=event, reference=reference.upper()).first()
    if order is None:
        raise Http404
    order.event = event  # with its organiser
    return order


def whole(order: Order) -> Whole:
    tickets = list(order.tickets.select_related("ticket_type").order_by("number"))
    for ticket in tickets:
        ticket.order = order
    payments: list[Payment] = list(order.payments.order_by("pk"))
    refunds: QuerySet[Refund] = Refund.objects.filter(payment__in=[one.pk for one in payments])
    return Whole(
        order, tickets, payments, list(refunds.select_related("payment", "reversal").order_by("pk")),
        list(order.mail.order_by("pk")), list(order.history.order_by("pk")),
    )  # fmt: skip


def one_or_404(found: "QuerySet[Any]", **key: Any) -> Any:
    """One row, with its order and the order's event, when it is of this event. Raises Http404."""
    row = found.filter(**key).first()
    if row is None:
        raise Http404
    return row
