"""What an organiser does with codes. Each act writes the log; the uses themselves move only with orders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from accounts.actions import log
from events.codes import terms_text
from events.models import Code, CodeUse, Event, TicketType
from kit.moments import moment_text
from kit.tokens import typed_letters

MOST_AT_ONCE: Final = 10_000
RANDOM_LETTERS: Final = 10  # of thirty each: with ten thousand made, one guess in 59 thousand million finds one
TRIES: Final = 5
CONSTRAINT_ONCE, CONSTRAINT_IN_USE = "code_once_per_event", "code_in_use"
# One statement, however many: a code with its uses for each text that is not there yet.
ADD: Final = """
    WITH asked AS (
        SELECT * FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::boolean[], %s::int[],
                             %s::timestamptz[], %s::timestamptz[], %s::boolean[], %s::text[], %s::int[])
            AS asked (text, percent, amount_minor, only_ids, reveals_secret, fewest_tickets, starts_at, ends_at, is_on,
                      note, capacity)
    ), made AS (
        INSERT INTO events_code (event_id, text, percent, amount_minor, ticket_type_ids, reveals_secret, fewest_tickets,
                                 starts_at, ends_at, is_on, note, created_at)
        SELECT %s, text, percent, amount_minor, only_ids::bigint[], reveals_secret, fewest_tickets, starts_at, ends_at,
               is_on, note, %s FROM asked
        ON CONFLICT (event_id, text) DO NOTHING
        RETURNING id, text
    )
    INSERT INTO events_codeuse (code_id, capacity, used)
    SELECT made.id, asked.capacity, 0 FROM made JOIN asked USING (text)
"""


class TextTaken(Exception):
    """The event has a code with this text already."""


class InUse(Exception):
    """An order has it, or once had: it can only be switched off."""


class FewerThanUsed(Exception):
    """More uses are taken than it shall have. `used` is how many."""

    def __init__(self, used: int) -> None:
        super().__init__(used)
        self.used = used


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an organiser says of a code. A `capacity` of None is no limit, `ticket_type_ids` of None all types."""

    text: str
    percent: int | None = None
    amount_minor: int | None = None
    ticket_type_ids: tuple[int, ...] | None = None
    reveals_secret: bool = False
    fewest_tickets: int = 1
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    note: str = ""
    capacity: int | None = None
    is_on: bool = True

    @classmethod
    def of(cls, code: Code, use: CodeUse) -> "Terms":
        own = {name: getattr(code, name) for name in OWN}
        only = None if code.ticket_type_ids is None else tuple(code.ticket_type_ids)
        return cls(**own, ticket_type_ids=only, capacity=use.capacity)


OWN: Final = {one.name for one in fields(Terms)} - {"capacity", "ticket_type_ids"}  # fields of Code, as they are there


@transaction.atomic
def make(*, event: Event, terms: Terms, by: Any, now: datetime) -> Code:
    """Raises TextTaken."""
    if not _add(event, [terms], now):
        raise TextTaken
    said = f"Made the code {terms.text}: {_said_of(terms, event)}."
    log.record(organiser=event.organiser, event=event, by=by, kind="code-made", said=said, now=now)
    return Code.objects.get(event=event, text=terms.text)


@transaction.atomic
def make_many(*, event: Event, terms: Terms, prefix: str, count: int, by: Any, now: datetime) -> list[str]:
    """So many codes on the same terms, each `prefix` and letters that nobody guesses; answers their texts."""
    texts: list[str] = []
    for _ in range(TRIES):
        more = _unguessable(prefix, count - len(texts))
        _add(event, [replace(terms, text=text) for text in more], now)
        texts += Code.objects.filter(event=event, text__in=more, created_at=now).values_list("text", flat=True)
        if len(texts) == count:
            break
    said = f"Made {len(texts)} codes that begin with {prefix}: {_said_of(terms, event)} each."
    log.record(organiser=event.organiser, event=event, by=by, kind="codes-made", said=said, now=now)
    return texts


@transaction.atomic
def add(*, event: Event, wanted: Sequence[Terms], by: Any, now: datetime) -> int:
    """Make those of these codes that the event has not got yet, in one statement; answers how many."""
    made = _add(event, wanted, now)
    said = f"Imported {made} codes; {len(wanted) - made} were there already."
    log.record(organiser=event.organiser, event=event, by=by, kind="codes-imported", said=said, now=now)
    return made


