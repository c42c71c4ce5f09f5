"""Code, which makes tickets cheaper or opens secret ones, and its hot row of uses."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from events.models.events import Event
from events.models.ticket_types import MOST_PER_ORDER
from kit import money

TEXT_PATTERN: Final = r"^[A-Z0-9][A-Z0-9_-]{0,39}$"
LONGEST_TEXT: Final = 40
MOST_OFF_MINOR: Final = 99_999_999


def normal_text(typed: str) -> str:
    """A code as it is stored, from how somebody typed it: capitals do not matter, nor does white space."""
    return "".join(typed.split()).upper()[: LONGEST_TEXT + 1]


class CodeQuerySet(models.QuerySet["Code"]):
    """Words for questions about many codes."""

    def unused(self) -> "CodeQuerySet":
        """Those that nobody has used or holds a use of. One that an order once had cannot go either: a trigger."""
        return self.filter(Exists(CodeUse.objects.filter(code=OuterRef("pk"), used=0)))


class Code(models.Model):
    """What a buyer types for a discount, or to see secret ticket types.

    One use is one ticket that the code changes: that it makes cheaper, or that it alone opens. A ticket it does not
    change (free, pay what you want, or of another type) uses none. Uses are taken and given back with the stock.

    `percent` or `amount_minor` comes off each ticket, never both; none for an access code, which then `reveals_secret`.
    `ticket_type_ids` are the types that it works for, None for all; an array and no table between, so that the hold
    reads one row, and ten thousand codes are ten thousand rows. A trigger keeps them to the event's own.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="codes", db_index=False)
    text = models.CharField(
        max_length=LONGEST_TEXT,
        validators=[
            RegexValidator(TEXT_PATTERN, "Use letters, digits, - and _, at most 40, and begin with neither sign.")
        ],
        help_text="What buyers type. Capitals and small letters are the same.",
    )
    percent = models.PositiveSmallIntegerField(
        "percent off", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    amount_minor = models.PositiveBigIntegerField("amount off (minor units)", null=True, blank=True)
    ticket_type_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    reveals_secret = models.BooleanField(default=False)
    fewest_tickets = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_ORDER)]
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    is_on = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True, help_text="For yourselves; buyers never see it.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CodeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "text"], name="code_once_per_event",
                violation_error_message="There is a code with this text already.",
            ),
            models.CheckConstraint(condition=Q(text__regex=TEXT_PATTERN), name="code_text_shape"),
            models.CheckConstraint(condition=Q(percent=None) | Q(percent__range=(1, 100)), name="code_percent_range"),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__range=(1, MOST_OFF_MINOR)), name="code_amount_range"
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(amount_minor=None), name="code_percent_or_amount",
                violation_error_message="Take off a percentage or an amount, not both.",
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=False) | Q(amount_minor__isnull=False) | Q(reveals_secret=True),
                name="code_does_something",
                violation_error_message="Let the code take something off, or show secret ticket types.",
            ),
            models.CheckConstraint(
                condition=Q(fewest_tickets__range=(1, MOST_PER_ORDER)), name="code_fewest_range"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="code_ends_after_start",
                violation_error_message="The code must end after it starts.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        """The link that applies it. The event and its organiser must have been selected along."""
        return f"{self.event.get_absolute_url()}code/{self.text}/"

    def clean(self) -> None:
        self.text = normal_text(self.text)
        if self.amount_minor and self.amount_minor % money.step(self.event.currency):
            least = money.amount_text(money.step(self.event.currency), self.event.currency)
            raise ValidationError({"amount_minor": f"Amounts go in steps of {least}."})


class CodeUse(models.Model):
    """The hot row of a code. `used` moves only inside checkout/sql; the CHECK makes using too often impossible.

    used = tickets that the code changed, in orders that are held, being paid or complete. A `capacity` of None is no
    limit.
    """

    code = models.OneToOneField(Code, on_delete=models.CASCADE, primary_key=True, related_name="use")
    capacity = models.IntegerField("most uses", null=True, blank=True, validators=[MinValueValidator(0)])
    used = models.IntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(capacity=None) | Q(used__lte=F("capacity"))), name="code_never_overused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.used} of {'any number' if self.capacity is None else self.capacity}"

    @property
    def left(self) -> int | None:
        """How many uses are left, or None without a limit."""
        return None if self.capacity is None else self.capacity - self.used
