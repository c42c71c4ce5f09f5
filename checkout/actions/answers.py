"""Keeping what buyers and attendees answer. The last answer counts; each change is one line of the order's history,
which says what was answered anew and not what: history can never be taken away, and answers may have to be."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models.functions import Length

from checkout.asking import Key
from checkout.models import Answer, AnswerFile, Order, OrderEvent, State
from checkout.question_form import Given
from checkout.uploads import Upload

COPY: Final = "SELECT checkout_copy_answers(%s::bigint, %s::bigint)"
# So that no question goes while it is answered: who deletes one waits, and then sees the answer.
STILL_ASKED: Final = "SELECT id FROM events_questionversion WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE"
MOST_BYTES_PER_ORDER: Final = 50 * 1024 * 1024
NOTE_LENGTH: Final = 300


class NotOpen(Exception):
    """The order is not one whose answers can be changed."""


class TooMuch(Exception):
    """The files of one order have become too large together."""


@transaction.atomic
def change(*, order: Order, given: Sequence[Given], now: datetime, by: str = "buyer") -> int:
    """Keep answers of a complete order; answers how many changed. Two tabs at once: the later one counts.

    Raises NotOpen and TooMuch.
    """
    if not Order.objects.select_for_update(no_key=True).filter(pk=order.pk, state=State.COMPLETE).exists():
        raise NotOpen
    return record(order=order, given=given, now=now, by=by)


def record(*, order: Order, given: Sequence[Given], now: datetime, by: str = "buyer") -> int:
    """Keep answers, within the caller's transaction, which holds the order's row. Questions that were deleted a moment
    ago are passed over. Raises TooMuch."""
    if not given:
        return 0
    asked = _still_asked({one.asked.question.version_id for one in given})
    given = [one for one in given if one.asked.question.version_id in asked]
    before = _before(order, given)
    gone = [before[one.asked.key] for one in given if not one.texts and one.asked.key in before]
    AnswerFile.objects.filter(answer__in=gone).delete()
    Answer.objects.filter(pk__in=gone).delete()
    _write(order, [one for one in given if one.texts], now)
    said = [one for one in given if one.texts or one.asked.key in before]
    if said:
        OrderEvent.objects.record("answered", order=order, at=now, by=by, note=_note(said))
    return len(said)


def copy(*, old: Order, new: Order) -> None:
    """Have the new hold of the same tickets answered as the old one was."""
    with connection.cursor() as cursor:
        cursor.execute(COPY, (old.pk, new.pk))


def _still_asked(version_ids: Iterable[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(STILL_ASKED, (sorted(version_ids),))
        return {row[0] for row in cursor.fetchall()}


def _before(order: Order, given: Sequence[Given]) -> dict[Key, int]:
    """The answers that there are at these places, by number."""
    rows = Answer.objects.filter(order=order, question__in={one.asked.question.id for one in given}).order_by("pk")
    return {(question, ticket): pk for pk, question, ticket in rows.values_list("pk", "question_id", "ticket_id")}


def _write(order: Order, given: Sequence[Given], now: datetime) -> None:
    rows = [
        Answer(
            order=order, ticket_id=one.asked.key[1], question_id=one.asked.question.id,
            version_id=one.asked.question.version_id, texts=list(one.texts), answered_at=now,
        )
        for one in given
    ]  # fmt: skip
    if not rows:
        return
    Answer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["order", "ticket", "question"],
        update_fields=["version", "texts", "answered_at"],
    )  # fmt: skip
    uploads = [(one.upload, row.pk) for one, row in zip(given, rows, strict=True) if one.upload]
    if uploads:
        _keep_files(order, uploads)


def _keep_files(order: Order, uploads: Sequence[tuple[Upload, int]]) -> None:
    AnswerFile.objects.bulk_create(
        [
            AnswerFile(answer_id=pk, name=upload.name, content_type=upload.content_type, content=upload.content)
            for upload, pk in uploads
        ],
        update_conflicts=True, unique_fields=["answer"], update_fields=["name", "content_type", "content"],
    )  # fmt: skip
    sizes = AnswerFile.objects.filter(answer__order=order).values_list(Length("content"), flat=True)
    if sum(sizes) > MOST_BYTES_PER_ORDER:
        raise TooMuch


def _note(said: Sequence[Given]) -> str:
    """Which questions, at which tickets; nothing of the answers."""
    words = [
        f"{one.asked.question.label}{f' (ticket {one.asked.ticket.number})' if one.asked.ticket else ''}"
        f"{'' if one.texts else ', taken away'}"
        for one in said
    ]
    note = "; ".join(words)
    return note if len(note) <= NOTE_LENGTH else f"{note[: NOTE_LENGTH - 1]}…"
