"""Which of our payments a session at the provider is about: said by its id, or by what we sent when it was opened."""

import structlog
from django.db.models import QuerySet

from checkout.models import Order, Payment
from checkout.providers.protocol import Session
from events.models import Event

log = structlog.stdlib.get_logger("payments")


def is_of(session: Session, event: Event) -> bool:
    """Whether a session is about an order of this event, as `fulfil` will find it."""
    ours = Payment.objects.filter(order__event=event)
    known = Payment.objects.filter(session_id=session.id)
    return (known if known.exists() else never_saved(session)).filter(pk__in=ours).exists()


def never_saved(session: Session) -> QuerySet[Payment]:
    """The payment that a session names as its own, where we never heard of the session: we died before."""
    return Payment.objects.filter(pk=session.payment_id or 0, order__token=session.order_token, session_id=None)


def locked(session: Session, account: int | None) -> Payment | None:
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
