"""Mail: the outbox. A row is written with the change that causes it and drained by the worker."""

from django.db import models
from django.db.models import Q

from checkout.models.orders import Order


class Mail(models.Model):
    """One message owed to a buyer. Rendered when it is sent, from the order as it then stands."""

    class Kind(models.TextChoices):
        TICKETS = "tickets", "Your tickets"
        FOUND_TICKETS = "found_tickets", "Late payment, tickets found"
        REFUNDED = "refunded", "Refunded"
        CANCELLED = "cancelled", "Cancelled"
        TAKEN_BACK = "taken_back", "Tickets or money taken back"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="mail", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    to = models.EmailField(max_length=254)
    key = models.CharField(max_length=80, help_text="Two requests for one message with one key make one message.")
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    held_back_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was written and not sent: its order is a rehearsal's."
    )
    bounced_at = models.DateTimeField(null=True, blank=True, help_text="When its address was refused for good.")
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "mail"
        constraints = [
            models.UniqueConstraint(fields=["order", "key"], name="mail_once_per_key"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="mail_sent_or_failed"),
            models.CheckConstraint(condition=Q(held_back_at=None) | Q(sent_at=None), name="mail_held_back_not_sent"),
            models.CheckConstraint(
                condition=Q(bounced_at=None) | Q(failed_at__isnull=False), name="mail_bounced_failed"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(sent_at=None, failed_at=None, held_back_at=None),
                name="mail_waiting",
            ),
            models.Index(fields=["order"], condition=Q(failed_at__isnull=False), name="mail_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.to}"
