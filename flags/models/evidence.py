"""Evidence: what a flag's feature was tried with before more people got it."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from flags.models.flags import Flag

COMMIT_PATTERN = r"^[0-9a-f]{7,40}$"


class Evidence(models.Model):
    """One rehearsal with the flag on: which, of which commit, with how large an event, under how many requests."""

    flag = models.ForeignKey[Any, Any](Flag, on_delete=models.CASCADE, related_name="evidence")
    rehearsal = models.CharField(max_length=200, help_text="Its name, or where its record is.")
    commit = models.CharField(
        max_length=40, validators=[RegexValidator(COMMIT_PATTERN, "Use 7 to 40 digits of the commit, 0 to 9, a to f.")]
    )
    ticket_types = models.PositiveIntegerField()
    requests_per_second = models.PositiveIntegerField("requests a second")
    at = models.DateTimeField("when")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=Q(commit__regex=COMMIT_PATTERN), name="evidence_commit_shape"),
            models.CheckConstraint(condition=~Q(rehearsal=""), name="evidence_names_its_rehearsal"),
        ]

    def __str__(self) -> str:
        return self.rehearsal
