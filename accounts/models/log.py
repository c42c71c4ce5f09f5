"""LogEntry: one thing that somebody, or the system, did at an organiser. Only ever added to."""

from typing import Final

from django.db import models

from accounts.models.organisers import Organiser

MOST_SAID: Final = 500


class LogEntry(models.Model):
    """A line of the audit log, as it was true then: names are kept as words, so that nothing that goes takes it along.

    A trigger (accounts/sql/log.sql) refuses changes and deletions. Flags and orders have logs of their own.
    """

    organiser = models.ForeignKey(Organiser, on_delete=models.PROTECT, related_name="log", db_index=False)
    event_id = models.BigIntegerField("event's number", null=True, blank=True)
    event_title = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by_id = models.BigIntegerField("user's number", null=True, blank=True)
    by = models.CharField(max_length=200, help_text="The person's name, or `the system`.")
    kind = models.CharField(max_length=40)
    said = models.CharField(max_length=MOST_SAID)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "log entries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organiser", "-id"], name="log_of_organiser"),
            models.Index(fields=["event_id", "-id"], name="log_of_event"),
        ]

    def __str__(self) -> str:
        return self.said
