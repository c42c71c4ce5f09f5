"""What a member may read: their own organisers and those organisers' events, and nobody else's."""

from typing import Any, Final

from django.db.models import F, Q, QuerySet

from accounts.models import Membership, Organiser, Role
from events.models import Event
from events.models.events import EventQuerySet
from organise.policy import ALLOWED, Act

MAY_READ: Final = tuple(role for role in Role.values if Act.READ_EVENTS in ALLOWED[role])


def organisers(user: Any) -> "QuerySet[Organiser]":
    """Those of whom this user is a member that may read, by name."""
    return Organiser.objects.filter(memberships__user=user, memberships__role__in=MAY_READ).order_by("name", "pk")


def events(user: Any) -> EventQuerySet:
    """All events that this user may read: of these organisers, or the chosen ones of those who limited them."""
    member = Membership.objects.filter(user=user, role__in=MAY_READ)
    of_theirs = Q(organiser__in=member.filter(is_limited=False).values("organiser"))
    # Chosen events count only with the organiser who chose them.
    chosen = Event.objects.filter(
        limited_memberships__in=member.filter(is_limited=True), limited_memberships__organiser=F("organiser")
    )
    in_part = Q(pk__in=chosen.values("pk"))
    return Event.objects.filter(of_theirs | in_part).select_related("organiser")


def events_of(member: Membership) -> EventQuerySet:
    """The events of the member's organiser that this member is let into, whatever their role."""
    found: EventQuerySet = Event.objects.filter(organiser=member.organiser_id)
    return found.filter(limited_memberships=member) if member.is_limited else found
