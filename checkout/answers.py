"""Reads over questions and answers: of one order for its pages and mail, and of many as columns for exports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checkout import asking
from checkout.asking import Asked, AskedTicket, Kept, Key
from checkout.models import Answer, Order, Ticket
from checkout.question_fields import is_group, shown_text
from events.models import Event, QuestionKind, QuestionVersion
from events.questions import QuestionFacts


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question and its answer as people read them; `file_id` opens the file, if the answer is one."""

    label: str
    ticket: AskedTicket | None
    text: str
    field_name: str
    file_id: int | None = None
    is_group: bool = False

    @property
    def anchor(self) -> str:
        """Where its field is on the page that it is answered on."""
        return f"id_{self.field_name}_0" if self.is_group else f"id_{self.field_name}"


class OrderQuestions:
    """What one order is asked and has answered. Costs nothing where its event asks nothing."""

    def __init__(self, order: Order, tickets: Sequence[Ticket], find: Callable[[], Sequence[QuestionFacts]]) -> None:
        self._order, self._tickets, self._find = order, tickets, find

    @cached_property
    def asked(self) -> list[Asked]:
        """All that may be asked, conditions aside. No query while the event's facts are fresh."""
        if not self._order.event.question_count:
            return []
        live = [_ticket(ticket) for ticket in self._tickets if ticket.voided_at is None]
        return asking.asked_of(self._find(), live)

    @cached_property
    def before_payment(self) -> list[Asked]:
        return asking.before_payment(self.asked)

    @cached_property
    def kept(self) -> Mapping[Key, Kept]:
        """The answers so far. One query, if there are questions."""
        return kept_of(self._order.pk) if self.asked else {}

    @property
    def missing_before_payment(self) -> bool:
        """Whether something has to be answered before the order can be paid or confirmed."""
        return bool(self.before_payment) and bool(asking.missing(self.before_payment, self.kept))

    @property
    def missing(self) -> list[Asked]:
        return asking.missing(self.asked, self.kept)

    @property
    def unanswered(self) -> list[Asked]:
        return asking.unanswered(self.asked, self.kept)

    @property
    def answered(self) -> list[AnsweredQuestion]:
        """Questions with their answers, in the order of the page."""
        return [_answered(one, self.kept[one.key]) for one in self.asked if one.key in self.kept]

    @property
    def invitation(self) -> str:
        """What a link to the answers says; nothing where nothing is asked."""
        if missing := len(self.missing):
            return f"Answer {missing} question{'s' if missing > 1 else ''}"
        if unanswered := len(self.unanswered):
            return f"Answer {unanswered} optional question{'s' if unanswered > 1 else ''}"
        return "See or change your answers" if self.kept else ""


def _ticket(ticket: Ticket) -> AskedTicket:
    return AskedTicket(
        ticket.pk, ticket.number, ticket.ticket_type_id, ticket.ticket_type.name, ticket.attendee_name
    )  # fmt: skip


def _answered(one: Asked, kept: Kept) -> AnsweredQuestion:
    return AnsweredQuestion(
        one.question.label, one.ticket, shown_text(kept.kind, kept.texts), one.name,
        file_id=kept.id if kept.kind == QuestionKind.FILE else None, is_group=is_group(one.question),
    )  # fmt: skip


def kept_of(order_id: int) -> dict[Key, Kept]:
    """The answers of one order by their places. One query."""
    rows = Answer.objects.filter(order=order_id).order_by("pk")
    found = rows.values_list("question_id", "ticket_id", "pk", "texts", "version_id", "version__kind")
    return {
        (question, ticket): Kept(pk, tuple(texts), version, kind)
        for question, ticket, pk, texts, version, kind in found
    }  # fmt: skip


# For exports


@dataclass(frozen=True, slots=True)
class Column:
    """A question as the heading of a column: its latest wording. It has the answers to all wordings in it."""

    question_id: int
    label: str
    is_per_ticket: bool


def columns(event: Event) -> list[Column]:
    """The event's questions in order, archived ones that were answered among them. One query."""
    latest: Any = (
        QuestionVersion.objects.filter(question__event=event)
        .exclude(question__archived_at__isnull=False, question__answers=None)
        .select_related("question")
        .order_by("question__position", "question_id", "-number")
        .distinct("question__position", "question_id")
    )
    return [Column(row.question_id, row.label, row.question.is_per_ticket) for row in latest]


def values(order_ids: Iterable[int]) -> dict[tuple[int, int | None, int], str]:
    """The answers of these orders as text, by (order, ticket or None, question). One query for all."""
    rows = Answer.objects.filter(order__in=list(order_ids)).order_by()
    found = rows.values_list("order_id", "ticket_id", "question_id", "version__kind", "texts")
    return {(order, ticket, question): shown_text(kind, tuple(texts)) for order, ticket, question, kind, texts in found}
