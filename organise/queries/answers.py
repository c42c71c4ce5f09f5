"""What one order's buyer and attendees have answered, for the page of that order."""

from dataclasses import dataclass

from checkout.models import Answer, Order
from checkout.question_fields import shown_text
from events.models import QuestionKind


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question in the words that were answered, and the answer. `file_id` opens the file that it is."""

    label: str
    ticket_text: str
    text: str
    file_id: int | None


def of_order(order: Order) -> list[AnsweredQuestion]:
    """The answers, the order's own first, then ticket by ticket. One query."""
    rows = (
        Answer.objects.filter(order=order)
        .select_related("version", "ticket__ticket_type")
        .order_by("ticket__number", "question__position", "pk")
    )
    made = [(row.ticket is not None, _answered(row)) for row in rows]
    return [one for _, one in sorted(made, key=lambda pair: pair[0])]


def _answered(row: Answer) -> AnsweredQuestion:
    kind, ticket = row.version.kind, row.ticket
    return AnsweredQuestion(
        row.version.label, f"Ticket {ticket.number}, {ticket.ticket_type.name}" if ticket else "",
        shown_text(kind, tuple(row.texts)), row.pk if kind == QuestionKind.FILE else None,
    )  # fmt: skip
