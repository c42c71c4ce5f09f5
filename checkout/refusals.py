"""Why a choice was refused, in words, beside the line it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from checkout.choice import MOST_MINOR, MOST_TICKETS, Choice, Fault
from events import codes
from events.codes import CodeFacts
from events.facts import EventFacts
from events.given import Given
from events.models import TicketType
from kit import money
from kit.moments import moment_text


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One chosen line, as it was typed, to be corrected and sent again."""

    slug: str
    name: str
    quantity: str
    price: str
    kind: str
    max_per_order: int
    message: str

    @property
    def field_id(self) -> str:
        return f"quantity-{self.slug}"

    @property
    def price_field_id(self) -> str:
        return f"price-{self.slug}"


SENTENCES: Final = {
    "unknown": "This ticket is not on sale here.",
    "paused": "The organiser has paused the sale of {name}. Try again later.",
    "repeated": "This ticket was asked for twice. Choose one quantity.",
    "not_yet": "The sale of {name} opens {opens}.",
    "closed": "The sale of {name} has closed.",
    "too_few": "Choose at least {limit} of {name}.",
    "too_many": "Choose at most {limit} of {name} per order.",
    "too_many_in_all": f"One order can hold at most {MOST_TICKETS} tickets.",
    "too_little": "{name} costs at least {least}.",
    "too_much": "One order can cost at most {most}. Offer less for {name}.",
    "not_a_number": "Enter the quantity of {name} as a whole number.",
    "not_money": "Enter the price of {name} as an amount, such as {example}.",
}


def explain(event: EventFacts, chosen: Choice, faults: Sequence[Fault], *, now: datetime) -> dict[str, Any]:
    """What the page of a refused choice shows. One query, whatever was chosen, and one more for a code."""
    code = codes.find(event, chosen.code, now=now) if chosen.code else None
    types = _types(event, {line.slug for line in chosen.asked}, chosen.secret, code)
    messages = {fault.slug: _sentence(fault, types.get(fault.slug), event) for fault in faults if not fault.is_of_code}
    problem_of_code = next((_of_code(fault, chosen.code, event, code) for fault in faults if fault.is_of_code), "")
    lines = [
        RefusedLine(
            slug=line.slug, name=types[line.slug].name if line.slug in types else "Unknown ticket",
            quantity=line.quantity_text, price=line.price_text,
            kind=types[line.slug].kind if line.slug in types else "", message=messages.get(line.slug, ""),
            max_per_order=types[line.slug].max_per_order if line.slug in types else 0,
        )
        for line in chosen.asked
    ]  # fmt: skip
    short = bool(faults) and all(fault.is_shortfall for fault in faults)
    return {
        "event": event,
        "lines": lines,
        "errors": [(_field(fault), problem_of_code if fault.is_of_code else messages[fault.slug]) for fault in faults],
        "problem": _problem(chosen, short),
        "is_short": short,
        "given": Given(secret=chosen.secret, code=code, code_text=chosen.code, problem=problem_of_code),
        "organiser_contact": event.contact_email,
    }


def errors(event: EventFacts, faults: Sequence[Fault], code_text: str) -> list[tuple[str, str]]:
    """The same sentences without fields, for a page that has none."""
    types = {t.slug: t for t in TicketType.objects.filter(event_id=event.id, slug__in=[f.slug for f in faults])}
    return [
        (
            "",
            _of_code(fault, code_text, event, None)
            if fault.is_of_code
            else _sentence(fault, types.get(fault.slug), event),
        )
        for fault in faults
    ]


def _types(event: EventFacts, slugs: set[str], secret: str, code: CodeFacts | None) -> dict[str, TicketType]:
    found = TicketType.objects.filter(event_id=event.id, slug__in=slugs)
    return {t.slug: t for t in found if not t.secret or t.secret_key == secret or (code and code.opens(t))}


def _of_code(fault: Fault, text: str, event: EventFacts, code: CodeFacts | None) -> str:
    return codes.trouble_text(fault.code, text, event, code, fault.limit)


def _problem(chosen: Choice, short: bool) -> str:
    if not chosen.asked:
        return "Choose at least one ticket."
    if short:
        return "Some of what you chose has just been taken by others. Nothing is held yet."
    return "Nothing is held yet. Please check what you chose."


def _field(fault: Fault) -> str:
    if fault.is_of_code:
        return "code-text"
    return f"{'price' if fault.code in {'not_money', 'too_little', 'too_much'} else 'quantity'}-{fault.slug}"


def _sentence(fault: Fault, ticket_type: TicketType | None, event: EventFacts) -> str:
    if ticket_type is None:
        return SENTENCES["unknown"]
    if fault.code == "short":
        return _shortfall(fault, ticket_type)
    opens_at = ticket_type.sale_starts_at
    return SENTENCES[fault.code].format(
        name=ticket_type.name,
        limit=fault.limit,
        opens=moment_text(opens_at.astimezone(event.zone)) if opens_at else "later",
        least=money.amount_text(ticket_type.lowest_minor, event.currency),
        most=money.amount_text(MOST_MINOR, event.currency),
        example=money.input_text(ticket_type.suggested_minor or 1000, event.currency),
    )


def _shortfall(fault: Fault, ticket_type: TicketType) -> str:
    """Held by others is not sold: some may come back, and we say so."""
    if fault.limit:
        return f"Only {fault.limit} of {ticket_type.name} left."
    if ticket_type.availability == "all_held":
        return f"All of {ticket_type.name} are held by other buyers. Some may come back: try again in a few minutes."
    return f"{ticket_type.name} is sold out."
