"""What an organiser's people do to an order without touching its money: correct it, write about it, mail it again."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.actions import log
from accounts.models import User
from checkout.actions import mail
from checkout.models import Mail, Order, OrderEvent, State, Ticket


class ChangedMeanwhile(Exception):
    """Somebody else has changed it since it was read."""


class NotComplete(Exception):
    """The order has no tickets that could be mailed."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose order it is."""

    full_name: str
    email: str

    def __str__(self) -> str:
        return f"{self.full_name} <{self.email}>"


@transaction.atomic
def change_buyer(*, order: Order, was: Buyer, to: Buyer, by: User, now: datetime) -> None:
    """Correct the buyer's name and address; `was` is what the person saw. Raises ChangedMeanwhile."""
    if was == to:
        return
    same = Order.objects.filter(pk=order.pk, full_name=was.full_name, email=was.email)
    if not same.update(full_name=to.full_name, email=to.email):
        raise ChangedMeanwhile
    order.full_name, order.email = to.full_name, to.email
    _tell(order, "buyer changed", f"buyer {was} is now {to}", by, now)


@transaction.atomic
def change_attendee(*, ticket: Ticket, was: str, to: str, by: User, now: datetime) -> None:
    """Write another name on a live ticket; `was` is the name the person saw. Raises ChangedMeanwhile."""
    if was == to:
        return
    same = Ticket.objects.live().filter(pk=ticket.pk, attendee_name=was)
    if not same.update(attendee_name=to):
        raise ChangedMeanwhile
    before, after = was or "nobody", to or "nobody"
    _tell(ticket.order, "attendee changed", f"ticket {ticket.number}: {before} is now {after}", by, now)


@transaction.atomic
def note(*, order: Order, text: str, by: User, now: datetime) -> None:
    """An internal note, which the buyer never sees."""
    OrderEvent.objects.record("note", order=order, at=now, by=_name(by), note=text)
    _log(order, "order-noted", "a note was written", by, now)


@transaction.atomic
def resend(*, order: Order, to: str, key: str, by: User, now: datetime) -> None:
    """Mail the tickets of a complete order again; another address becomes the order's. The same key mails once.

    Raises NotComplete, ChangedMeanwhile.
    """
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.state != State.COMPLETE:
        raise NotComplete
    if order.mail.filter(key=f"again-{key}").exists():
        return
    change_buyer(order=order, was=buyer_of(order), to=Buyer(order.full_name, to), by=by, now=now)
    mail.owe(Mail.Kind.TICKETS, order=order, now=now, key=f"again-{key}", to=to)
    _tell(order, "sent again", f"tickets sent again to {to}", by, now)


@transaction.atomic
def retry_mail(*, message: Mail, to: str, by: User, now: datetime) -> None:
    """Send a message that failed once more; another address becomes the order's.

    Raises mail.NotFailed, ChangedMeanwhile.
    """
    order = message.order
    mail.retry(message=message, to=to, now=now)
    change_buyer(order=order, was=buyer_of(order), to=Buyer(order.full_name, to), by=by, now=now)
    _tell(order, "sent again", f"a mail that had failed is sent again to {to}", by, now)


@transaction.atomic
def mark_seen(*, order: Order, by: User, now: datetime) -> None:
    """A late payment was sent back by itself, and a person has seen it."""
    if not order.history.filter(kind=SEEN).exists():
        _tell(order, SEEN, "a late payment, sent back, was seen", by, now)


SEEN = "late payment seen"


def buyer_of(order: Order) -> Buyer:
    return Buyer(order.full_name, order.email)


def _name(by: User) -> str:
    return by.get_full_name()[:80]


def _tell(order: Order, kind: str, said: str, by: User, now: datetime) -> None:
    """In the order's history and the organiser's log."""
    OrderEvent.objects.record(kind, order=order, at=now, by=_name(by), note=said[:1000])
    _log(order, "order-changed", said, by, now)


def _log(order: Order, kind: str, said: str, by: User, now: datetime) -> None:
    event = order.event
    log.record(
        organiser=event.organiser, event=event, by=by, kind=kind, said=f"Order {order.reference}: {said}.", now=now
    )
