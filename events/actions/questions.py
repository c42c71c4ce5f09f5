"""What an organiser does with questions. Each change locks the event's row first, so of two at once one comes first.

A change of wording is a new version: whoever has answered keeps the words they have answered.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.text import slugify

from events.models import Event, Question, QuestionKind, QuestionTarget, QuestionVersion
from events.models.questions import AGREED, MOST_QUESTIONS
from events.questions import CONDITIONAL_ON

STEPS: Final = {"up": -1, "down": 1}


class TooMany(Exception):
    """The event asks as many questions as it may."""


class IsAnswered(Exception):
    """Somebody has answered it, so it cannot go, nor be asked of something else."""


class HasDependents(Exception):
    """Other questions depend on its answer. `labels` says which."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(", ".join(labels))
        self.labels = labels


class DoesNotLookBack(Exception):
    """Its condition is on a question that is not asked before it, or not answered by a choice among those named."""


class FileBeforePayment(Exception):
    """Files are asked for after payment only."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What people read, and how they answer."""

    kind: str
    label: str
    help_text: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """Of whom a question is asked, and when. `ticket_types`: the numbers of those, or None for all."""

    is_per_ticket: bool = True
    is_required: bool = False
    is_before_payment: bool = False
    ticket_types: Collection[int] | None = None
    only_if: int | None = None
    only_if_values: Sequence[str] = field(default_factory=tuple)
    answers_editable_until: datetime | None = None


@transaction.atomic
def add(*, event: Event, wording: Wording, asking: Asking, now: datetime) -> Question:
    """Ask one more question, after all others. Raises TooMany, DoesNotLookBack and FileBeforePayment."""
    _lock(event)
    theirs = Question.objects.filter(event=event)
    if theirs.asked().count() >= MOST_QUESTIONS:
        raise TooMany
    position = (theirs.in_order().values_list("position", flat=True).last() or 0) + 1
    _refuse_file_before_payment(wording, asking)
    _refuse_wrong_condition(event, asking, position)
    slug = _free_slug(wording.label, set(theirs.values_list("slug", flat=True)))
    question = Question.objects.create(event=event, slug=slug, position=position, **_fields(asking))
    _aim(question, asking)
    _word(question, wording, number=1, now=now)
    return question


@transaction.atomic
def change(*, question: Question, wording: Wording, asking: Asking, now: datetime) -> bool:
    """Change a question; answers whether its wording is new. Raises IsAnswered when it would be asked of tickets and
    was of orders, or the other way; HasDependents, DoesNotLookBack and FileBeforePayment."""
    _lock(question.event)
    question.refresh_from_db()
    _refuse_file_before_payment(wording, asking)
    _refuse_wrong_condition(question.event, asking, question.position)
    _refuse_to_leave_dependents(question, wording, asking)
    if asking.is_per_ticket != question.is_per_ticket and _is_answered(question):
        raise IsAnswered
    Question.objects.filter(pk=question.pk).update(**_fields(asking))
    _aim(question, asking)
    latest = latest_of(question)
    if wording == _wording_of(latest):
        return False
    _word(question, wording, number=latest.number + 1, now=now)
    return True


@transaction.atomic
def move(*, question: Question, direction: str) -> bool:
    """Have it change places with the one before ("up") or after ("down"); answers whether there was one.

    Raises DoesNotLookBack when one of the two depends on the other.
    """
    _lock(question.event)
    asked = list(Question.objects.filter(event=question.event).asked().in_order())
    places = {row.pk: place for place, row in enumerate(asked)}
    if question.pk not in places:
        return False
    place = places[question.pk] + STEPS[direction]
    if not 0 <= place < len(asked):
        return False
    one, other = asked[places[question.pk]], asked[place]
    if one.only_if_id == other.pk or other.only_if_id == one.pk:
        raise DoesNotLookBack
    for row, position in ((one, other.position), (other, one.position)):
        Question.objects.filter(pk=row.pk).update(position=position)
    return True


@transaction.atomic
def archive(*, question: Question, now: datetime) -> None:
    """Ask it no more; its answers stay. Raises HasDependents."""
    _lock(question.event)
    if labels := dependents(question):
        raise HasDependents(labels)
    Question.objects.filter(pk=question.pk, archived_at=None).update(archived_at=now)


@transaction.atomic
def unarchive(*, question: Question) -> None:
    """Ask it again. Raises TooMany, and DoesNotLookBack when what it depends on is archived."""
    _lock(question.event)
    question.refresh_from_db()
    if Question.objects.filter(event=question.event).asked().count() >= MOST_QUESTIONS:
        raise TooMany
    if question.only_if and question.only_if.archived_at:
        raise DoesNotLookBack
    Question.objects.filter(pk=question.pk).update(archived_at=None)


