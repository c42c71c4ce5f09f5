"""Evidence: what a flag's feature was tried with before more people got it, and what came of it."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from flags.models.flags import Flag

COMMIT_PATTERN = r"^[0-9a-f]{7,40}$"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Words for what is proven and what is not."""

    def against(self) -> "EvidenceQuerySet":
        """Rehearsals that the flag did not bear."""
        return self.exclude(against="")

    def proofs(self) -> "EvidenceQuerySet":
        """Rehearsals that the flag has borne, but for those that a later one has refuted: it failed, with an event of
        that size or a smaller one."""
        later = Evidence.objects.against().filter(
            flag=OuterRef("flag"), at__gte=OuterRef("at"), ticket_types__lte=OuterRef("ticket_types")
        )
        return self.filter(~Exists(later), against="")

    def unanswered(self) -> "EvidenceQuerySet":
        """Rehearsals that the flag did not bear, and since then none with an event of that size or a larger one."""
        later = Evidence.objects.filter(
            flag=OuterRef("flag"), at__gt=OuterRef("at"), ticket_types__gte=OuterRef("ticket_types"), against=""
        )
        return self.against().filter(~Exists(later))


class Evidence(models.Model):
    """One rehearsal with the flag on: which, of which commit, with how large an event, under how many requests; and
    what was found against the flag, if anything was. Such a one proves nothing."""

    flag = models.ForeignKey[Any, Any](Flag, on_delete=models.CASCADE, related_name="evidence")
    rehearsal = models.CharField(max_length=200, help_text="Its name, or where its record is.")
    commit = models.CharField(
        max_length=40, validators=[RegexValidator(COMMIT_PATTERN, "Use 7 to 40 digits of the commit, 0 to 9, a to f.")]
    )
    ticket_types = models.PositiveIntegerField()
    requests_per_second = models.PositiveIntegerField("requests a second")
    at = models.DateTimeField("when")
    against = models.CharField(
        "found against it", max_length=300, blank=True,
        help_text="What the flag did not bear. Leave it empty if it held.",
    )  # fmt: skip
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=Q(commit__regex=COMMIT_PATTERN), name="evidence_commit_shape"),
            models.CheckConstraint(condition=~Q(rehearsal=""), name="evidence_names_its_rehearsal"),
        ]

    def __str__(self) -> str:
        return self.rehearsal
