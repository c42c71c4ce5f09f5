"""Export: a table of an event's orders, attendees or money, made by the worker. ExportSchedule: one made by itself."""

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Q

from accounts.models import Membership, User
from events.models import Event

KEPT_FOR: Final = timedelta(days=1)


class ExportKind(models.TextChoices):
    """What is in a row. Orders and attendees are of the same sale; money is what came and went."""

    ORDERS = "orders", "Orders"
    ATTENDEES = "attendees", "Attendees"
    MONEY = "money", "Money"


class Sold(models.TextChoices):
    """Which orders: by default those that were ever bought, as these are what the numbers tell of."""

    SOLD = "sold", "Bought, cancelled later or not"
    COMPLETE = "complete", "Bought and not cancelled"
    CANCELLED = "cancelled", "Bought and cancelled later"
    EVERY = "every", "All, with holds that lapsed or are open"


class Every(models.TextChoices):
    """How often a scheduled one is made: at seven in the morning at the venue, or on Mondays at seven."""

    DAY = "day", "Every day"
    WEEK = "week", "Every week, on Monday"


class ExportSchedule(models.Model):
    """A member has asked for an export by mail. The mail has a link and no data; it ends with the membership."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="export_schedules", db_index=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="export_schedules")
    kind = models.CharField(max_length=10, choices=ExportKind.choices)
    every = models.CharField(max_length=10, choices=Every.choices)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "membership", "kind", "every"], name="export_schedule_once_per_member"
            ),
            models.CheckConstraint(condition=Q(kind__in=ExportKind.values), name="export_schedule_kind_known"),
            models.CheckConstraint(condition=Q(every__in=Every.values), name="export_schedule_every_known"),
        ]
        indexes = [models.Index(fields=["next_at"], name="export_schedule_by_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_every_display()}"


class Export(models.Model):
    """A spreadsheet that somebody has asked for. The worker makes it, and takes it away a day after it was asked for.

    Filters: `state`, which orders, and the days from `from_date` to `to_date`, both in it.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="exports", db_index=False)
    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    key = models.UUIDField(help_text="Two requests with one key make one export.")
    kind = models.CharField(max_length=10, choices=ExportKind.choices)
    state = models.CharField(max_length=10, choices=Sold.choices, default=Sold.SOLD)
    from_date = models.DateField(null=True, blank=True)
    to_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    is_scheduled = models.BooleanField(default=False, help_text="Made by itself, so its mail is owed when it is ready.")
    tell_at = models.DateTimeField(null=True, blank=True, help_text="When to try to send the mail that it is ready.")
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "key"], name="export_once_per_key"),
            models.CheckConstraint(condition=Q(kind__in=ExportKind.values), name="export_kind_known"),
            models.CheckConstraint(condition=Q(state__in=Sold.values), name="export_state_known"),
            models.CheckConstraint(condition=Q(ready_at=None) | Q(failed_at=None), name="export_ready_or_failed"),
            models.CheckConstraint(
                condition=Q(tell_at=None) | Q(ready_at__isnull=False), name="export_told_when_ready"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(ready_at=None, failed_at=None), name="export_waiting"),
            models.Index(fields=["tell_at"], condition=Q(tell_at__isnull=False), name="export_to_tell"),
            models.Index(fields=["created_at"], name="export_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.event_id}"

    @property
    def ends_at(self) -> datetime:
        """When it is taken away."""
        return self.created_at + KEPT_FOR

    @property
    def file_name(self) -> str:
        return f"{self.event.slug}-{self.kind}.xlsx"


class ExportPart(models.Model):
    """A piece of the finished file, in order: so neither the making nor the sending holds all of it."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["export", "number"]
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_part_once")]

    def __str__(self) -> str:
        return f"{self.export_id}, part {self.number}"
