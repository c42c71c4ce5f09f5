"""Taking money for a held order.

Orders are locked before their payments, everywhere. The provider is never called inside a transaction.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest, JSONObject

from accounts.models import StripeAccount
from accounts.models.money import statement_room
from checkout.actions import holds, mail, orders, refunds
from checkout.models import Mail, Order, OrderEvent, Payment, PaymentState, State
from checkout.models.orders import OPEN_STATES
from checkout.providers import provider_of
from checkout.providers.protocol import ProviderBroke, ProviderRefused, ProviderUnavailable, Session, SessionRequest
from checkout.queries import session_lines
from events.models import Event
from kit import sql

log = structlog.stdlib.get_logger("payments")

OPEN_PAYMENTS = (PaymentState.OPENING, PaymentState.OPEN)
# Longer than any hold, so that no page ends before we end it.
LONGEST_SESSION = timedelta(hours=3)
# The account that the organiser has now, read in the statement that locks the order: what a payment needs of it.
NEEDED = ("id", "sealed_key", "sealed_webhook_secret", "statement_prefix")
ACCOUNT_NOW = Subquery(
    StripeAccount.objects.current()
    .filter(organiser=OuterRef("event__organiser"))
    .values(row=JSONObject(**{name: name for name in NEEDED}))
)
NOT_OPENED = "The payment page could not be opened."


class NothingToPay(Exception):
    """The order is free, or has no buyer's name and address yet."""


class AlreadyPaid(Exception):
    """The provider says that this order has been paid."""


def begin(*, order: Order, now: datetime) -> Payment:
    """Open the payment page for an order, or find the one that is open; `session_url` is where the buyer goes.

    The order moves to `paying` and its hold gets its full time once more, since typing a card takes a while.
    Raises orders.NotOpen, NothingToPay, ProviderUnavailable (calling again opens the same page) and ProviderRefused.
    """
    if order.is_free or not order.has_buyer:
        raise NothingToPay
    payment = _prepared(order, now)
    if payment.state == PaymentState.OPENING:
        payment = _open(order, payment)
    if payment.state != PaymentState.OPEN:
        raise ProviderUnavailable("This page was closed, from another window, while it was being opened.")
    return payment


def _prepared(order: Order, now: datetime) -> Payment:
    try:
        return _prepare(order, now)
    except IntegrityError:  # the organiser has changed the account since we looked: the database refuses the old one
        return _prepare(order, now)


@transaction.atomic
def _prepare(order: Order, now: datetime) -> Payment:
    found = Order.objects.select_for_update(of=("self",)).filter(pk=order.pk, state__in=OPEN_STATES)
    locked: Any = found.annotate(account_now=ACCOUNT_NOW).first()
    if locked is None:
        raise orders.NotOpen
    if locked.state == State.HELD:
        expires_at = Greatest("expires_at", now + timedelta(minutes=order.event.hold_minutes))
        Order.objects.filter(pk=order.pk).update(state=State.PAYING, expires_at=expires_at)
        OrderEvent.objects.record("paying", order=order, at=now, by="buyer")
        order.state = State.PAYING
    payments = list(order.payments.select_related("account"))
    for payment in payments:
        if payment.state in OPEN_PAYMENTS:
            return payment
    is_played = order.event.is_test or order.event.is_rehearsal
    return order.payments.create(
        account=StripeAccount(**locked.account_now) if locked.account_now and not is_played else None,
        attempt=len(payments) + 1,
        amount_minor=order.total_minor,
        currency=order.event.currency,
        created_at=now,
    )


def _open(order: Order, payment: Payment) -> Payment:
    request, taker = _request(order, payment), provider_of(payment)
    sql.let_connection_go()  # nothing is held while we speak to the provider
    try:
        session = taker.open(request)
    except (ProviderBroke, ProviderRefused) as fault:
        log.warning("payment page was not opened", payment=payment.pk, fault=str(fault))
        _give_up(payment, str(fault) if isinstance(fault, ProviderRefused) else NOT_OPENED)
        raise
    Payment.objects.filter(pk=payment.pk, state=PaymentState.OPENING).update(
        state=PaymentState.OPEN, session_id=session.id, session_url=session.url
    )
    payment.refresh_from_db()
    return payment


