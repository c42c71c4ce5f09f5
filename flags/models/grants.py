"""Grant: a flag turned on or off for one event, or for all events of one organiser, for a while and with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from flags.models.flags import Flag

FOR_LONG: Final = timedelta(days=14)  # how long a grant holds unless its giver says otherwise


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is granted something: one event, or one organiser. Raises ValueError unless it is exactly one."""

    event_id: int | None = None
    organiser_id: int | None = None

    def __post_init__(self) -> None:
        if (self.event_id is None) == (self.organiser_id is None):
            raise ValueError("A grant is to one event or to one organiser.")


class Switch(models.TextChoices):
    """What of the site switched a flag off for an event by itself. Such a grant has no end: a person ends it."""

    GUARD = "guard", "The guard: it broke its budget"
    REVIEW = "review", "The review before an on-sale: unused or unproven"


class GrantQuerySet(models.QuerySet["Grant"]):
    """Words for questions about many grants."""

    def in_force(self, *, at: datetime) -> "GrantQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))


class Grant(models.Model):
    """A flag turned on or off for one event, or for all of one organiser's, with who did it and why.

    Written by flags/actions/grants.py. Only grants from before there were ends have none.
    """

    flag = models.ForeignKey[Any, Any](Flag, on_delete=models.CASCADE, related_name="grants", db_index=False)
    event = models.ForeignKey("events.Event", null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    organiser = models.ForeignKey(
        "accounts.Organiser", null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    is_on = models.BooleanField("on", default=True)
    reason = models.CharField(max_length=300)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Without it, in 14 days.")
    switched_off_by = models.CharField(max_length=10, blank=True, choices=Switch.choices, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flag", "event"], name="grant_once_per_event"),
            models.UniqueConstraint(fields=["flag", "organiser"], name="grant_once_per_organiser"),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_a_reason"),
            models.CheckConstraint(condition=Q(switched_off_by__in=["", *Switch.values]), name="grant_switch_known"),
            models.CheckConstraint(
                condition=Q(switched_off_by="") | Q(is_on=False, expires_at__isnull=True, event__isnull=False),
                name="grant_switched_off_stays",
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=True, organiser__isnull=False)
                | Q(event__isnull=False, organiser__isnull=True),
                name="grant_to_one",
                violation_error_message="Choose an event or an organiser, not both.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flag} {'on' if self.is_on else 'off'} for {self.event or self.organiser}"

    @property
    def recipient(self) -> Recipient:
        return Recipient(event_id=self.event_id, organiser_id=self.organiser_id)
