"""Answer: what a buyer or attendee has answered to a question of the organiser's; and the files among the answers."""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import LessThanOrEqual

from checkout.models.orders import Order, Ticket
from events.models import Question, QuestionVersion
from events.models.questions import MOST_CHOICES

MOST_LETTERS: Final = 12_000  # of one answer; fifty long choices have 10,000
MOST_FILE_BYTES: Final = 5 * 1024 * 1024
FILE_TYPES: Final = ("application/pdf", "image/jpeg", "image/png")


def _number(function: str, of: Any) -> "Func[Any]":
    return Func(of, function=function, output_field=models.IntegerField())


_joined = Func(F("texts"), Value(""), function="array_to_string", output_field=models.TextField())


class Answer(models.Model):
    """One answer, of the order or of one of its tickets; the last one counts. It keeps the wording that was answered.

    `texts` is what was typed or chosen: an ISO date, a country's two letters, `yes` for terms, a file's name. Only an
    answer of several choices has more than one. That order, ticket, question and version belong together is held by
    checkout/sql/answers.sql.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="answers", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="answers")
    texts = ArrayField(models.TextField())
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "ticket", "question"], name="answer_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(texts__len__range=(1, MOST_CHOICES)), name="answer_says_something"),
            models.CheckConstraint(
                condition=LessThanOrEqual(_number("length", _joined), MOST_LETTERS), name="answer_is_short_enough"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.texts)


class AnswerFile(models.Model):
    """The file that is an answer, checked and cleaned by checkout/uploads.py. Goes with its answer."""

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, primary_key=True, related_name="file")
    name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=20)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(content_type__in=FILE_TYPES), name="answer_file_type_known"),
            models.CheckConstraint(
                condition=LessThanOrEqual(_number("octet_length", F("content")), MOST_FILE_BYTES),
                name="answer_file_is_small_enough",
            ),
        ]

    def __str__(self) -> str:
        return self.name
