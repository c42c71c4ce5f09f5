"""What a rehearsal has left in the site's own books, held against what its buyers were shown."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from django.db import connection

from checkout import ledger
from checkout.models import Mail, Order, Payment, PaymentState, State, Ticket
from events.models import Event

Receipt = Mapping[str, Any]
TICKETS: Final = (Mail.Kind.TICKETS, Mail.Kind.FOUND_TICKETS)
# Of one event, not by what its stock says of itself: tickets in orders that hold stock, for each quota.
OVERSOLD: Final = """
    SELECT coalesce(sum(greatest(units - capacity, 0)), 0)::bigint FROM (
        SELECT s.capacity, count(*) AS units
          FROM checkout_order o
          JOIN checkout_ticket t ON t.order_id = o.id AND t.voided_at IS NULL, unnest(t.quota_ids) AS unit
          JOIN events_stock s ON s.quota_id = unit
         WHERE o.event_id = %s AND o.state IN ('held', 'paying', 'complete')
         GROUP BY s.quota_id) AS held
"""


def receipts_in(path: Path) -> list[dict[str, Any]]:
    """What the generator's buyers have written down; a last line that was cut off is left out."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def books_of(event: Event, receipts: Sequence[Receipt]) -> dict[str, Any]:
    """The event's orders by state, tickets, money and mail; units sold too often; what the whole ledger says; and each
    buyer who was shown something that is not so."""
    orders = Order.objects.filter(event=event).order_by()
    mail = Mail.objects.filter(order__event=event)
    return {
        "orders": dict(Counter(orders.values_list("state", flat=True))),
        "tickets": Ticket.objects.live().filter(order__event=event, order__state=State.COMPLETE).count(),
        "paid": Payment.objects.filter(order__event=event, state=PaymentState.PAID).count(),
        "mail": mail.count(),
        "mail_held_back": mail.exclude(held_back_at=None).count(),
        "mail_sent": mail.exclude(sent_at=None).count(),
        "oversold": _oversold(event),
        "ledger_faults": ledger.check().faults,
        "receipts": len(receipts),
        "wronged": list(wronged(event, receipts)),
    }


def wronged(event: Event, receipts: Sequence[Receipt]) -> Iterator[dict[str, str]]:
    """Buyers who saw their order confirmed, or paid for it, and have not what they should."""
    tokens = {str(receipt["order"]).strip("/").rpartition("/")[2]: receipt for receipt in receipts}
    rows = Order.objects.filter(event=event, token__in=tokens).order_by("pk")
    orders = {order.token: order for order in rows.prefetch_related("tickets", "mail", "payments")}
    for token, receipt in tokens.items():
        order = orders.get(token)
        fault = "there is no such order" if order is None else _fault(order, receipt)
        if fault:
            yield {"reference": str(receipt.get("reference", "")), "fault": fault}


def _fault(order: Order, receipt: Receipt) -> str:
    """What is wrong with an order, in half a sentence; nothing if it is as its buyer saw it, or the money went back."""
    payments = [payment for payment in order.payments.all() if payment.state == PaymentState.PAID]
    if order.state != State.COMPLETE:
        went_back = bool(payments) and all(payment.refunded_minor == payment.amount_minor for payment in payments)
        return "" if went_back and not receipt.get("confirmed", True) else f"the order is {order.state}, not complete"
    live = [ticket for ticket in order.tickets.all() if ticket.voided_at is None]
    if receipt.get("tickets") is not None and len(live) != receipt["tickets"]:
        return f"{receipt['tickets']} tickets were bought, {len(live)} are there"
    if not any(letter.kind in TICKETS for letter in order.mail.all()):
        return "no mail with the tickets was written"
    if receipt.get("paid") and not payments and order.total_minor:
        return "it was paid for, and no payment is in the books"
    return ""


def _oversold(event: Event) -> int:
    with connection.cursor() as cursor:
        cursor.execute(OVERSOLD, [event.pk])
        return int(cursor.fetchone()[0])
