"""QuestionFacts: a question as the checkout needs to know it. Read with the event's facts, and kept with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from events.models import QuestionKind, QuestionTarget, QuestionVersion
from events.models.questions import AGREED

CONDITIONAL_ON: Final = (QuestionKind.CHOICE, QuestionKind.SEVERAL, QuestionKind.TERMS)


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """A question in its latest wording. `ticket_type_ids` is None where it is asked for all ticket types."""

    id: int
    version_id: int
    number: int
    kind: str
    label: str
    help_text: str
    choices: tuple[str, ...]
    is_per_ticket: bool
    is_required: bool
    is_before_payment: bool
    ticket_type_ids: frozenset[int] | None
    only_if: int | None
    only_if_values: tuple[str, ...]
    answers_editable_until: datetime | None

    @property
    def answers(self) -> tuple[str, ...]:
        """What can be the answer, where that is a choice."""
        return (AGREED,) if self.kind == QuestionKind.TERMS else self.choices

    def is_for(self, ticket_type_id: int) -> bool:
        return self.ticket_type_ids is None or ticket_type_id in self.ticket_type_ids

    def closes_at(self, starts_at: datetime) -> datetime:
        """Until when the buyer may change the answer."""
        return self.answers_editable_until or starts_at


def of_event(event_id: int, *, archived: bool | None = False) -> tuple[QuestionFacts, ...]:
    """The questions that an event asks, in order, each in its latest wording; with `archived=None` also those that it
    asks no more. One query."""
    targets = QuestionTarget.objects.filter(question=OuterRef("question")).order_by("ticket_type").values("ticket_type")
    latest: Any = (
        QuestionVersion.objects.filter(question__event=event_id)
        .select_related("question")
        .annotate(target_ids=ArraySubquery(targets))
        .order_by("question__position", "question_id", "-number")
        .distinct("question__position", "question_id")
    )
    if archived is not None:
        latest = latest.filter(question__archived_at__isnull=not archived)
    return tuple(_facts(version) for version in latest)


def _facts(version: Any) -> QuestionFacts:
    question = version.question
    return QuestionFacts(
        id=question.pk, version_id=version.pk, number=version.number, kind=version.kind, label=version.label,
        help_text=version.help_text, choices=tuple(version.choices), is_per_ticket=question.is_per_ticket,
        is_required=question.is_required, is_before_payment=question.is_before_payment,
        ticket_type_ids=None if question.is_for_all else frozenset(version.target_ids), only_if=question.only_if_id,
        only_if_values=tuple(question.only_if_values), answers_editable_until=question.answers_editable_until,
    )  # fmt: skip
