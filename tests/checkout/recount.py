"""What an event has sold and earned, counted from the books in Python: slowly, and by other ways than the worker's."""

from collections import Counter

from checkout.actions import numbers
from checkout.models import Number, Order, RefundState, State
from checkout.models.numbers import FACTS, Grain
from events.models import Event


def count_all(*, most: int = 1000) -> int:
    """What the worker does until nothing is left; answers in how many passes."""
    passes = 1
    while numbers.count(most=most):
        passes += 1
    return passes


def kept(event: Event, grain: Grain = Grain.ALL) -> dict[str, int]:
    """The numbers as they are kept of the whole event; without what is nothing."""
    totals: Counter[str] = Counter()
    for row in Number.objects.filter(event=event, grain=grain, ticket_type=None).values(*FACTS):
        totals.update(row)
    return {fact: amount for fact, amount in totals.items() if amount}


def recounted(event: Event) -> dict[str, int]:
    """The same, order by order."""
    totals: Counter[str] = Counter()
    for order in Order.objects.filter(event=event).prefetch_related("tickets", "payments__refunds"):
        _add(order, totals)
    return {fact: amount for fact, amount in totals.items() if amount}


def _add(order: Order, totals: Counter[str]) -> None:
    tickets, was_sold = list(order.tickets.all()), order.completed_at is not None
    price = sum(ticket.price_minor for ticket in tickets) if was_sold else 0
    paid = sum(payment.amount_minor for payment in order.payments.all() if payment.state == "paid")
    refunds = [refund for payment in order.payments.all() for refund in payment.refunds.all()]
    back = sum(refund.amount_minor for refund in refunds if refund.state == RefundState.DONE)
    stray = max(0, paid - price)
    totals["holds"] += 1
    totals["orders"] += was_sold
    totals["lapsed"] += not was_sold and order.state in {State.EXPIRED, State.CANCELLED}
    totals["held"] += len(tickets) if order.is_open else 0
    totals["sold"] += len(tickets) if was_sold else 0
    totals["voided"] += sum(ticket.voided_at is not None for ticket in tickets) if was_sold else 0
    totals["gross_minor"] += price
    totals["stray_minor"] += stray
    totals["stray_back_minor"] += min(stray, back)
    totals["refunded_minor"] += back - min(stray, back)
    totals["refunding_minor"] += sum(r.amount_minor for r in refunds if r.state != RefundState.DONE)
