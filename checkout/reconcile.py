"""Holds what the payment provider says against our ledger, and mends what is safe to mend.

The installation's account, and each account of an organiser: every one has books of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from accounts.models import StripeAccount
from checkout import sessions
from checkout.actions import payments
from checkout.models import Payment, PaymentState, Refund, RefundState
from checkout.models.orders import OPEN_STATES
from checkout.providers import provider, provider_at
from checkout.providers.protocol import Provider, ProviderRefused, ProviderUnavailable, Session

CLOCKS_DIFFER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement, and whether it was mended."""

    text: str
    is_mended: bool


@dataclass(frozen=True, slots=True)
class Books:
    """One account at the provider: whose (None: the installation's), and how to ask it."""

    account: StripeAccount | None
    provider: Provider

    @property
    def account_id(self) -> int | None:
        return self.account.pk if self.account else None

    @property
    def ours(self) -> "QuerySet[Payment]":
        """Our payments that are in them. A rehearsal's are at a fake of its own, a test's are play money."""
        real = Payment.objects.filter(order__event__rehearsal_of=None, order__event__is_test=False)
        return real.filter(account=self.account_id)


def reconcile(*, since: datetime, now: datetime) -> list[Finding]:
    """Go through every session that was made since then, account by account. Raises ProviderUnavailable for the
    installation's; an organiser's that does not answer is a finding."""
    findings = _of(Books(None, provider()), since, now)
    for account in _accounts(since):
        try:
            findings += _of(Books(account, provider_at(account)), since, now)
        except (ProviderUnavailable, ProviderRefused) as fault:
            findings.append(Finding(f"account {account.pk} of {account.organiser.slug}: {fault}", is_mended=False))
    return [*findings, *_refunds_refused()]


def _accounts(since: datetime) -> list[StripeAccount]:
    """Those that take payments, or did since then."""
    in_use = Q(retired_at=None) | Q(pk__in=Payment.objects.filter(created_at__gte=since).values("account"))
    return list(StripeAccount.objects.usable().filter(in_use).select_related("organiser").order_by("pk"))


def _of(books: Books, since: datetime, now: datetime) -> list[Finding]:
    sessions = {session.id: session for session in books.provider.sessions_since(since - CLOCKS_DIFFER)}
    known = {payment.session_id: payment for payment in _payments_of(books, sessions)}
    findings = [found for one in sessions.values() for found in _compare(books, one, known.get(one.id), now)]
    return [*findings, *_missing_at_provider(books, sessions, since)]


def _payments_of(books: Books, sessions: dict[str, Session]) -> list[Payment]:
    return list(books.ours.filter(session_id__in=sessions).select_related("order__event"))


def _compare(books: Books, session: Session, payment: Payment | None, now: datetime) -> Iterator[Finding]:
    if payment is None:
        yield from _unsaved(books, session, now)
    elif session.status == "paid" and payment.state != PaymentState.PAID:
        payments.fulfil(session=session, account=books.account_id, by="reconcile", now=now)
        yield Finding(f"{session.id}: paid at the provider, not here (order {payment.order.reference})", is_mended=True)
    elif session.status != "paid" and payment.state == PaymentState.PAID:
        yield Finding(f"{session.id}: paid here, {session.status} at the provider", is_mended=False)
    elif session.status == "open" and payment.order.state not in OPEN_STATES:
        ended = books.provider.expire(session.id)
        payments.fulfil(session=ended, account=books.account_id, by="reconcile", now=now)
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
        payments.fulfil(session=session, account=books.account_id, by="reconcile", now=now)
        yield Finding(f"{session.id}: expired at the provider, open here", is_mended=True)


def _unsaved(books: Books, session: Session, now: datetime) -> Iterator[Finding]:
    """A session whose id we never heard: we died between asking and hearing. Our own number in it leads back.

    While its payment is being opened it is left alone: the buyer's next press, or the end of the hold, hears of it.
    """
    payment = sessions.never_saved(session).filter(account=books.account_id).first()
    if payment is None:
        if not _is_of_others(books, session):
            yield Finding(f"{session.id}: not one of ours", is_mended=False)
        return
    if session.status == "open" and payment.state == PaymentState.OPENING:
        return
    # Nobody has seen its page.
    ended = books.provider.expire(session.id) if session.status == "open" else session
    payments.fulfil(session=ended, account=books.account_id, by="reconcile", now=now)
    yield Finding(f"{session.id}: {session.status} at the provider, its number was never saved here", is_mended=True)


def _is_of_others(books: Books, session: Session) -> bool:
    """An organiser may sell other things with the same account; and one account may have been entered twice."""
    return bool(books.account and session.payment_id is None) or Payment.objects.filter(session_id=session.id).exists()


def _missing_at_provider(books: Books, sessions: dict[str, Session], since: datetime) -> Iterator[Finding]:
    ours = books.ours.filter(created_at__gte=since).exclude(session_id=None).exclude(session_id__in=sessions)
    for payment in ours:
        yield Finding(f"{payment.session_id}: in our books, unknown at the provider", is_mended=False)


def _refunds_refused() -> Iterator[Finding]:
    for refund in Refund.objects.filter(state=RefundState.FAILED):
        yield Finding(f"{refund.key}: refused by the provider: {refund.last_error}", is_mended=False)
