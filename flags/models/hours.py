"""What flags cost and how often they were used: a row for each flag, event and hour, rolled up by the worker."""

from typing import Any

from django.db import models
from django.db.models import Q

from flags.models.flags import Flag


class Hour(models.Model):
    """One flag for one event within one hour, from `at` on: what it cost, and how often somebody used it.

    `requests` are those in which code under the flag ran; `milliseconds` are of the database, over all of them. The two
    worst are the highest 95th percentile of any ten seconds of the hour, for one request.
    """

    flag = models.ForeignKey[Any, Any](Flag, on_delete=models.CASCADE, related_name="hours", db_index=False)
    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField("hour")
    requests = models.PositiveBigIntegerField(default=0)
    queries = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    worst_queries = models.PositiveIntegerField("queries, worst p95", default=0)
    worst_ms = models.PositiveIntegerField("milliseconds, worst p95", default=0)
    uses = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flag", "event", "at"], name="hour_once"),
        ]

    def __str__(self) -> str:
        return f"{self.flag} in the hour from {self.at:%Y-%m-%d %H:%M}"


class RolledUp(models.Model):
    """Up to which window of ten seconds the hours are written; one row. The number is its beginning, in seconds since
    the epoch. Whoever rolls a window up raises it in the same transaction, so that none counts twice."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    window = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="rolled_up_one_row")]

    def __str__(self) -> str:
        return f"up to {self.window}"
