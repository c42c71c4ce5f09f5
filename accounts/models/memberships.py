"""Membership: who belongs to an organiser, as what, and for which events."""

from django.db import models
from django.db.models import Q

from accounts.models.organisers import Organiser
from accounts.models.users import User


class Role(models.TextChoices):
    """What a member may do; the rules themselves live with the organiser's pages."""

    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    FINANCE = "finance", "Finance"
    READ_ONLY = "read_only", "Read-only"
    DOOR = "door", "Door"


class Membership(models.Model):
    """One user's role with one organiser: for all of its events, or `is_limited` to those in `events`."""

    organiser = models.ForeignKey(Organiser, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    # A claim of its own: whose last chosen event goes must not have them all by that.
    is_limited = models.BooleanField("only chosen events", default=False, db_default=False)
    events: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        "events.Event", through="Chosen", related_name="limited_memberships", help_text="The chosen ones."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organiser", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()} of {self.organiser}"


class Chosen(models.Model):
    """One of the events that a limited member is let into."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="chosen", db_index=False)
    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="chosen_for")

    class Meta:
        verbose_name = "chosen event"
        constraints = [
            models.UniqueConstraint(fields=["membership", "event"], name="chosen_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.membership}"
