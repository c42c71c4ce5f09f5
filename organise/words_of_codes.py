"""Codes in an organiser's words: what one does, how it stands, how it was used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkout.models import Order
from events.codes import NOT_YET, OFF, OVER, SHORT, CodeFacts
from events.models import Code, Event
from kit import money
from kit.moments import moment_text
from organise.queries.codes import Usage

STANDS = {"": ("Can be used", "good"), OFF: ("Off", "soft"), NOT_YET: ("Not yet", "warn"), OVER: ("Over", "soft"),
          SHORT: ("Used up", "warn")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One code in the list, and at the head of its page."""

    id: int
    text: str
    note: str
    does: str
    stands: str
    look: str
    is_on: bool
    used_text: str
    held: int
    orders: int
    off_text: str


def row(code: Code, usage: Usage, event: Event, *, now: datetime) -> Row:
    found = CodeFacts.of(code, code.use)
    stands, look = STANDS[found.trouble(now)]
    off = found.terms_text(event.currency)
    does = [off] if off else []
    does += ["shows secret tickets"] if code.reveals_secret else []
    return Row(
        id=code.pk, text=code.text, note=code.note, does=", ".join(does), stands=stands, look=look, is_on=code.is_on,
        used_text=f"{code.use.used:,} of {code.use.capacity:,}" if code.use.capacity is not None
        else f"{code.use.used:,}",
        held=usage.held, orders=usage.orders, off_text=money.amount_text(usage.off_minor, event.currency),
    )  # fmt: skip


def terms(code: Code, event: Event) -> list[tuple[str, str]]:
    """What it does, as names and values. One query where it works for some ticket types only."""
    found = CodeFacts.of(code, code.use)
    only = "All"
    if code.ticket_type_ids is not None:
        names = event.ticket_types.filter(pk__in=code.ticket_type_ids).values_list("name", flat=True)
        only = ", ".join(names) or "None that is left"
    said = [
        ("Takes off each ticket", found.terms_text(event.currency).removesuffix(" off") or "Nothing"),
        ("Ticket types", only),
        ("Secret ticket types", "Shown to whoever has it" if code.reveals_secret else "Stay hidden"),
        ("Fewest tickets in an order", str(code.fewest_tickets)),
        ("Valid", _window(code, event)),
    ]
    return [*said, ("Note", code.note)] if code.note else said


def _window(code: Code, event: Event) -> str:
    starts, ends = (at and moment_text(at.astimezone(event.zone)) for at in (code.starts_at, code.ends_at))
    if starts and ends:
        return f"{starts} to {ends}"
    return f"From {starts}" if starts else f"Until {ends}" if ends else "Always"


def order(order: Order, event: Event) -> dict[str, Any]:
    """An order that has it, as its page lists it; annotated as queries.codes.orders_of does."""
    counted: Any = order
    return {
        "reference": order.reference, "state": order.get_state_display(), "name": order.full_name,
        "at": order.created_at.astimezone(event.zone), "uses": counted.uses,
        "off_text": money.amount_text(int(counted.off_minor or 0), event.currency),
        "total_text": money.amount_text(order.total_minor, event.currency),
    }  # fmt: skip