def _give_up(payment: Payment, problem: str) -> None:
    """This attempt cannot succeed any more, and nobody has seen its page: the next press makes a new one."""
    Payment.objects.filter(pk=payment.pk, state=PaymentState.OPENING).update(
        state=PaymentState.EXPIRED, last_error=problem[:300]
    )


def _request(order: Order, payment: Payment) -> SessionRequest:
    here = f"{settings.SITE_URL}{order.get_absolute_url()}"
    return SessionRequest(
        payment_id=payment.pk, order_token=order.token, reference=order.reference, email=order.email,
        currency=payment.currency, lines=session_lines(order), success_url=f"{here}return/",
        cancel_url=here, expires_at=payment.created_at + LONGEST_SESSION, idempotency_key=payment.idempotency_key,
        statement_name=_statement_name(order, payment.account),
    )  # fmt: skip


def _statement_name(order: Order, account: StripeAccount | None) -> str:
    """The organiser's, cut to what a statement of this account can show: Stripe would refuse every order else."""
    room = statement_room(account.statement_prefix if account else "")
    return order.event.organiser.statement_name[:room].strip()


def look(*, order: Order, now: datetime) -> None:
    """Ask the provider how the order's latest payment stands, and act on it. Raises ProviderUnavailable."""
    payment = order.payments.select_related("account").exclude(session_id=None).last()
    if payment is None or payment.session_id is None:
        return
    taker = provider_of(payment)
    sql.let_connection_go()
    session = taker.retrieve(payment.session_id)
    fulfil(session=session, account=payment.account_id, by="system", now=now)
    if session.problem and session.status == "open":
        note_problem(payment_id=payment.pk, account=payment.account_id, problem=session.problem)


def note_problem(*, payment_id: int, problem: str, account: int | None = None) -> None:
    """Keep why the last attempt failed, to tell the buyer. The hold is untouched."""
    ours = Payment.objects.filter(pk=payment_id, account=account, state__in=OPEN_PAYMENTS)
    ours.update(last_error=problem[:300])


@transaction.atomic
def fulfil(*, session: Session, by: str, now: datetime, account: int | None = None) -> None:
    """Act on how a session of this organiser's account (None: of the installation) stands; of no other's payment.

    Called by webhook, return page, sweep and reconcile, in any order and often.

    Paid: the order completes; when it has expired meanwhile its stock is taken again, and when that is gone, or the
    order was cancelled, or already paid, the money goes back and the buyer is told. Expired: the payment is over.
    """
    payment = _locked(session, account)
    if payment is None or session.status == "open":
        return
    order = payment.order
    if payment.state == PaymentState.PAID:
        return
    if session.status == "expired":
        payment.state, payment.session_id = PaymentState.EXPIRED, session.id
        payment.save(update_fields=["state", "session_id"])
        return
    # What the provider took is what counts, should it ever differ from what we asked.
    payment.state, payment.paid_at, payment.last_error = PaymentState.PAID, now, ""
    payment.session_id, payment.provider_reference = session.id, session.payment_reference
    as_asked = (session.amount_minor, session.currency) == (payment.amount_minor, payment.currency)
    payment.amount_minor, payment.currency = session.amount_minor, session.currency
    payment.save()
    OrderEvent.objects.record("paid", order=order, at=now, by=by)
    if as_asked and _complete(order, now):
        return
    gone = "These tickets, or the uses of their code, were gone when the payment arrived."
    _send_back(payment, now, gone if as_asked else "The amount was wrong.")


def is_of(session: Session, event: Event) -> bool:
    """Whether a session is about an order of this event, as `fulfil` will find it."""
    ours = Payment.objects.filter(order__event=event)
    known = Payment.objects.filter(session_id=session.id)
    return (known if known.exists() else never_saved(session)).filter(pk__in=ours).exists()


def never_saved(session: Session) -> QuerySet[Payment]:
    """The payment that a session names as its own, where we never heard of the session: we died before."""
    return Payment.objects.filter(pk=session.payment_id or 0, order__token=session.order_token, session_id=None)


