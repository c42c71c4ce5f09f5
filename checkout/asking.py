"""What an order is asked: which questions of which tickets, which of them depend on others, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from events.models import QuestionKind
from events.models.questions import AGREED
from events.questions import QuestionFacts

# A form of more fields than these would be refused as too large (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, less the
# names of 500 tickets). What does not fit on the details page is asked after payment.
MOST_FIELDS: Final = 1500

Key = tuple[int, int | None]  # a question, and the ticket that it is asked of, if it is not of the order
Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedTicket:
    """A ticket as far as questions go."""

    id: int
    number: int
    type_id: int
    type_name: str
    attendee_name: str

    @property
    def title(self) -> str:
        return f"Ticket {self.number}, {self.type_name}{f', {self.attendee_name}' if self.attendee_name else ''}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question at one place: of the order, or of one ticket. `parent` is the place of what it depends on."""

    question: QuestionFacts
    ticket: AskedTicket | None
    parent: Key | None
    parent_label: str = ""

    @property
    def key(self) -> Key:
        return self.question.id, self.ticket.id if self.ticket else None

    @property
    def name(self) -> str:
        """Of its field in a form."""
        return f"q{self.question.id}t{self.ticket.number}" if self.ticket else f"q{self.question.id}"

    def is_shown(self, answers: Mapping[Key, Texts]) -> bool:
        """Whether it is asked at all, after these answers to what comes before it."""
        return self.parent is None or not set(self.question.only_if_values).isdisjoint(answers.get(self.parent, ()))

    @property
    def only_if_text(self) -> str:
        """When it is asked, in words."""
        if self.question.only_if is None:
            return ""
        if self.question.only_if_values == (AGREED,):
            return f"Only if you have ticked “{self.parent_label}”."
        values = " or ".join(f"“{value}”" for value in self.question.only_if_values)
        return f"Only if you have answered {values} to “{self.parent_label}”."


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept, with the version and the kind of question that it answered."""

    id: int
    texts: Texts
    version_id: int
    kind: str

    def is_of_other_kind(self, question: QuestionFacts) -> bool:
        """Whether the form cannot show it: another kind of question was answered, or other terms."""
        is_other_terms = question.kind == QuestionKind.TERMS and self.version_id != question.version_id
        return self.kind != question.kind or is_other_terms


def asked_of(questions: Sequence[QuestionFacts], tickets: Sequence[AskedTicket]) -> list[Asked]:
    """Everything that may be asked of an order with these tickets: of the order first, then ticket by ticket."""
    known = {question.id: question for question in questions}
    of_order = [
        _asked(question, None, known)
        for question in questions
        if not question.is_per_ticket and any(question.is_for(ticket.type_id) for ticket in tickets)
    ]
    of_tickets = [
        _asked(question, ticket, known)
        for ticket in tickets
        for question in questions
        if question.is_per_ticket and question.is_for(ticket.type_id)
    ]
    return of_order + of_tickets


def _asked(question: QuestionFacts, ticket: AskedTicket | None, known: Mapping[int, QuestionFacts]) -> Asked:
    if question.only_if is None:
        return Asked(question, ticket, None)
    on = known.get(question.only_if)
    of_ticket = ticket.id if ticket and on and on.is_per_ticket else None
    return Asked(question, ticket, (question.only_if, of_ticket), on.label if on else "")


def before_payment(asked: Sequence[Asked]) -> list[Asked]:
    """What is asked on the details page: what is marked so, if the form does not get too long by it."""
    marked = [one for one in asked if one.question.is_before_payment]
    if sum(max(1, len(one.question.choices)) for one in marked) <= MOST_FIELDS:
        return marked
    return [one for one in marked if one.ticket is None]


def unanswered(asked: Iterable[Asked], kept: Mapping[Key, Kept]) -> list[Asked]:
    """What is asked, given all answers so far, and has none."""
    answers = {key: one.texts for key, one in kept.items()}
    return [one for one in asked if one.key not in kept and one.is_shown(answers)]


def missing(asked: Iterable[Asked], kept: Mapping[Key, Kept]) -> list[Asked]:
    """Of these, what has to be answered."""
    return [one for one in unanswered(asked, kept) if one.question.is_required]
