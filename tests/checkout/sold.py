"""Makes orders that were paid, without a payment provider; and people of their organiser who look after them."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from checkout.actions import mail
from checkout.actions.orders import Details
from checkout.models import Mail, Order, Payment, PaymentState, State
from events.models import Event
from tests.buyers import ADA, NOON, make_held_order
from tests.makers import make_user


def make_paid_order(event: Event | None = None, *, quantity: int = 2, details: Details = ADA, **over: Any) -> Order:
    """A complete order at 10.00 a ticket, whose payment came as the provider's do."""
    return complete_paid(make_held_order(event, quantity=quantity, **over), details)


def complete_paid(order: Order, details: Details = ADA) -> Order:
    """This held order, paid and complete."""
    order.payments.create(
        state=PaymentState.PAID, attempt=1, session_id=f"cs_sold_{order.pk}", provider_reference=f"pi_sold_{order.pk}",
        amount_minor=order.total_minor, currency=order.event.currency, created_at=NOON, paid_at=NOON,
    )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(
        state=State.COMPLETE, completed_at=NOON, full_name=details.full_name, email=details.email
    )
    order = Order.objects.select_related("event__organiser").get(pk=order.pk)
    mail.owe(Mail.Kind.TICKETS, order=order, now=NOON)
    return order


def make_colleague(name: str = "Grace Hopper") -> User:
    return make_user(full_name=name)


def money_of(order: Order) -> tuple[int, int]:
    """What was paid and what of it goes or went back."""
    payments: Sequence[Payment] = list(order.payments.filter(state=PaymentState.PAID))
    return sum(one.amount_minor for one in payments), sum(one.refunded_minor for one in payments)


def live_of(order: Order) -> list[int]:
    """The numbers of the tickets that admit somebody."""
    return list(order.tickets.live().values_list("number", flat=True))


def said_of(order: Order) -> list[str]:
    """The notes of its history that are not empty."""
    return [note for note in order.history.values_list("note", flat=True) if note]
