"""What becomes of an order once it is held. Each step is an update conditional on the state it leaves,
so of two racers one wins, and each writes one line of history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from checkout.actions import answers, mail
from checkout.models import Mail, Order, OrderEvent, State, Ticket
from checkout.models.orders import OPEN_STATES
from checkout.question_form import Given
from kit import sql

GIVE_BACK: Final = "SELECT checkout_give_back(%s::bigint[])"
RETIRE: Final = "SELECT checkout_retire(%s::bigint[])"


class NotOpen(Exception):
    """The order is no longer held or being paid: it was completed, cancelled or has expired."""


class NotFree(Exception):
    """This order has to be paid first."""


@dataclass(frozen=True, slots=True)
class Details:
    """Who buys. `attendees` maps a ticket's number in the order to a name; numbers left out keep theirs. `answered`
    are the answers to the organiser's questions that differ from what is kept, and when they were given."""

    full_name: str
    email: str
    attendees: Mapping[int, str] = field(default_factory=dict)
    answered: tuple[Sequence[Given], datetime] | None = None


@transaction.atomic
def record_details(*, order: Order, details: Details) -> None:
    """Keep what the buyer typed, also when the hold has just expired: trying again brings it back. Raises NotOpen."""
    buyer = {"full_name": details.full_name, "email": details.email}
    if not Order.objects.filter(pk=order.pk, state__in=(*OPEN_STATES, State.EXPIRED)).update(**buyer):
        raise NotOpen
    _name_attendees(order, details.attendees)
    _keep_answers(order, details)
    order.full_name, order.email = details.full_name, details.email


@transaction.atomic
def change_email(*, order: Order, email: str, now: datetime) -> None:
    """Send what concerns a complete order to another address from now on, and its tickets at once.

    Raises NotOpen when it is not complete, and mail.TooOften.
    """
    changed = Order.objects.filter(pk=order.pk, state=State.COMPLETE).update(email=email)
    if not changed:
        raise NotOpen
    if email != order.email:
        OrderEvent.objects.record("e-mail changed", order=order, at=now, by="buyer")
        order.email = email
    mail.owe_again(order=order, now=now)


@transaction.atomic
def complete_free(*, order: Order, details: Details, now: datetime) -> None:
    """Complete an order that costs nothing: two presses make one. Raises NotOpen or NotFree."""
    if not order.is_free:
        raise NotFree
    moved = Order.objects.filter(pk=order.pk, state=State.HELD).update(
        state=State.COMPLETE, completed_at=now, full_name=details.full_name, email=details.email
    )
    if not moved:
        raise NotOpen
    order.state, order.email = State.COMPLETE, details.email
    _name_attendees(order, details.attendees)
    _keep_answers(order, details)
    OrderEvent.objects.record("completed", order=order, at=now, by="buyer")
    mail.owe(Mail.Kind.TICKETS, order=order, now=now)


def _keep_answers(order: Order, details: Details) -> None:
    if details.answered:
        given, at = details.answered
        answers.record(order=order, given=given, now=at)


def _name_attendees(order: Order, attendees: Mapping[int, str]) -> None:
    for number, name in attendees.items():
        Ticket.objects.filter(order=order, number=number).update(attendee_name=name)


@transaction.atomic
def close(*, order: Order, to: State, by: str, now: datetime, note: str = "") -> None:
    """Expire or cancel an open order and give its stock back. Raises NotOpen; of two racers one wins.

    For an order in `paying` the caller has heard from the payment provider that no money can come any more.
    """
    if not Order.objects.filter(pk=order.pk, state__in=OPEN_STATES).update(state=to, closed_at=now):
        raise NotOpen
    order.state = to
    OrderEvent.objects.record(to, order=order, at=now, by=by, note=note)
    sql.value(GIVE_BACK, ([order.pk],))


@transaction.atomic
def void(*, order: Order, by: str, now: datetime, back_on_sale: bool, note: str = "") -> None:
    """Cancel a complete order: its tickets no longer admit. Raises NotOpen when it is not complete.

    Its units go back on sale, or leave the quotas for good (capacity shrinks with what was taken).
    Money is the caller's business: see refunds.claim.
    """
    if not Order.objects.filter(pk=order.pk, state=State.COMPLETE).update(state=State.CANCELLED, closed_at=now):
        raise NotOpen
    order.state = State.CANCELLED
    OrderEvent.objects.record("cancelled", order=order, at=now, by=by, note=note)
    sql.value(GIVE_BACK if back_on_sale else RETIRE, ([order.pk],))
    order.tickets.live().update(voided_at=now)
    mail.owe(Mail.Kind.CANCELLED, order=order, now=now)
