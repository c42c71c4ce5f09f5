"""What a buyer asks for: read from the event page's form, judged by checkout/sql/take_hold.sql."""

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from django.http import QueryDict

from events.models.codes import normal_text
from kit import money

MOST_TICKETS: Final = 500
MOST_DIGITS: Final = 6
MOST_MINOR: Final = 99_999_999  # in one payment: eight digits, in any currency. Source: Stripe, "Maximum charge amount"
SLUG: Final = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one line cannot be had. `limit` is the bound broken, or what is left when `code` is short.

    What is wrong with a discount code has no slug, and a `code` that begins with code_.
    """

    slug: str
    code: str
    limit: int | None = None

    @property
    def is_of_code(self) -> bool:
        return self.code.startswith("code_")

    @property
    def is_shortfall(self) -> bool:
        """Whether it was there a moment ago, and others have it now."""
        return self.code in {"short", "code_short"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One line as it was typed, so that it can be shown again."""

    slug: str
    quantity_text: str
    price_text: str


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one ticket type; `amount_minor` is what the buyer offers for each, where they may choose."""

    slug: str
    quantity: int
    amount_minor: int | None

    @property
    def offered_minor(self) -> int:
        return self.quantity * (self.amount_minor or 0)


@dataclass(frozen=True, slots=True)
class Choice:
    """All that one press of the button asks for."""

    asked: list[Asked]
    lines: list[Line]
    faults: list[Fault]
    secret: str
    code: str
    key: uuid.UUID = field(repr=False)

    @property
    def ticket_count(self) -> int:
        return sum(line.quantity for line in self.lines)


def read(form: QueryDict, currency: str) -> Choice:
    """Fields `quantity-<slug>`, `price-<slug>`, `secret`, `code` and `key`; lines of none are left out."""
    asked = list(_asked(form))
    lines, faults = [], []
    for line in asked:
        try:
            lines.append(_line(line, currency))
        except _Unreadable as fault:
            faults.append(Fault(line.slug, fault.code))
        else:
            if lines[-1].offered_minor and sum(line.offered_minor for line in lines) > MOST_MINOR:
                faults.append(Fault(line.slug, "too_much", MOST_MINOR))
    if len(form.getlist("secret")) > 1 or any(len(form.getlist(f"quantity-{line.slug}")) > 1 for line in asked):
        faults.extend(Fault(line.slug, "repeated") for line in asked if len(form.getlist(f"quantity-{line.slug}")) > 1)
    secret = form.get("secret", "")[:40].replace("\x00", "")
    code = read_code(form)
    return Choice(asked, lines, faults, secret, code, _key(form.get("key", ""), lines, f"{secret} {code}"))


def read_code(form: QueryDict) -> str:
    """The code that was typed or came with the page, as it would be stored, or nothing."""
    return normal_text(form.get("code", "").replace("\x00", ""))


class _Unreadable(Exception):
    def __init__(self, code: str) -> None:
        self.code = code


def _asked(form: QueryDict) -> Iterator[Asked]:
    for name in form:
        if not name.startswith("quantity-"):
            continue
        slug = name.removeprefix("quantity-").replace("\x00", "")[:80]
        quantities = [text.strip()[:20] for text in form.getlist(name)]
        quantity = next((text for text in quantities if text.lstrip("0")), "")
        if quantity:
            yield Asked(slug, quantity, (form.get(f"price-{slug}") or "").strip()[:20])


def _line(asked: Asked, currency: str) -> Line:
    if not SLUG.match(asked.slug):
        raise _Unreadable("unknown")
    if not re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", asked.quantity_text):
        raise _Unreadable("too_many_in_all" if asked.quantity_text.isdecimal() else "not_a_number")
    if not asked.price_text:
        return Line(asked.slug, int(asked.quantity_text), None)
    try:
        amount_minor = money.read(asked.price_text, currency)
    except money.TooMuch:
        raise _Unreadable("too_much") from None
    except money.NotMoney:
        raise _Unreadable("not_money") from None
    return Line(asked.slug, int(asked.quantity_text), amount_minor)


def _key(given: str, lines: Iterable[Line], opens: str) -> uuid.UUID:
    """The same click sent twice has the same key; another choice under the same page's key has another."""
    try:
        base = uuid.UUID(given)
    except ValueError:
        return uuid.uuid4()
    return uuid.uuid5(base, repr((sorted(lines, key=lambda line: line.slug), opens)))