def _locked(session: Session, account: int | None) -> Payment | None:
    """The payment behind a session with its order, both locked; by our own number where its id was never saved."""
    by_id = Payment.objects.filter(session_id=session.id, account=account).values_list("pk", "order_id")
    known = by_id.first() or never_saved(session).filter(account=account).values_list("pk", "order_id").first()
    if known is None:
        log.warning("session is not ours", session=session.id)
        return None
    order = Order.objects.select_for_update().get(pk=known[1])
    payment = Payment.objects.select_for_update().get(pk=known[0])
    payment.order = order
    return payment


def _complete(order: Order, now: datetime) -> bool:
    """Complete a paid order, taking stock and uses of its code again where the hold has lapsed; False if it cannot."""
    was_late = order.state == State.EXPIRED
    if was_late and not _took_again(order, now):
        return False
    if not was_late and order.state not in OPEN_STATES:
        return False
    order.state, order.completed_at = State.COMPLETE, now  # closed_at stays: that it had expired is worth knowing
    order.save(update_fields=["state", "completed_at"])
    OrderEvent.objects.record("completed", order=order, at=now, by="system", note="paid late" if was_late else "")
    mail.owe(Mail.Kind.FOUND_TICKETS if was_late else Mail.Kind.TICKETS, order=order, now=now)
    return True


def _took_again(order: Order, now: datetime) -> bool:
    try:
        with transaction.atomic():
            sql.value("SELECT checkout_take_again(%s::bigint)", (order.pk,))
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) not in holds.NO_ROOM:
            raise
        return False
    return True


def _send_back(payment: Payment, now: datetime, reason: str) -> None:
    key = f"payment-{payment.pk}-in-full"
    refunds.claim(payment=payment, amount_minor=payment.amount_minor, reason=reason, key=key, by="system", now=now)
    mail.owe(Mail.Kind.REFUNDED, order=payment.order, now=now, key=f"refunded-{payment.pk}")


def settle(*, order: Order, to: State, by: str, now: datetime) -> None:
    """End an order in `paying`: close its payment page first, then expire or cancel it.

    Raises AlreadyPaid when the money had come (the order is complete then), ProviderUnavailable (nothing has
    changed; only the provider can say how it ended), orders.NotOpen.
    """
    for payment in order.payments.select_related("account").filter(state__in=OPEN_PAYMENTS):
        session_id = payment.session_id or _ask_again(order, payment)
        if not session_id:
            continue
        taker = provider_of(payment)
        sql.let_connection_go()
        session = taker.expire(session_id)
        fulfil(session=session, account=payment.account_id, by=by, now=now)
        if session.status == "paid":
            raise AlreadyPaid
        if session.status == "open":
            raise ProviderUnavailable(f"{session_id}: the payment is under way and has neither come nor failed yet.")
    _close_unless_opened(order, to, by, now)


@transaction.atomic
def _close_unless_opened(order: Order, to: State, by: str, now: datetime) -> None:
    """Close it, if no payment page was opened for it, from another window, since we looked."""
    Order.objects.select_for_update().get(pk=order.pk)
    if order.payments.filter(state__in=OPEN_PAYMENTS).exists():
        raise ProviderUnavailable("A payment page was opened meanwhile.")
    orders.close(order=order, to=to, by=by, now=now)


def _ask_again(order: Order, payment: Payment) -> str | None:
    """The session of a payment for which we died between asking and hearing: the same key tells. None when it was
    refused or broke: then nobody has seen its page."""
    try:
        return _open(order, payment).session_id
    except (ProviderBroke, ProviderRefused):
        return None


def settle_overdue(*, now: datetime, most: int = 20) -> int:
    """End the paying orders whose time is over; answers how many. Those the provider cannot tell of stay."""
    # In any order: some that the provider will never tell of must not stand before all others.
    overdue = Order.objects.filter(state=State.PAYING).overdue(at=now).select_related("event__organiser").order_by("?")
    return sum(_settled(order, now) for order in overdue[:most])


def _settled(order: Order, now: datetime) -> bool:
    try:
        settle(order=order, to=State.EXPIRED, by="system", now=now)
    except (ProviderUnavailable, ProviderRefused) as fault:
        log.warning("payment not settled yet", order=order.reference, fault=str(fault))
        return False
    except (AlreadyPaid, orders.NotOpen):
        pass
    return True
