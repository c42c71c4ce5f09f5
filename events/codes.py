"""CodeFacts: what pages need to know of a discount or access code, and what is wrong with one, in words.

A copy is fresh for a second, in this process alone: whoever invents codes fills nothing that others need, and asks
Postgres for one row by its key, within the pages' share of it. The hold is the judge (checkout/sql/take_hold.sql).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from django.conf import settings

from events.facts import EventFacts
from events.models import Code, CodeUse, Kind, TicketType
from events.models.codes import TEXT_PATTERN
from kit import money
from kit.bulkheads import browsing
from kit.cache import Made, Shelf
from kit.moments import moment_text

TEXT: Final = re.compile(TEXT_PATTERN.removeprefix("^").removesuffix("$"))
LEFT_SAID: Final = 10  # so many uses left, or fewer, are told
OFF, NOT_YET, OVER, SHORT, UNKNOWN = "code_off", "code_not_yet", "code_over", "code_short", "code_unknown"
SENTENCES: Final = {
    UNKNOWN: "We do not know the code {text}. Check how it is spelt, or go on without it.",
    OFF: "The code {text} is no longer valid.",
    NOT_YET: "The code {text} is valid from {starts}.",
    OVER: "The code {text} was valid until {ends}.",
    SHORT: "All uses of the code {text} are taken. Some come back when others do not complete their order.",
    "code_too_few": "The code {text} needs at least {limit} tickets that it works for.",
    "code_few_left": "The code {text} works for {limit} more tickets only. Choose fewer, or go on without it.",
    "code_last": "The code {text} works for one more ticket only. Choose one, or go on without it.",
}


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """One code as pages show it. `only` are the ticket types that it works for, None for all; `left` how many uses are
    left, or None while that is more than is told."""

    id: int
    text: str
    percent: int | None
    amount_minor: int | None
    only: frozenset[int] | None
    reveals_secret: bool
    fewest_tickets: int
    starts_at: datetime | None
    ends_at: datetime | None
    is_on: bool
    left: int | None

    @classmethod
    def of(cls, code: Code, use: CodeUse) -> "CodeFacts":
        left = use.left
        return cls(
            id=code.pk, text=code.text, percent=code.percent, amount_minor=code.amount_minor,
            only=None if code.ticket_type_ids is None else frozenset(code.ticket_type_ids),
            reveals_secret=code.reveals_secret, fewest_tickets=code.fewest_tickets, starts_at=code.starts_at,
            ends_at=code.ends_at, is_on=code.is_on, left=left if left is not None and left <= LEFT_SAID else None,
        )  # fmt: skip

    def trouble(self, at: datetime) -> str:
        """Why it cannot be used now, in the hold's own words, or nothing."""
        if not self.is_on:
            return OFF
        if self.starts_at is not None and at < self.starts_at:
            return NOT_YET
        if self.ends_at is not None and at >= self.ends_at:
            return OVER
        return SHORT if self.left == 0 else ""

    def mark(self, at: datetime) -> str:
        """Names all that a page with it depends on beside the event."""
        return blake2b(f"{self!r}{self.trouble(at)}".encode(), digest_size=6).hexdigest()

    def covers(self, ticket_type: TicketType) -> bool:
        """Whether it works for this type at all."""
        return self.only is None or ticket_type.pk in self.only

    def opens(self, ticket_type: TicketType) -> bool:
        """Whether it shows this secret type."""
        return ticket_type.secret and self.reveals_secret and self.covers(ticket_type)

    def discount_minor(self, ticket_type: TicketType, currency: str) -> int:
        """What comes off one ticket. Nothing of a pay-what-you-want one: its buyer names the price anyway."""
        if ticket_type.kind == Kind.PAY_WHAT_YOU_WANT or not self.covers(ticket_type):
            return 0
        return discount_minor(self.percent, self.amount_minor, ticket_type.price_minor, currency)

    def terms_text(self, currency: str) -> str:
        return terms_text(self.percent, self.amount_minor, currency)


def terms_text(percent: int | None, amount_minor: int | None, currency: str) -> str:
    """15% off, £5.00 off, or nothing for a code that only opens."""
    if percent is not None:
        return f"{percent}% off"
    return f"{money.amount_text(amount_minor, currency)} off" if amount_minor is not None else ""


def discount_minor(percent: int | None, amount_minor: int | None, price_minor: int, currency: str) -> int:
    """What comes off a price: never more than the price, in steps that can be paid, halves rounded up.

    The same sum as events_discount in events/sql/codes.sql, which is what counts; tests hold the two together.
    """
    if percent is None:
        return min(amount_minor or 0, price_minor)
    step = money.step(currency)
    return min((price_minor * percent + 50 * step) // (100 * step) * step, price_minor)


_shelf: Shelf[CodeFacts | None] = Shelf("codes", most=1024)


def find(event: EventFacts, text: str, *, now: datetime) -> CodeFacts | None:
    """The event's code of this text (as models.codes.normal_text has it), usable or not, or None. One query when cold.

    Raises cache.Busy as facts.find.
    """
    if not TEXT.fullmatch(text):
        return None
    return _shelf.get(f"{event.id}:{text}", lambda _old: Made(_read(event.id, text), settings.EVENT_FACTS_SECONDS))


def forget() -> None:
    """Empties this process's copies."""
    _shelf.forget()


@browsing()
def _read(event_id: int, text: str) -> CodeFacts | None:
    use = CodeUse.objects.select_related("code").filter(code__event_id=event_id, code__text=text).first()
    return CodeFacts.of(use.code, use) if use else None


def trouble_text(
    trouble: str, text: str, event: EventFacts, code: CodeFacts | None = None, limit: int | None = None
) -> str:  # fmt: skip
    """A sentence for the buyer. `limit` is what the hold said along."""
    if trouble == SHORT and limit:
        trouble = "code_last" if limit == 1 else "code_few_left"
    if trouble in {NOT_YET, OVER} and code is None:
        trouble = OFF
    starts_at, ends_at = (code.starts_at, code.ends_at) if code else (None, None)
    return SENTENCES[trouble].format(
        text=text, limit=limit, starts=_moment(starts_at, event), ends=_moment(ends_at, event)
    )  # fmt: skip


def _moment(at: datetime | None, event: EventFacts) -> str:
    return moment_text(at.astimezone(event.zone)) if at else ""
