"""Notice: a mail about a flag, to its owner, an organiser or staff. Written in the transaction that it tells of."""

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """One mail to one address, sent by the worker. `about` says what of, and of that each address hears once."""

    about = models.CharField(max_length=300)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["about", "to"], name="notice_once"),
            models.CheckConstraint(condition=~Q(to="") & ~Q(subject=""), name="notice_is_to_somebody"),
        ]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(sent_at=None), name="notice_waiting")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
