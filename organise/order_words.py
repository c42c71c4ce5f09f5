"""Orders, their money, mail and history, in an organiser's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from checkout.models import Mail, Order, OrderEvent, Payment, PaymentState, Refund, RefundState, State
from kit import money
from kit.moments import moment_text

# By state: what it is called, and its look.
STATES: Final[Mapping[str, tuple[str, str]]] = {
    State.HELD: ("Held", "soft"),
    State.PAYING: ("Paying", "warn"),
    State.COMPLETE: ("Complete", "good"),
    State.EXPIRED: ("Expired", "soft"),
    State.CANCELLED: ("Cancelled", "bad"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "held": "Chose tickets, which were held",
    "renewed": "Started the hold's time again",
    "paying": "Went to the payment page",
    "paid": "The payment arrived",
    "completed": "The order is complete",
    "expired": "The hold ran out",
    "cancelled": "The order was cancelled",
    "e-mail changed": "The e-mail address was changed",
    "refund claimed": "A payment is sent back",
    "refunded": "The payment provider took the refund",
    "refund asked again": "A refused refund was asked for again",
    "refund by hand": "A refused refund was paid back by hand",
    "taken back": "Tickets or money were taken back",
    "buyer changed": "The buyer was corrected",
    "attendee changed": "An attendee was corrected",
    "sent again": "Mail was sent again",
    "given": "The order was given away",
    "note": "Note",
    "late payment seen": "The late payment was seen",
}
WHO: Final[Mapping[str, str]] = {
    "buyer": "the buyer",
    "system": "by itself",
    "webhook": "the payment provider",
    "reconcile": "the comparison with the provider",
    "staff": "Tito's staff",
}
PAYMENTS: Final[Mapping[str, tuple[str, str]]] = {
    PaymentState.OPENING: ("Being opened", "soft"),
    PaymentState.OPEN: ("Waiting for the buyer", "warn"),
    PaymentState.PAID: ("Paid", "good"),
    PaymentState.EXPIRED: ("Never paid", "soft"),
}
REFUNDS: Final[Mapping[str, tuple[str, str]]] = {
    RefundState.PENDING: ("Waiting for the provider", "warn"),
    RefundState.DONE: ("Sent back", "good"),
    RefundState.FAILED: ("Refused by the provider", "bad"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A state: its word, its look, and what more there is to say."""

    word: str
    look: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of history. `is_note` when a person wrote it."""

    at_text: str
    what: str
    who: str
    more: str
    is_note: bool


def state(order: Order) -> Said:
    return Said(*STATES[order.state])


def payment(one: Payment) -> Said:
    return Said(*PAYMENTS[one.state], one.last_error if one.state != PaymentState.PAID else "")


def refund(one: Refund) -> Said:
    """A refund that waits says how often it was tried; one that was refused says why."""
    if one.is_by_hand:
        return Said("Paid back by hand", "good")
    if one.state == RefundState.PENDING and one.attempts:
        return Said(*REFUNDS[one.state], f"tried {one.attempts} times: {one.last_error}")
    return Said(*REFUNDS[one.state], one.last_error if one.state == RefundState.FAILED else "")


def mail(one: Mail) -> Said:
    if one.bounced_at:
        return Said("Bounced", "bad", one.last_error)
    if one.failed_at:
        return Said("Failed", "bad", one.last_error)
    if one.sent_at:
        return Said("Sent", "good")
    if one.held_back_at:
        return Said("Kept back", "soft", "a rehearsal's")
    return Said("Waiting", "warn", one.last_error)


def happened(one: OrderEvent, *, zone: ZoneInfo) -> Happening:
    """A line of history in plain words; what is unknown here is said as it was written."""
    what = HAPPENED.get(one.kind, one.kind.capitalize())
    return Happening(moment(one.at, zone), what, WHO.get(one.by, one.by), one.note, is_note=one.kind == "note")


def moment(at: datetime, zone: ZoneInfo) -> str:
    return moment_text(at.astimezone(zone))


def amount(minor: int, currency: str) -> str:
    return money.amount_text(minor, currency)
