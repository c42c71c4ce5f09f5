"""Taking tickets back from a complete order, sending money back, or both, as a person asked.

What it keeps so that the books stay provable is said in checkout/models/reversals.py.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.actions import log
from accounts.models import User
from checkout.actions import mail, refunds
from checkout.models import Mail, Order, OrderEvent, Payment, PaymentState, Reversal, State
from kit import money

VOID: Final = "SELECT * FROM checkout_void_tickets(%s::bigint, %s::int[], %s::boolean, %s::timestamptz)"


class NotComplete(Exception):
    """The order was never completed, so there is nothing to take back of it."""


class NothingAsked(Exception):
    """Neither a ticket nor money."""


class TicketsGone(Exception):
    """One of these tickets is void already, or none of this order's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken back. `key` makes two clicks one act; `tickets` are numbers within the order.

    `is_by_hand`: the money was or will be paid back by the organiser in another way, so the provider is not asked.
    """

    key: str
    tickets: Collection[int]
    amount_minor: int
    is_back_on_sale: bool
    is_by_hand: bool = False
    reason: str = ""
    tells_buyer: bool = True


@transaction.atomic
def take_back(*, order: Order, wanted: Wanted, by: User, now: datetime) -> Reversal:
    """`make`, and a line in the organiser's log."""
    Order.objects.select_for_update().get(pk=order.pk)  # so that of two clicks the second sees the first's
    known = Reversal.objects.filter(key=wanted.key).exists()
    made = make(order=order, wanted=wanted, by=by.get_full_name()[:80], now=now)
    if not known:
        said = f"Order {order.reference}: {words(made, order.event.currency)}."
        log.record(
            organiser=order.event.organiser, event=order.event, by=by, kind="order-reversed", said=said, now=now,
            details={"order": order.pk, "tickets": made.ticket_numbers, "amount_minor": made.amount_minor},
        )  # fmt: skip
    return made


@transaction.atomic
def make(*, order: Order, wanted: Wanted, by: str, now: datetime) -> Reversal:
    """Void the tickets, claim the refunds and write the reversal down; the same key makes one.

    When no live ticket is left the order is cancelled. The money is asked of the provider afterwards, by the worker.
    Raises NothingAsked, NotComplete, TicketsGone, refunds.TooMuch; then nothing has changed.
    """
    locked = Order.objects.select_for_update().get(pk=order.pk)  # orders before payments, everywhere
    if found := Reversal.objects.filter(key=wanted.key, order=order).first():
        return found
    if not wanted.tickets and not wanted.amount_minor:
        raise NothingAsked
    if locked.completed_at is None or locked.state not in {State.COMPLETE, State.CANCELLED}:
        raise NotComplete
    tickets_minor = _void(locked, wanted, now)
    made = Reversal.objects.create(
        order=order, key=wanted.key, ticket_numbers=sorted(wanted.tickets), tickets_minor=tickets_minor,
        amount_minor=wanted.amount_minor, is_back_on_sale=wanted.is_back_on_sale, is_by_hand=wanted.is_by_hand,
        reason=wanted.reason, by=by, at=now,
    )  # fmt: skip
    _claim(made, now)
    OrderEvent.objects.record("taken back", order=order, at=now, by=by, note=words(made, order.event.currency))
    if wanted.tickets and not locked.tickets.live().exists():
        Order.objects.filter(pk=order.pk, state=State.COMPLETE).update(state=State.CANCELLED, closed_at=now)
        OrderEvent.objects.record("cancelled", order=order, at=now, by=by, note=wanted.reason)
    if wanted.tells_buyer:
        mail.owe(Mail.Kind.TAKEN_BACK, order=locked, now=now, key=f"taken-back-{made.pk}")
    return made


def _void(order: Order, wanted: Wanted, now: datetime) -> int:
    """Void what was asked for, all of it or nothing; answers what it had cost."""
    numbers = sorted(set(wanted.tickets))
    if not numbers:
        return 0
    if order.state != State.COMPLETE:
        raise TicketsGone
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(VOID, (order.pk, numbers, wanted.is_back_on_sale, now))
        row = cursor.fetchone()
        voided, price_minor = row or ([], 0)
        if list(voided) != numbers:
            raise TicketsGone
    return int(price_minor)


def _claim(made: Reversal, now: datetime) -> None:
    """A refund for each payment that money is taken from, the last one first. Raises refunds.TooMuch."""
    left = made.amount_minor
    for payment in paid(made.order).order_by("-pk"):
        part = min(left, payment.amount_minor - payment.refunded_minor)
        if part:
            refunds.claim_for(reversal=made, payment=payment, amount_minor=part, now=now)
            left -= part
    if left:
        raise refunds.TooMuch


def paid(order: Order) -> QuerySet[Payment]:
    """The order's payments that brought money."""
    return Payment.objects.filter(order=order, state=PaymentState.PAID)


def words(made: Reversal, currency: str) -> str:
    """What was taken back, for the history and the log: numbers of tickets, money, what is kept or given, and why."""
    said = []
    if made.ticket_numbers:
        numbers = ", ".join(map(str, made.ticket_numbers))
        back = "back on sale" if made.is_back_on_sale else "not sold again"
        said.append(f"ticket {numbers} cancelled, {back}")
    if made.amount_minor:
        how = "paid back by hand" if made.is_by_hand else "sent back"
        said.append(f"{money.amount_text(made.amount_minor, currency)} {how}")
    if made.kept_minor > 0:
        said.append(f"{money.amount_text(made.kept_minor, currency)} kept")
    if made.kept_minor < 0:
        said.append(f"{money.amount_text(-made.kept_minor, currency)} of it goodwill")
    return "; ".join(said) + (f" ({made.reason})" if made.reason else "")
