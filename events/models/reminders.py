"""Reminder: somebody wants to hear when a sale opens."""

from datetime import datetime

from django.db import models
from django.db.models import Min, Q

from events.models.events import Event, State


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Words for questions about many reminders."""

    def due(self, *, at: datetime, opening_before: datetime) -> "ReminderQuerySet":
        """Not yet sent, for live events whose next public opening comes by then; annotated as `opens_at`."""
        coming = Q(event__ticket_types__sale_starts_at__gt=at, event__ticket_types__secret=False)
        waiting = self.filter(sent_at=None, next_attempt_at__lte=at, event__state=State.LIVE)
        return waiting.annotate(opens_at=Min("event__ticket_types__sale_starts_at", filter=coming)).filter(
            opens_at__lte=opening_before
        )


class Reminder(models.Model):
    """One mail to one address, shortly before the event's next on-sale. It is all that we keep the address for."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="reminders")
    email = models.EmailField("e-mail", max_length=254)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "email"], name="reminder_once_per_address"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(sent_at=None), name="reminder_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.email} for {self.event}"
