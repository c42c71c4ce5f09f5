"""Change: the audit of flags, whoever or whatever changed one. Triggers write it (flags/sql/audit.sql)."""

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q

# What of a flag's own row decides an answer; the rest is description.
DECIDING: Final = ["stage", "is_killed", "everyone", "expires_at"]


class ChangeQuerySet(models.QuerySet["Change"]):
    """Words for questions about many changes."""

    def of_answers(self) -> "ChangeQuerySet":
        """Those after which a flag may have answered otherwise."""
        return self.filter(~Q(what="flag changed") | Q(after__has_any_keys=DECIDING))

    def since(self, moment: datetime) -> "ChangeQuerySet":
        return self.filter(at__gt=moment)


class Change(models.Model):
    """One thing that was changed: of a flag, a grant or a prerequisite. Append-only: a trigger refuses the rest.

    `flag` is the name, and event and organiser are kept as numbers without a promise, so that a row outlives what it
    tells of. `before` and `after` have the fields that differ. `by` is an e-mail address, "automatic", or, when
    somebody went past our acts, "database: " and the role they used.
    """

    at = models.DateTimeField("when")
    by = models.CharField(max_length=300)
    what = models.CharField(max_length=30)
    flag = models.CharField(max_length=100)
    event = models.ForeignKey(
        "events.Event", null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    organiser = models.ForeignKey(
        "accounts.Organiser", null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False,
        related_name="+",
    )  # fmt: skip
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(by=""), name="change_is_signed"),
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False), name="change_of_something"
            ),
        ]
        indexes = [
            models.Index(fields=["flag", "-id"], name="change_by_flag"),
            # The log of one event and of one organiser.
            models.Index(fields=["event", "-id"], condition=Q(event__isnull=False), name="change_by_event"),
            models.Index(fields=["organiser", "-id"], condition=Q(organiser__isnull=False), name="change_by_organiser"),
        ]

    def __str__(self) -> str:
        return f"{self.flag}: {self.what} by {self.by}"
