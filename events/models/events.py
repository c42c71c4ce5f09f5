"""Event: where and when, in which money, and whether it is shown."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import SLUG_PATTERN, Organiser, validate_slug
from accounts.models.organisers import MOST_POLICY
from kit.wall_time import WallTimeField, instant_of

ACCENT_PATTERN = r"^#[0-9a-f]{6}$"


def validate_timezone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA zone such as Europe/London."""
    if name not in available_timezones():
        raise ValidationError("Not a time zone we know: use a name such as Europe/London.", code="timezone")


def validate_currency(code: str) -> None:
    """Raises ValidationError unless `code` is an ISO 4217 code such as EUR."""
    if code not in list_currencies():
        raise ValidationError("Not a currency we know: use a code such as EUR.", code="currency")


class State(models.TextChoices):
    """Draft is seen by nobody, live is seen and sold, closed is seen and no longer sold."""

    DRAFT = "draft", "Draft"
    LIVE = "live", "Live"
    CLOSED = "closed", "Closed"


class EventQuerySet(models.QuerySet["Event"]):
    """Words for questions about many events."""

    def public(self) -> "EventQuerySet":
        return self.exclude(state=State.DRAFT)

    def listed(self) -> "EventQuerySet":
        """Those that people can find. A rehearsal, or an event in test mode, is shown to whoever knows its address, as
        buying in it must work."""
        return self.public().filter(rehearsal_of=None, is_test=False)

    def in_use(self) -> "EventQuerySet":
        """Those that their organiser has not put away."""
        return self.filter(archived_at=None)

    def rehearsals(self) -> "EventQuerySet":
        return self.filter(rehearsal_of__isnull=False)

    def upcoming(self, *, at: datetime) -> "EventQuerySet":
        return self.filter(ends_at__gt=at).order_by("starts_at", "id")


class Event(models.Model):
    """Something people come to. Its times are kept as the wall shows them; the instants follow from the zone.

    `version` counts every change to the event, its ticket types and its quotas. Triggers raise it
    (events/sql/version.sql), so no code path, bulk update or hand-written SQL can forget to; cached
    copies carry it in their keys.
    """

    organiser = models.ForeignKey(Organiser, on_delete=models.PROTECT, related_name="events", db_index=False)
    slug = models.CharField(max_length=80, validators=[validate_slug])
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, help_text="Markdown.")
    venue = models.CharField(max_length=300, blank=True)
    timezone = models.CharField(max_length=64, default="Europe/London", validators=[validate_timezone])
    local_starts_at = WallTimeField("starts", help_text="As the clock on the wall shows it at the venue.")
    local_ends_at = WallTimeField("ends")
    starts_at = models.GeneratedField(
        expression=instant_of("local_starts_at", "timezone"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    ends_at = models.GeneratedField(
        expression=instant_of("local_ends_at", "timezone"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    currency = models.CharField(max_length=3, default="GBP", validators=[validate_currency])
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    hold_minutes = models.PositiveSmallIntegerField(
        default=15, help_text="How long tickets are held for a buyer who has not paid yet."
    )
    accent = models.CharField(
        max_length=7,
        default="#4338ca",
        validators=[RegexValidator(ACCENT_PATTERN, "Use a colour such as #4338ca.")],
    )
    refund_policy = models.TextField(
        max_length=MOST_POLICY, blank=True, default="", db_default="",
        help_text="Shown to buyers before they pay, in place of the organiser's. Markdown.",
    )  # fmt: skip
    # Play money, found by its link alone. It changes only while there is no order (checkout/sql/test_mode.sql).
    is_test = models.BooleanField(default=False, db_default=False, editable=False)
    # PROTECT: without it a rehearsal would be an event like any other, and take real money. A trigger keeps it so.
    rehearsal_of = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="rehearsed_by"
    )
    archived_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when its organiser's lists leave it out."
    )
    version = models.PositiveBigIntegerField(default=1, editable=False)
    # Kept by a trigger (events/sql/questions.sql), so that an order of an event that asks nothing costs no query more.
    question_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["organiser", "slug"], name="event_slug_once_per_organiser"),
            models.CheckConstraint(condition=Q(slug__regex=SLUG_PATTERN), name="event_slug_shape"),
            models.CheckConstraint(condition=Q(local_ends_at__gte=F("local_starts_at")), name="event_ends_after_start"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="event_state_known"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="event_currency_shape"),
            models.CheckConstraint(condition=Q(accent__regex=ACCENT_PATTERN), name="event_accent_shape"),
            models.CheckConstraint(condition=Q(hold_minutes__range=(1, 120)), name="event_hold_minutes_sane"),
            models.CheckConstraint(condition=Q(is_test=False) | Q(rehearsal_of=None), name="event_test_or_rehearsal"),
        ]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(state="live"), name="event_live_by_end"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/{self.organiser.slug}/{self.slug}/"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is a copy that a generated crowd buys at: no money, no mail, gone afterwards (surge/)."""
        return self.rehearsal_of_id is not None

    def clean(self) -> None:
        if self.local_starts_at and self.local_ends_at and self.local_ends_at < self.local_starts_at:
            raise ValidationError({"local_ends_at": "The end must not come before the start."})
