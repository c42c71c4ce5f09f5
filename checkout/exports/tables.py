"""What is in the tables: their columns, and their rows read in batches, each a short statement of its own.

Nothing is held between two batches, neither a transaction nor a connection, so a table of any length is in nobody's
way. What is sold meanwhile may or may not be in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection

from checkout.models import ExportKind, Order, Sold, State, Ticket
from checkout.models.payments import Payment, Refund, RefundState
from events.models import Event
from kit import sql

BATCH: Final = 1000
FACTS: Final = """
    SELECT order_id, fact, sum(amount)::bigint FROM checkout_numbers_of(%s::bigint[])
     WHERE fact IN ('sold', 'voided', 'gross_minor', 'refunded_minor', 'refunding_minor') GROUP BY order_id, fact
"""


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in a cell, in minor units of the event's currency."""

    minor: int


Cell = str | int | datetime | Amount | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which table, of which orders: by state, and by the days at the venue from one to another, both in it.

    The day is that on which an order was bought, or begun where it never was; of money, that on which it moved.
    """

    kind: str
    state: str = Sold.SOLD
    from_date: date | None = None
    to_date: date | None = None

    def bounds(self, event: Event) -> tuple[datetime, datetime]:
        """The instants at which these days begin and end."""
        start = self.from_date or date(1970, 1, 1)
        end = min(self.to_date or date(9000, 1, 1), date(9000, 1, 1)) + timedelta(days=1)
        return tuple(datetime(day.year, day.month, day.day, tzinfo=event.zone) for day in (start, end))  # type: ignore[return-value]  # two


COLUMNS: Final[dict[str, list[str]]] = {
    ExportKind.ORDERS: [
        "Order", "State", "Begun", "Bought", "Closed", "Name", "E-mail", "Tickets", "Cancelled tickets",
        "Gross", "Refunded", "Net", "Refunds on their way", "Currency",
    ],
    ExportKind.ATTENDEES: [
        "Order", "Ticket", "Ticket type", "Attendee", "Price", "Currency", "Bought", "Cancelled", "Buyer",
        "Buyer's e-mail",
    ],
    ExportKind.MONEY: [
        "When", "What", "State", "Order", "Order's state", "Amount", "Currency", "Provider's reference", "Reason",
    ],
}  # fmt: skip


def rows(event: Event, wanted: Wanted) -> Iterator[Row]:
    """The rows of a table, without its heading."""
    make = {ExportKind.ORDERS: _orders, ExportKind.ATTENDEES: _attendees, ExportKind.MONEY: _money}[
        ExportKind(wanted.kind)
    ]
    for batch in _batches(event, wanted):
        made = list(make(event, wanted, batch))
        sql.let_connection_go()
        yield from made


def _batches(event: Event, wanted: Wanted) -> Iterator[list[Order]]:
    """The orders, a batch at a time: bought ones in the order in which they were bought, all by their reference.

    Both go by an index from the last one of the batch before. Money is looked for at all orders: some came for none.
    """
    start, end = wanted.bounds(event)
    found: Any = Order.objects.filter(event=event)
    if wanted.kind == ExportKind.MONEY or wanted.state == Sold.EVERY:
        dated = found if wanted.kind == ExportKind.MONEY else found.filter(created_at__gte=start, created_at__lt=end)
        yield from _in_turn(dated.order_by("reference"), lambda last: {"reference__gt": last.reference})
        return
    states = {Sold.COMPLETE: [State.COMPLETE], Sold.CANCELLED: [State.CANCELLED]}.get(Sold(wanted.state), State.values)
    bought = found.filter(completed_at__gte=start, completed_at__lt=end, completed_at__isnull=False, state__in=states)
    while batch := list(bought.order_by("completed_at", "id")[:BATCH]):
        yield batch
        last = batch[-1]
        # As two conditions, because Django has no words for (completed_at, id) > (…, …) that an index is read by.
        bought = bought.filter(completed_at__gte=last.completed_at).extra(
            where=["(completed_at, id) > (%s, %s)"], params=[last.completed_at, last.pk]
        )


def _in_turn(found: Any, after: Any) -> Iterator[list[Order]]:
    batch = list(found[:BATCH])
    while batch:
        yield batch
        batch = list(found.filter(**after(batch[-1]))[:BATCH])


def _facts(batch: Sequence[Order]) -> dict[tuple[int, str], int]:
    """What each order has sold and earned, by the rule by which the worker counts it (checkout/sql/numbers.sql)."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [[order.pk for order in batch]])
        return {(order_id, fact): amount for order_id, fact, amount in cursor.fetchall()}


def _orders(event: Event, _: Wanted, batch: Sequence[Order]) -> Iterator[Row]:
    facts = _facts(batch)
    for order in batch:
        sold, voided, gross, refunded, refunding = (
            facts.get((order.pk, fact), 0)
            for fact in ("sold", "voided", "gross_minor", "refunded_minor", "refunding_minor")
        )
        yield (
            order.reference, order.get_state_display(), order.created_at, order.completed_at, order.closed_at,
            order.full_name, order.email, sold - voided, voided, Amount(gross), Amount(refunded),
            Amount(gross - refunded), Amount(refunding), event.currency,
        )  # fmt: skip


def _attendees(event: Event, _: Wanted, batch: Sequence[Order]) -> Iterator[Row]:
    by_order: dict[int, list[Ticket]] = {order.pk: [] for order in batch}
    for ticket in Ticket.objects.filter(order__in=batch).select_related("ticket_type").order_by("order_id", "number"):
        by_order[ticket.order_id].append(ticket)
    for order in batch:
        for ticket in by_order[order.pk]:
            yield (
                order.reference, f"{order.reference}-{ticket.number}", ticket.ticket_type.name, ticket.attendee_name,
                Amount(ticket.price_minor), event.currency, order.completed_at,
                ticket.voided_at or (order.closed_at if order.state == State.CANCELLED else None), order.full_name,
                order.email,
            )  # fmt: skip


def _money(event: Event, wanted: Wanted, batch: Sequence[Order]) -> Iterator[Row]:
    """Payments, and refunds as amounts below zero. What is on its way is in the table, told by its state."""
    start, end = wanted.bounds(event)
    orders = {order.pk: order for order in batch}
    paid = Payment.objects.filter(order__in=batch, state="paid", paid_at__gte=start, paid_at__lt=end)
    refunds = Refund.objects.filter(payment__order__in=batch).select_related("payment")
    moved: list[tuple[int, Row]] = []
    for payment in paid:
        order = orders[payment.order_id]
        moved.append((order.pk, (
            payment.paid_at, "Payment", "Paid", order.reference, order.get_state_display(),
            Amount(payment.amount_minor), payment.currency, payment.provider_reference, "",
        )))  # fmt: skip
    for refund in refunds:
        at, order = refund.done_at or refund.created_at, orders[refund.payment.order_id]
        if start <= at < end:
            moved.append((order.pk, (
                at, "Refund", RefundState(refund.state).label, order.reference, order.get_state_display(),
                Amount(-refund.amount_minor), refund.payment.currency, refund.provider_reference, refund.reason,
            )))  # fmt: skip
    yield from (row for _, row in sorted(moved, key=lambda one: one[0]))


ROWS_OF: Final = {ExportKind.ORDERS: _orders, ExportKind.ATTENDEES: _attendees, ExportKind.MONEY: _money}
