"""Holds what the payment provider says against our ledger, and mends what is safe to mend."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from checkout.actions import payments
from checkout.models import Payment, PaymentState, Refund, RefundState
from checkout.models.orders import OPEN_STATES
from checkout.providers import provider
from checkout.providers.protocol import Session

CLOCKS_DIFFER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement, and whether it was mended."""

    text: str
    is_mended: bool


def reconcile(*, since: datetime, now: datetime) -> list[Finding]:
    """Go through every session that the provider made since then. Raises ProviderUnavailable."""
    sessions = {session.id: session for session in provider().sessions_since(since - CLOCKS_DIFFER)}
    known = {payment.session_id: payment for payment in _payments_of(sessions)}
    findings = [finding for session in sessions.values() for finding in _compare(session, known.get(session.id), now)]
    return [*findings, *_missing_at_provider(sessions, since), *_refunds_refused()]


def _payments_of(sessions: dict[str, Session]) -> list[Payment]:
    return list(Payment.objects.filter(session_id__in=sessions).select_related("order__event"))


def _compare(session: Session, payment: Payment | None, now: datetime) -> Iterator[Finding]:
    if payment is None:
        yield from _unsaved(session, now)
    elif session.status == "paid" and payment.state != PaymentState.PAID:
        payments.fulfil(session=session, by="reconcile", now=now)
        yield Finding(f"{session.id}: paid at the provider, not here (order {payment.order.reference})", is_mended=True)
    elif session.status != "paid" and payment.state == PaymentState.PAID:
        yield Finding(f"{session.id}: paid here, {session.status} at the provider", is_mended=False)
    elif session.status == "open" and payment.order.state not in OPEN_STATES:
        ended = provider().expire(session.id)
        payments.fulfil(session=ended, by="reconcile", now=now)
        yield Finding(
            f"{session.id}: could still be paid for order {payment.order.reference}, now closed",
            is_mended=True,
        )
    elif session.status == "paid" and (session.amount_minor, session.currency) != (
        payment.amount_minor,
        payment.currency,
    ):
        yield Finding(
            f"{session.id}: the provider took {session.amount_minor} {session.currency}, "
            f"our books say {payment.amount_minor} {payment.currency}",
            is_mended=False,
        )
    elif session.status == "expired" and payment.state == PaymentState.OPEN:
        payments.fulfil(session=session, by="reconcile", now=now)
        yield Finding(f"{session.id}: expired at the provider, open here", is_mended=True)


def _unsaved(session: Session, now: datetime) -> Iterator[Finding]:
    """A session whose id we never heard: we died between asking and hearing. Our own number in it leads back.

    While its payment is being opened it is left alone: the buyer's next press, or the end of the hold, hears of it.
    """
    payment = payments.never_saved(session).first()
    if payment is None:
        yield Finding(f"{session.id}: not one of ours", is_mended=False)
        return
    if session.status == "open" and payment.state == PaymentState.OPENING:
        return
    ended = provider().expire(session.id) if session.status == "open" else session  # nobody has seen its page
    payments.fulfil(session=ended, by="reconcile", now=now)
    yield Finding(f"{session.id}: {session.status} at the provider, its number was never saved here", is_mended=True)


def _missing_at_provider(sessions: dict[str, Session], since: datetime) -> Iterator[Finding]:
    real = Payment.objects.filter(order__event__rehearsal_of=None)  # a rehearsal's are at a fake of its own
    ours = real.filter(created_at__gte=since).exclude(session_id=None).exclude(session_id__in=sessions)
    for payment in ours:
        yield Finding(f"{payment.session_id}: in our books, unknown at the provider", is_mended=False)


def _refunds_refused() -> Iterator[Finding]:
    for refund in Refund.objects.filter(state=RefundState.FAILED):
        yield Finding(f"{refund.key}: refused by the provider: {refund.last_error}", is_mended=False)
