"""Sending money back. The claim is written first, so neither a crash nor a second click can lose or double it."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F

from accounts.actions import log as audit
from accounts.models import User
from checkout.models import Order, OrderEvent, Payment, PaymentState, Refund, RefundState, Reversal
from checkout.providers import provider_of
from checkout.providers.protocol import ProviderRefused, ProviderUnavailable
from kit import money, sql

log = structlog.stdlib.get_logger("refunds")

BATCH: Final = 20
CLAIM_SECONDS: Final = 120


class TooMuch(Exception):
    """More than what is left of the payment."""


class NotFailed(Exception):
    """The provider has not refused this refund, or somebody has dealt with it meanwhile."""


@transaction.atomic
def claim(*, payment: Payment, amount_minor: int, reason: str, key: str, by: str, now: datetime) -> Refund:
    """Write down that this much goes back; the same `key` claims once. Raises TooMuch."""
    if found := Refund.objects.filter(key=key).first():
        return found
    _take_room(payment, amount_minor)
    OrderEvent.objects.record("refund claimed", order=payment.order, at=now, by=by, note=reason)
    return Refund.objects.create(
        payment=payment,
        amount_minor=amount_minor,
        reason=reason,
        key=key,
        created_at=now,
        next_attempt_at=now,
    )


def claim_for(*, reversal: Reversal, payment: Payment, amount_minor: int, now: datetime) -> None:
    """A reversal's part that goes back of one payment, in its transaction, which holds the order. Raises TooMuch."""
    _take_room(payment, amount_minor)
    by_hand = {"state": RefundState.DONE, "done_at": now} if reversal.is_by_hand else {}
    Refund.objects.create(
        payment=payment, reversal=reversal, amount_minor=amount_minor, reason=reversal.reason,
        key=f"reversal-{reversal.pk}-payment-{payment.pk}", is_by_hand=reversal.is_by_hand,
        created_at=now, next_attempt_at=now, **by_hand,
    )  # fmt: skip


def _take_room(payment: Payment, amount_minor: int) -> None:
    """One guarded update, so that refunds together are never more than the payment."""
    room = Payment.objects.filter(
        pk=payment.pk, state=PaymentState.PAID, refunded_minor__lte=F("amount_minor") - amount_minor
    )
    if not room.update(refunded_minor=F("refunded_minor") + amount_minor):
        raise TooMuch


@transaction.atomic
def ask_again(*, refund: Refund, by: User, now: datetime) -> None:
    """Have the worker ask the provider once more; it looks first whether an earlier attempt got through.

    Raises NotFailed.
    """
    failed = Refund.objects.filter(pk=refund.pk, state=RefundState.FAILED)
    if not failed.update(state=RefundState.PENDING, attempts=F("attempts") + 1, next_attempt_at=now):
        raise NotFailed
    _tell(refund, "refund asked again", "asked of the provider again", by, now)


@transaction.atomic
def paid_by_hand(*, refund: Refund, by: User, now: datetime) -> None:
    """Note that the organiser has paid this refused refund back in another way. Raises NotFailed."""
    failed = Refund.objects.filter(pk=refund.pk, state=RefundState.FAILED)
    if not failed.update(state=RefundState.DONE, is_by_hand=True, provider_reference="", done_at=now):
        raise NotFailed
    _tell(refund, "refund by hand", "paid back by hand", by, now)


def _tell(refund: Refund, kind: str, what: str, by: User, now: datetime) -> None:
    """In the order's history and the organiser's log."""
    order: Order = refund.payment.order
    amount = money.amount_text(refund.amount_minor, refund.payment.currency)
    OrderEvent.objects.record(kind, order=order, at=now, by=by.get_full_name()[:80], note=amount)
    said = f"Order {order.reference}: the refund of {amount} was {what}."
    event = order.event
    audit.record(organiser=event.organiser, event=event, by=by, kind="refund-mended", said=said, now=now)


def drain(*, now: datetime) -> int:
    """Ask the provider for every refund that is due; answers how many it took."""
    with transaction.atomic():
        due = list(
            Refund.objects.filter(state=RefundState.PENDING, next_attempt_at__lte=now)
            .order_by("next_attempt_at")
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("payment__order__event", "payment__account")[:BATCH]
        )
        Refund.objects.filter(pk__in=[refund.pk for refund in due]).update(
            next_attempt_at=now + timedelta(seconds=CLAIM_SECONDS)
        )
    return sum(_send(refund, now) for refund in due)


def _send(refund: Refund, now: datetime) -> bool:
    try:
        taker = provider_of(refund.payment)
        sql.let_connection_go()  # nothing is held while we speak to the provider
        reference = taker.refund(
            refund.payment.provider_reference, refund.amount_minor, refund.payment.currency,
            key=refund.key, attempt=refund.attempts,
        )  # fmt: skip
    except ProviderUnavailable as fault:
        _put_off(refund, now, str(fault))
        return False
    except ProviderRefused as fault:
        log.warning("refund refused, a person must look", refund=refund.key, fault=str(fault))
        Refund.objects.filter(pk=refund.pk).update(state=RefundState.FAILED, last_error=str(fault)[:300])
        return False
    with transaction.atomic():
        pending = Refund.objects.filter(pk=refund.pk, state=RefundState.PENDING)
        if pending.update(state=RefundState.DONE, provider_reference=reference, done_at=now):
            OrderEvent.objects.record("refunded", order=refund.payment.order, at=now, by="system", note=refund.reason)
    return True


def _put_off(refund: Refund, now: datetime, fault: str) -> None:
    attempts = refund.attempts + 1
    log.warning("refund not sent yet", refund=refund.key, attempts=attempts, fault=fault)
    Refund.objects.filter(pk=refund.pk).update(
        attempts=attempts,
        last_error=fault[:300],
        next_attempt_at=now + timedelta(seconds=min(3600, 5 * 2**attempts)),
    )
