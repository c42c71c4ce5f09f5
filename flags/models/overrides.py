"""What people decide against the gates: an override of a refused grant, and keeping a flag through an on-sale."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flags.models.flags import Flag
from flags.models.grants import Recipient


class Override(models.Model):
    """Somebody wants a grant that a gate has refused (`refusal` says why), and another person decides.

    Without a decision it is open until `open_until`; approved, the grant is given by whoever approved it.
    """

    flag = models.ForeignKey[Any, Any](Flag, on_delete=models.CASCADE, related_name="overrides")
    event = models.ForeignKey("events.Event", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    organiser = models.ForeignKey(
        "accounts.Organiser", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    reason = models.CharField(max_length=300)
    refusal = models.TextField()
    grant_expires_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    open_until = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    is_approved = models.BooleanField(null=True)
    decision = models.CharField("why so", max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(event__isnull=True, organiser__isnull=False)
                | Q(event__isnull=False, organiser__isnull=True),
                name="override_to_one",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="override_by_two"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, is_approved__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, is_approved__isnull=False),
                name="override_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flag} for {self.event or self.organiser}, asked by {self.asked_by}"

    @property
    def recipient(self) -> Recipient:
        return Recipient(event_id=self.event_id, organiser_id=self.organiser_id)


class Keep(models.Model):
    """A flag stays on through one on-sale of an event although the review would switch it off: who says so, and why."""

    flag = models.ForeignKey[Any, Any](Flag, on_delete=models.CASCADE, related_name="keeps", db_index=False)
    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="+")
    on_sale_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["flag", "event", "on_sale_at"], name="keep_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="keep_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.flag} kept for {self.event}"
