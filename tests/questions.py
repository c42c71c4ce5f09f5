"""Makes questions that organisers ask, and what a form answers to them."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now
from PIL import Image

from checkout.models import Answer, Order
from events.actions import questions
from events.actions.questions import Asking, Wording
from events.models import Event, Question, QuestionKind
from tests.makers import numbers


def make_question(event: Event, kind: str = QuestionKind.TEXT, **over: Any) -> Question:
    """A question of each ticket, optional and after payment; `over` goes to its wording and to whom it is asked of."""
    wording = {name: over.pop(name) for name in ("label", "help_text", "choices") if name in over}
    wording.setdefault("label", f"Question {next(numbers)}")
    if kind in {QuestionKind.CHOICE, QuestionKind.SEVERAL}:
        wording.setdefault("choices", ("Red", "Green", "Blue"))
    return questions.add(event=event, wording=Wording(kind, **wording), asking=Asking(**over), now=now())


def make_png(width: int = 20, height: int = 10, *, name: str = "proof.png", **over: Any) -> SimpleUploadedFile:
    """A picture as a browser sends it."""
    body = BytesIO()
    Image.new("RGB", (width, height), "#336699").save(body, over.pop("format", "PNG"), **over)
    return SimpleUploadedFile(name, body.getvalue(), "image/png")


def answers_of(order: Order) -> dict[tuple[str, int | None], list[str]]:
    """What is kept, by question and number of the ticket."""
    rows = Answer.objects.filter(order=order).select_related("question", "ticket")
    return {(row.question.slug, row.ticket.number if row.ticket else None): row.texts for row in rows}
