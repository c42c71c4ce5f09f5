"""Question: what an organiser asks of buyers and attendees. Its wording is in versions, which never change."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import SLUG_PATTERN, validate_slug
from events.models.events import Event
from events.models.ticket_types import TicketType

MOST_QUESTIONS: Final = 50  # of one event, archived ones not counted
MOST_CHOICES: Final = 50
LABEL_LENGTH: Final = 200
HELP_LENGTH: Final = 1000
CHOICE_LENGTH: Final = 200


class QuestionKind(models.TextChoices):
    """What is typed or chosen as the answer."""

    TEXT = "text", "A line of text"
    LONG = "long", "Longer text"
    CHOICE = "choice", "One of several choices"
    SEVERAL = "several", "Any number of choices"
    COUNTRY = "country", "A country"
    DATE = "date", "A date"
    FILE = "file", "A file (PDF, JPEG or PNG)"
    TERMS = "terms", "Terms to agree to"


WITH_CHOICES: Final = (QuestionKind.CHOICE, QuestionKind.SEVERAL)
AGREED: Final = "yes"  # the answer to terms; there is no other


class QuestionQuerySet(models.QuerySet["Question"]):
    """Words for questions about many questions."""

    def asked(self) -> "QuestionQuerySet":
        return self.filter(archived_at=None)

    def in_order(self) -> "QuestionQuerySet":
        return self.order_by("position", "id")


class Question(models.Model):
    """One question: of the order, or of each ticket; of all ticket types or of those that are its targets.

    `only_if` is another question of the same event, at an earlier position: this one is asked only if one of
    `only_if_values` was the answer. What rows cannot say of each other is in events/sql/questions.sql.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions", db_index=False)
    slug = models.CharField(max_length=80, validators=[validate_slug])
    position = models.PositiveIntegerField()
    is_per_ticket = models.BooleanField("asked for each ticket", default=True)
    is_required = models.BooleanField("required", default=False)
    is_before_payment = models.BooleanField("asked before payment", default=False)
    is_for_all = models.BooleanField("for all ticket types", default=True)
    ticket_types: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        TicketType, through="events.QuestionTarget", related_name="questions"
    )
    only_if = models.ForeignKey("self", null=True, blank=True, on_delete=models.RESTRICT, related_name="dependents")
    only_if_values = ArrayField(models.CharField(max_length=CHOICE_LENGTH), default=list, blank=True)
    answers_editable_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Until when buyers may change answers: by default, until the event starts.",
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="question_slug_once_per_event"),
            # Deferred, so that two can change places.
            models.UniqueConstraint(
                fields=["event", "position"], name="question_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=Q(slug__regex=SLUG_PATTERN), name="question_slug_shape"),
            models.CheckConstraint(
                condition=Q(only_if=None, only_if_values__len=0)
                | Q(only_if__isnull=False, only_if_values__len__range=(1, MOST_CHOICES)),
                name="question_only_if_has_values",
            ),
            models.CheckConstraint(condition=Q(only_if=None) | ~Q(only_if=F("id")), name="question_not_on_itself"),
        ]

    def __str__(self) -> str:
        return self.slug


class QuestionVersion(models.Model):
    """A question's wording, from `made_at` until the next number. An answer keeps the version that was answered."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=QuestionKind.choices)
    label = models.CharField("question", max_length=LABEL_LENGTH)
    help_text = models.TextField(
        "help", blank=True, max_length=HELP_LENGTH, validators=[MaxLengthValidator(HELP_LENGTH)]
    )
    choices = ArrayField(models.CharField(max_length=CHOICE_LENGTH), default=list, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["question", "number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_number_once"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_version_kind_known"),
            models.CheckConstraint(condition=~Q(label=""), name="question_version_has_words"),
            models.CheckConstraint(
                condition=Q(kind__in=WITH_CHOICES, choices__len__range=(1, MOST_CHOICES))
                | (~Q(kind__in=WITH_CHOICES) & Q(choices__len=0)),
                name="question_version_choices_by_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class QuestionTarget(models.Model):
    """A ticket type that a question is asked for; with `is_for_all` there are none to look at."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="targets", db_index=False)
    ticket_type = models.ForeignKey(TicketType, on_delete=models.CASCADE, related_name="targets")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "ticket_type"], name="question_target_once")]
