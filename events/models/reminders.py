"""Reminder: somebody wants to hear when a sale opens."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from events.models.events import Event, State
from events.models.ticket_types import TicketType


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Words for questions about many reminders."""

    def due(self, *, at: datetime, opening_before: datetime) -> "ReminderQuerySet":
        """Not yet sent, for live events, no rehearsals, of which a public sale opens by then.

        Begins with the few openings: joined the other way round, each reminder would read all of its event's types.
        """
        public = TicketType.objects.filter(secret=False, is_paused=False)
        soon = public.filter(sale_starts_at__gt=at, sale_starts_at__lte=opening_before)
        waiting = self.filter(sent_at=None, next_attempt_at__lte=at, event__state=State.LIVE)
        waiting = waiting.filter(event__rehearsal_of=None)
        return waiting.filter(event__in=soon.order_by().values("event"))


class Reminder(models.Model):
    """One mail to one address, shortly before the event's next on-sale. It is all that we keep the address for."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="reminders", db_index=False)
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
            models.Index(fields=["event", "next_attempt_at"], condition=Q(sent_at=None), name="reminder_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.email} for {self.event}"
