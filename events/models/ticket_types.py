"""TicketType: what is listed and priced."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.models import SLUG_PATTERN, validate_slug
from events.models.events import Event
from kit.tokens import url_token

MOST_PER_ORDER = 500


class Kind(models.TextChoices):
    """How a ticket type is priced."""

    FREE = "free", "Free"
    PAID = "paid", "Paid"
    PAY_WHAT_YOU_WANT = "pwyw", "Pay what you want"


PRICED_BY_KIND = (
    Q(kind=Kind.FREE, price_minor=0, minimum_minor=None, suggested_minor=None)
    | Q(kind=Kind.PAID, price_minor__gt=0, minimum_minor=None, suggested_minor=None)
    | Q(
        kind=Kind.PAY_WHAT_YOU_WANT,
        price_minor=0,
        minimum_minor__isnull=False,
        suggested_minor__isnull=False,
        suggested_minor__gte=F("minimum_minor"),
    )
)


class Availability(models.TextChoices):
    """What is left, in words. Written by the worker's ticker, never counted per request."""

    PLENTY = "plenty", "Available"
    FEW = "few", "Few left"
    ALL_HELD = "all_held", "All held, some may come back"
    SOLD_OUT = "sold_out", "Sold out"


class TicketType(models.Model):
    """What is listed and priced. One ticket sold takes one unit from each of its quotas.

    `price_minor` is what a free (0) or paid ticket costs, in the currency's smallest unit. A
    pay-what-you-want ticket has `minimum_minor` and `suggested_minor` in its place.
    """

    # No index of its own, here and where else a unique constraint begins with the same column: that one serves.
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="ticket_types", db_index=False)
    slug = models.CharField(max_length=80, validators=[validate_slug])
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    group_heading = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PAID)
    price_minor = models.PositiveBigIntegerField("price (minor units)", default=0)
    minimum_minor = models.PositiveBigIntegerField("minimum (minor units)", null=True, blank=True)
    suggested_minor = models.PositiveBigIntegerField("suggestion (minor units)", null=True, blank=True)
    sale_starts_at = models.DateTimeField(null=True, blank=True)
    sale_ends_at = models.DateTimeField(null=True, blank=True)
    min_per_order = models.PositiveIntegerField(default=1)
    max_per_order = models.PositiveIntegerField(default=10)
    secret = models.BooleanField(default=False, help_text="Listed only for those who have its link.")
    secret_key = models.CharField(max_length=40, default=url_token, editable=False)
    is_paused = models.BooleanField(
        "paused", default=False, db_default=False, help_text="Listed, and not sold until resumed."
    )
    is_hidden = models.BooleanField(
        "hidden", default=False, db_default=False, help_text="Put away: not listed, and so not sold."
    )
    availability = models.CharField(
        max_length=10, choices=Availability.choices, default=Availability.PLENTY, editable=False
    )
    quotas: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        "events.Quota", through="events.Draw", related_name="ticket_types"
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="ticket_type_slug_once_per_event"),
            models.UniqueConstraint(fields=["event", "secret_key"], name="ticket_type_secret_key_once"),
            models.CheckConstraint(condition=Q(slug__regex=SLUG_PATTERN), name="ticket_type_slug_shape"),
            models.CheckConstraint(condition=PRICED_BY_KIND, name="ticket_type_priced_by_kind"),
            models.CheckConstraint(
                condition=Q(sale_starts_at=None) | Q(sale_ends_at=None) | Q(sale_ends_at__gt=F("sale_starts_at")),
                name="ticket_type_sale_ends_after_start",
                violation_error_message="The sale must end after it starts.",
            ),
            models.CheckConstraint(
                condition=Q(
                    min_per_order__gte=1,
                    max_per_order__gte=F("min_per_order"),
                    max_per_order__lte=MOST_PER_ORDER,
                ),
                name="ticket_type_order_limits",
                violation_error_message="The most per order must be at least the fewest, and at most 500.",
            ),
            # So that a hold needs to ask for one of them alone.
            models.CheckConstraint(
                condition=Q(is_hidden=False) | Q(is_paused=True), name="ticket_type_hidden_is_paused"
            ),
            models.CheckConstraint(condition=Q(availability__in=Availability.values), name="ticket_type_availability"),
        ]
        indexes = [
            # What the ticker looks at whatever its quotas say: checkout/sql/availability.sql.
            models.Index(
                fields=["event"],
                condition=~Q(availability=Availability.PLENTY) | Q(min_per_order__gt=6),
                name="ticket_type_to_judge",
            ),
            # The next openings, to remind of.
            models.Index(
                fields=["sale_starts_at"], condition=Q(sale_starts_at__isnull=False), name="ticket_type_by_opening"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lowest_minor(self) -> int:
        """The least that one ticket can cost."""
        return self.price_minor if self.minimum_minor is None else self.minimum_minor

    def is_before_sale(self, at: datetime) -> bool:
        return self.sale_starts_at is not None and at < self.sale_starts_at

    def is_after_sale(self, at: datetime) -> bool:
        return self.sale_ends_at is not None and at >= self.sale_ends_at

    def clean(self) -> None:
        if self.kind == Kind.FREE and self.price_minor:
            raise ValidationError({"price_minor": "A free ticket costs nothing. Choose another kind to set a price."})
        if self.kind == Kind.PAID and not self.price_minor:
            raise ValidationError({"price_minor": "A paid ticket needs a price."})
        if self.kind == Kind.PAY_WHAT_YOU_WANT and None in {self.minimum_minor, self.suggested_minor}:
            raise ValidationError({"minimum_minor": "Give a minimum (it may be 0) and a suggestion."})
