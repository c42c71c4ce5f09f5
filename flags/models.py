"""waffle's Flag, made our own, and the grant that turns one on or off for one event.

The model is swapped in from the first migration: Django cannot swap it later.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from waffle.models import AbstractUserFlag


class Flag(AbstractUserFlag):
    """A switch over an in-development feature."""

    class Meta(AbstractUserFlag.Meta):
        abstract = False


class GrantQuerySet(models.QuerySet["Grant"]):
    """Words for questions about many grants."""

    def in_force(self, *, at: datetime) -> "GrantQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))


class Grant(models.Model):
    """A flag turned on or off for one event, with who did it and why."""

    flag = models.ForeignKey(Flag, on_delete=models.CASCADE, related_name="grants", db_index=False)
    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="grants")
    is_on = models.BooleanField("on", default=True)
    reason = models.CharField(max_length=300)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flag", "event"], name="grant_once_per_event"),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.flag} {'on' if self.is_on else 'off'} for {self.event}"
