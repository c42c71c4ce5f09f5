"""Invitation: somebody asked by mail to join an organiser's team."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models.memberships import Role
from accounts.models.organisers import Organiser
from accounts.models.users import User


class Invitation(models.Model):
    """Open until it is accepted or withdrawn, which deletes it; the log keeps what became of it.

    Its token is in the mail alone: here is the token's SHA-256, so nobody who reads the table can join.
    """

    organiser = models.ForeignKey(Organiser, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    email = models.EmailField("e-mail address", max_length=254)
    role = models.CharField(max_length=20, choices=Role.choices)
    is_limited = models.BooleanField("only chosen events", default=False)
    events: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        "events.Event", through="InvitedTo", related_name="limited_invitations"
    )
    token_hash = models.CharField(max_length=64)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint("organiser", Lower("email"), name="invitation_once"),
            models.UniqueConstraint(fields=["token_hash"], name="invitation_token_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="invitation_lapses_later"),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()} of {self.organiser}"

    def is_open(self, *, at: datetime) -> bool:
        return self.expires_at > at


class InvitedTo(models.Model):
    """One of the events that somebody is invited for."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="invited_to", db_index=False)
    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="invited_for")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "event"], name="invited_to_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.invitation}"