@transaction.atomic
def delete(*, question: Question) -> None:
    """Remove a question that nobody has answered. Raises IsAnswered and HasDependents."""
    _lock(question.event)
    Question.objects.select_for_update().get(pk=question.pk)  # who answers just now comes first
    list(QuestionVersion.objects.select_for_update().filter(question=question).order_by("pk"))
    if _is_answered(question):
        raise IsAnswered
    if labels := dependents(question, asked=False):
        raise HasDependents(labels)
    Question.objects.get(pk=question.pk).delete()


def latest_of(question: Question) -> QuestionVersion:
    """Its wording now."""
    return QuestionVersion.objects.filter(question=question).latest("number")


def dependents(question: Question, *, asked: bool = True) -> list[str]:
    """What the questions are called that depend on this one; with `asked`, archived ones aside."""
    rows = Question.objects.filter(only_if=question)
    if asked:
        rows = rows.asked()
    latest: Any = (
        QuestionVersion.objects.filter(question__in=rows).order_by("question_id", "-number").distinct("question_id")
    )
    return [version.label for version in latest]


def _lock(event: Event) -> None:
    Event.objects.select_for_update(no_key=True).get(pk=event.pk)


def _is_answered(question: Question) -> bool:
    return question.answers.exists()


def _fields(asking: Asking) -> dict[str, Any]:
    return {
        "is_per_ticket": asking.is_per_ticket, "is_required": asking.is_required,
        "is_before_payment": asking.is_before_payment, "is_for_all": asking.ticket_types is None,
        "only_if_id": asking.only_if, "only_if_values": list(asking.only_if_values),
        "answers_editable_until": asking.answers_editable_until,
    }  # fmt: skip


def _aim(question: Question, asking: Asking) -> None:
    """Have exactly these ticket types for its targets."""
    wanted = set(asking.ticket_types or ())
    known = set(QuestionTarget.objects.filter(question=question).values_list("ticket_type_id", flat=True))
    QuestionTarget.objects.filter(question=question, ticket_type__in=known - wanted).delete()
    QuestionTarget.objects.bulk_create(
        QuestionTarget(question=question, ticket_type_id=type_id) for type_id in sorted(wanted - known)
    )


def _word(question: Question, wording: Wording, *, number: int, now: datetime) -> None:
    QuestionVersion.objects.create(
        question=question, number=number, kind=wording.kind, label=wording.label, help_text=wording.help_text,
        choices=list(wording.choices), made_at=now,
    )  # fmt: skip


def _wording_of(version: QuestionVersion) -> Wording:
    return Wording(version.kind, version.label, version.help_text, tuple(version.choices))


def answers_of(wording: Wording) -> tuple[str, ...]:
    """What can be the answer, as far as a condition can ask for it."""
    return (AGREED,) if wording.kind == QuestionKind.TERMS else wording.choices


def _refuse_file_before_payment(wording: Wording, asking: Asking) -> None:
    if wording.kind == QuestionKind.FILE and asking.is_before_payment:
        raise FileBeforePayment


def _refuse_wrong_condition(event: Event, asking: Asking, position: int) -> None:
    if asking.only_if is None:
        return
    on = Question.objects.filter(event=event, pk=asking.only_if, position__lt=position).asked().first()
    if on is None or (on.is_per_ticket and not asking.is_per_ticket):
        raise DoesNotLookBack
    if asking.is_before_payment and not on.is_before_payment:
        raise DoesNotLookBack
    wording = _wording_of(latest_of(on))
    if wording.kind not in CONDITIONAL_ON or not set(asking.only_if_values) <= set(answers_of(wording)):
        raise DoesNotLookBack


def _refuse_to_leave_dependents(question: Question, wording: Wording, asking: Asking) -> None:
    """Those that depend on it must still be able to: by its answers, by when it is asked, and of what."""
    left = [
        row for row in Question.objects.filter(only_if=question).asked()
        if not set(row.only_if_values) <= set(answers_of(wording))
        or (row.is_before_payment and not asking.is_before_payment)
        or (asking.is_per_ticket and not row.is_per_ticket)
    ]  # fmt: skip
    if left:
        raise HasDependents([latest_of(row).label for row in left])


def _free_slug(label: str, taken: set[str]) -> str:
    base = slugify(label)[:60].strip("-").replace("_", "-") or "question"
    base = "-".join(part for part in base.split("-") if part)
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)
