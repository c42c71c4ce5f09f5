"""Makes the copy of an event that is rehearsed: the same to buy from, and found by nobody."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Model, QuerySet

from accounts.models import Organiser
from events import copying, questions
from events.models import (
    Code,
    CodeUse,
    Draw,
    Event,
    Question,
    QuestionTarget,
    QuestionVersion,
    State,
    TicketType,
)  # fmt: skip

TITLE: Final = "Rehearsal: {}"
AFTER_THE_SALE: Final = timedelta(days=1)  # an event that would be over by then is put off
# What hangs on an event or a ticket type and is copied, by its model's name. What is not: what buyers and staff have
# left there. tests/surge/test_cloning.py fails for a model that nobody has decided about.
COPIED: Final = frozenset({"Quota", "TicketType", "Draw", "Code", "Grant", "Question", "QuestionTarget"})


def clone(event: Event, *, opens_at: datetime) -> Event:
    """A live copy of the event under an organiser of its own, whose next on-sale (or, if all were, first) is moved to
    `opens_at` and everything else by as much; within the caller's transaction. Nothing is taken of its stock."""
    types = list(event.ticket_types.order_by("position", "id"))
    shift = opens_at - _opening(types, at=opens_at)
    copy = copying.like(
        event, organiser=_organiser(), title=TITLE.format(event.title)[:200], state=State.LIVE, rehearsal_of=event,
        is_test=False, **_moved(event, shift, opens_at),
    )  # fmt: skip
    copy.save()
    quotas = copying.quotas(event, copy)
    copies = TicketType.objects.bulk_create(_moved_type(row, copy, shift) for row in types)
    type_of = {row.pk: made for row, made in zip(types, copies, strict=True)}
    draws = Draw.objects.filter(ticket_type__event=event).values_list("ticket_type_id", "quota_id")
    Draw.objects.bulk_create(Draw(ticket_type=type_of[one], quota=quotas[other]) for one, other in draws)
    _codes(event, copy, type_of, shift)
    _ask_the_same(event, copy, {pk: made.pk for pk, made in type_of.items()})
    copy.refresh_from_db()
    return copy


def open_at(event: Event, opens_at: datetime) -> None:
    """Have a copy of which everything is on sale already open then: a crowd that waits needs something to wait for."""
    waiting = event.ticket_types.filter(secret=False, sale_starts_at__gte=opens_at)
    if not waiting.exists():
        event.ticket_types.filter(secret=False, sale_ends_at=None).update(sale_starts_at=opens_at)
        event.ticket_types.filter(secret=False, sale_ends_at__gt=opens_at).update(sale_starts_at=opens_at)


def _opening(types: Sequence[TicketType], *, at: datetime) -> datetime:
    """The on-sale to rehearse: the next one, or the first of all, or none (which is `at`)."""
    openings = sorted(row.sale_starts_at for row in types if row.sale_starts_at and not row.secret)
    coming = [opening for opening in openings if opening > at]
    return next(iter([*coming, *openings]), at)


def organisers() -> "QuerySet[Organiser]":
    """Those that were made for a rehearsal: no organiser of people is without an address."""
    return Organiser.objects.filter(slug__regex=r"^r-[0-9a-f]{24}$", contact_email="")


def _organiser() -> Organiser:
    """Nobody guesses 96 bits; and without an address nobody is written to."""
    return Organiser.objects.create(slug=f"r-{secrets.token_hex(12)}", name="Rehearsal", contact_email="")


def _moved(event: Event, shift: timedelta, opens_at: datetime) -> dict[str, datetime]:
    """The event's own times, as the wall shows them."""
    if event.ends_at + shift < opens_at + AFTER_THE_SALE:
        shift += timedelta(days=(opens_at - event.ends_at - shift).days + 2)
    starts_at, ends_at = event.local_starts_at + shift, event.local_ends_at + shift
    return {"local_starts_at": starts_at.replace(microsecond=0), "local_ends_at": ends_at.replace(microsecond=0)}


def _codes(event: Event, copy: Event, type_of: Mapping[int, TicketType], shift: timedelta) -> None:
    """Its codes, each with all its uses. A ticket type that has gone since is left out; it was of no use any more."""
    rows = list(event.codes.select_related("use").order_by("id"))
    copies = Code.objects.bulk_create(
        copying.like(
            row, event=copy, **_moved_window(row, ("starts_at", "ends_at"), shift),
            ticket_type_ids=row.ticket_type_ids and [type_of[pk].pk for pk in row.ticket_type_ids if pk in type_of],
        )
        for row in rows
    )  # fmt: skip
    CodeUse.objects.bulk_create(
        CodeUse(code=made, capacity=row.use.capacity) for row, made in zip(rows, copies, strict=True)
    )


def _ask_the_same(event: Event, copy: Event, types: dict[int, int]) -> None:
    """Have the copy ask what the event asks, in its latest wording."""
    made: dict[int, Question] = {}
    for facts in questions.of_event(event.pk):
        row = Question.objects.get(pk=facts.id)
        made[row.pk] = copying.like(row, event=copy, only_if=made.get(row.only_if_id or 0))
        made[row.pk].save()
        version = copying.like(QuestionVersion.objects.get(pk=facts.version_id), question=made[row.pk], number=1)
        version.save()
    targets = QuestionTarget.objects.filter(question__in=made).values_list("question_id", "ticket_type_id")
    QuestionTarget.objects.bulk_create(
        QuestionTarget(question=made[one], ticket_type_id=types[other]) for one, other in targets
    )


def _moved_type(row: TicketType, copy: Event, shift: timedelta) -> TicketType:
    moved = _moved_window(row, ("sale_starts_at", "sale_ends_at"), shift)
    fresh = TicketType()
    return copying.like(row, event=copy, availability=fresh.availability, secret_key=fresh.secret_key, **moved)


def _moved_window(row: Model, names: Sequence[str], shift: timedelta) -> dict[str, datetime | None]:
    return {name: at and at + shift for name in names for at in [getattr(row, name)]}
