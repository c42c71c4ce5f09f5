"""An event's questions for its organiser: in order, with how many have answered, and each with its answers counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count

from checkout.models import Answer, State
from checkout.question_fields import shown_text
from events import questions
from events.models import Event, Question, QuestionKind, QuestionVersion
from events.questions import QuestionFacts

COUNTED: Final = (QuestionKind.CHOICE, QuestionKind.SEVERAL, QuestionKind.COUNTRY, QuestionKind.TERMS)
MOST_COUNTED: Final = 100  # different answers in a summary


@dataclass(frozen=True, slots=True)
class Row:
    """One question in the list."""

    facts: QuestionFacts
    slug: str
    is_archived: bool
    answered: int
    condition_text: str
    types_text: str

    @property
    def kind_text(self) -> str:
        return str(QuestionKind(self.facts.kind).label)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one answer was given."""

    text: str
    times: int


def listed(event: Event) -> list[Row]:
    """All questions of the event, those that are asked no more last. Four queries."""
    found = questions.of_event(event.pk, archived=None)
    rows = {row.pk: row for row in Question.objects.filter(event=event)}
    answered = dict(
        Answer.objects.filter(question__event=event).order_by().values_list("question").annotate(Count("pk"))
    )  # fmt: skip
    types = dict(event.ticket_types.values_list("pk", "name"))
    labels = {one.id: one.label for one in found}
    made = [
        Row(
            one, rows[one.id].slug, rows[one.id].archived_at is not None, answered.get(one.id, 0),
            _condition_text(one, labels), _types_text(one, types),
        )
        for one in found
    ]  # fmt: skip
    return sorted(made, key=lambda row: row.is_archived)


def _condition_text(one: QuestionFacts, labels: dict[int, str]) -> str:
    if one.only_if is None:
        return ""
    answers = " or ".join(f"“{value}”" for value in one.only_if_values)
    return f"only after {answers} to “{labels.get(one.only_if, '')}”"


def _types_text(one: QuestionFacts, types: dict[int, str]) -> str:
    if one.ticket_type_ids is None:
        return ""
    names = [types[pk] for pk in sorted(one.ticket_type_ids) if pk in types]
    return f"for {', '.join(names)}" if names else "for no ticket type"


def answered_by(question: Question) -> int:
    """How many answers a question has."""
    return Answer.objects.filter(question=question).count()


def summary_of(question: Question) -> list[Counted]:
    """How often each answer was given in complete orders, the most frequent first; nothing for what people type."""
    rows: Any = Answer.objects.filter(question=question, order__state=State.COMPLETE, version__kind__in=COUNTED)
    times: Counter[str] = Counter()
    for kind, texts in rows.order_by().values_list("version__kind", "texts").iterator():
        times.update(shown_text(kind, (text,)) for text in texts)
    return [Counted(text, count) for text, count in times.most_common(MOST_COUNTED)]


def wordings(question: Question) -> Sequence[QuestionVersion]:
    """All wordings, the latest first, each with `answered`."""
    return list(question.versions.annotate(answered=Count("answers")).order_by("-number"))
