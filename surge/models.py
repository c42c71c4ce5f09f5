"""RehearsalRun: one rehearsal of an event's sale, what it was played with and what came of it."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from events.models import Event


class RunState(models.TextChoices):
    """Unproven: nothing was found wrong, and the generator could not ask for as much as it should. Aborted: stopped
    before its end, by a person or by itself; its figures are of the part that was played."""

    RUNNING = "running", "Running"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    UNPROVEN = "unproven", "Not proven"
    ABORTED = "aborted", "Aborted"


class RehearsalRunQuerySet(models.QuerySet["RehearsalRun"]):
    """Words for questions about many runs."""

    def abandoned(self, *, before: datetime) -> "RehearsalRunQuerySet":
        """Those of which something is left although they began so long ago: what ran them has died."""
        return self.filter(started_at__lt=before).filter(Q(rehearsal__isnull=False) | Q(state=RunState.RUNNING))


class RehearsalRun(models.Model):
    """A sale that was played on a copy of `event`, called `rehearsal` while it is there.

    `settings` is the generator's plan, `flags` what each flag answered for the event, `shape` what it sells (both as
    surge/shapes.py reads them), `hardware` the machine. `figures` has three parts: `outcome` is the generator's,
    `site` what the site itself knows, `verdict` is what follows (surge/verdict.py).
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="rehearsal_runs")
    rehearsal = models.OneToOneField(
        Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="rehearsal_run"
    )
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    commit = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    flags = models.JSONField(default=dict)
    shape = models.JSONField(default=dict)
    hardware = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    payments_url = models.CharField(max_length=200, blank=True, help_text="Of the fake that stood in for Stripe.")
    payments_secret = models.CharField(max_length=100, blank=True, help_text="What that fake signed its notices with.")

    objects = RehearsalRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="rehearsal_run_state_known"),
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING, ended_at__isnull=True)
                | ~Q(state=RunState.RUNNING) & Q(ended_at__isnull=False),
                name="rehearsal_run_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(payments_url="")
                | Q(payments_url__regex=r"^https?://") & ~Q(payments_url__iregex=r"stripe\.com"),
                name="rehearsal_run_pays_at_a_fake",
            ),
        ]

    def __str__(self) -> str:
        return f"Rehearsal {self.pk} of {self.event}"

    @property
    def name(self) -> str:
        """As evidence names it."""
        return f"Rehearsal {self.pk}: {self.event.organiser.slug}/{self.event.slug}"

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What was judged, in words, the worst first; empty while it runs."""
        return list(self.figures.get("verdict", {}).get("findings", ()))
