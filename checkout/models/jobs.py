"""Job: one act on many orders, done in the background, that can be watched, stopped, and goes on after a crash."""

from django.db import models
from django.db.models import F, Q

from checkout.models.orders import Order
from events.models import Event


class Job(models.Model):
    """What was asked for. `total` orders were chosen when it was made, one JobOrder each; later ones are not in it."""

    class Kind(models.TextChoices):
        RESEND = "resend", "Send tickets again"
        CANCEL = "cancel", "Cancel orders"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.UUIDField(help_text="Two requests with one key make one job.")
    # Of a job that cancels: whether money goes back, whether the places do, and what buyers read.
    sends_money_back = models.BooleanField(default=False)
    is_back_on_sale = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="When somebody asked it to stop.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "key"], name="job_once_per_key"),
            models.CheckConstraint(condition=Q(kind__in=["resend", "cancel"]), name="job_kind_known"),
            models.CheckConstraint(condition=Q(total__gte=F("done") + F("failed")), name="job_counts_within_total"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(finished_at=None), name="job_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.total} orders"

    @property
    def is_running(self) -> bool:
        return self.finished_at is None

    @property
    def left(self) -> int:
        return self.total - self.done - self.failed


class JobOrder(models.Model):
    """One order of a job: done in one transaction with what is done to it, so each order is done once."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="orders", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "order"], name="job_order_once"),
            models.CheckConstraint(condition=Q(done_at=None) | Q(failed_at=None), name="job_order_done_or_failed"),
        ]
        indexes = [
            models.Index(fields=["job", "id"], condition=Q(done_at=None, failed_at=None), name="job_order_left"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.order_id}"