@transaction.atomic
def change(*, code: Code, terms: Terms, by: Any, now: datetime) -> None:
    """Orders that have it keep their prices. Raises TextTaken, and FewerThanUsed when more uses are taken by now."""
    use = CodeUse.objects.select_for_update().get(code=code)
    if terms.capacity is not None and terms.capacity < use.used:
        raise FewerThanUsed(use.used)
    before, after = _words(Terms.of(code, use), code.event), _words(terms, code.event)
    _save(code, terms)
    CodeUse.objects.filter(code=code).update(capacity=terms.capacity)
    changes = [f"{before[name]} → {after[name]}" for name in before if before[name] != after[name]]
    if changes:
        said = f"Changed the code {before['text']}: {'; '.join(changes)}."
        log.record(organiser=code.event.organiser, event=code.event, by=by, kind="code-changed", said=said, now=now)


@transaction.atomic
def switch(*, code: Code, is_on: bool, by: Any, now: datetime) -> None:
    """Have it work or not from now on; nothing happens when it is so already."""
    if not Code.objects.filter(pk=code.pk).exclude(is_on=is_on).update(is_on=is_on):
        return
    said = f"Switched the code {code.text} {'on' if is_on else 'off'}."
    log.record(organiser=code.event.organiser, event=code.event, by=by, kind="code-switched", said=said, now=now)


@transaction.atomic
def delete(*, code: Code, by: Any, now: datetime) -> None:
    """Raises InUse."""
    try:
        with transaction.atomic():
            CodeUse.objects.filter(code=code).delete()
            Code.objects.filter(pk=code.pk).delete()
    except ProtectedError:
        raise InUse from None
    except IntegrityError as error:
        if CONSTRAINT_IN_USE not in _constraint(error):
            raise
        raise InUse from None
    said = f"Deleted the code {code.text}, which nobody had used."
    log.record(organiser=code.event.organiser, event=code.event, by=by, kind="code-deleted", said=said, now=now)


def _add(event: Event, wanted: Sequence[Terms], now: datetime) -> int:
    columns = (
        [one.text for one in wanted], [one.percent for one in wanted], [one.amount_minor for one in wanted],
        [_array_text(one.ticket_type_ids) for one in wanted], [one.reveals_secret for one in wanted],
        [one.fewest_tickets for one in wanted], [one.starts_at for one in wanted], [one.ends_at for one in wanted],
        [one.is_on for one in wanted], [one.note for one in wanted], [one.capacity for one in wanted],
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(ADD, (*columns, event.pk, now))
        return int(cursor.rowcount)


def _save(code: Code, terms: Terms) -> None:
    for one in fields(terms):
        if one.name in OWN:
            setattr(code, one.name, getattr(terms, one.name))
    code.ticket_type_ids = None if terms.ticket_type_ids is None else list(terms.ticket_type_ids)
    try:
        with transaction.atomic():
            code.save()
    except IntegrityError as error:
        if CONSTRAINT_ONCE not in _constraint(error):
            raise
        raise TextTaken from None


def _constraint(error: IntegrityError) -> str:
    cause: Any = error.__cause__
    return str(cause.diag.constraint_name)


def _words(terms: Terms, event: Event) -> dict[str, str]:
    """The terms as the log tells of them, each in a few words."""
    names = TicketType.objects.filter(event=event, pk__in=terms.ticket_type_ids or ()).values_list("name", flat=True)
    return {
        "text": terms.text,
        "off": terms_text(terms.percent, terms.amount_minor, event.currency) or "nothing off",
        "uses": "any number of uses"
        if terms.capacity is None
        else f"{terms.capacity} use{'s' * (terms.capacity != 1)}",
        "only": "all ticket types" if terms.ticket_type_ids is None else f"only {', '.join(names) or 'none'}",
        "shows": "shows secret ticket types" if terms.reveals_secret else "shows no secret ticket types",
        "fewest": f"from {terms.fewest_tickets} ticket{'s' * (terms.fewest_tickets != 1)} on",
        "starts": f"valid from {moment_text(terms.starts_at.astimezone(event.zone))}"
        if terms.starts_at
        else "no start",
        "ends": f"valid until {moment_text(terms.ends_at.astimezone(event.zone))}" if terms.ends_at else "no end",
        "on": "on" if terms.is_on else "off",
        "note": f"note “{terms.note}”" if terms.note else "no note",
    }


def _said_of(terms: Terms, event: Event) -> str:
    """What of the terms is worth a line: the text itself, and what is as usual, are left out."""
    usual = _words(Terms(text=terms.text, percent=terms.percent, amount_minor=terms.amount_minor), event)
    said = _words(terms, event)
    return ", ".join(said[name] for name in said if name in {"off", "uses", "only"} or said[name] != usual[name])


def _array_text(ids: Collection[int] | None) -> str | None:
    """An array within an array, which unnest would flatten: as Postgres writes it."""
    return None if ids is None else "{" + ",".join(map(str, ids)) + "}"


def _unguessable(prefix: str, count: int) -> list[str]:
    start = f"{prefix}-" if prefix else ""
    return list({f"{start}{typed_letters(RANDOM_LETTERS)}" for _ in range(count)})
