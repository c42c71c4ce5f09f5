"""Who belongs to a team, as what, and for which events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions import log
from accounts.models import Membership, Organiser, Role, User

# Events are taken as they come: this room knows none by name.
Events = Sequence[Any] | None


class LastOwner(Exception):
    """Nobody would be left who may run the team."""


class OwnersHaveAll(Exception):
    """An owner is an owner of all events."""


class NotOfTheTeam(Exception):
    """They have left meanwhile."""


@transaction.atomic
def add(*, organiser: Organiser, user: User, role: str, events: Events, now: datetime) -> Membership:
    """Makes them a member for all events (None) or for these; whoever is one already stays what they are.

    Raises OwnersHaveAll. Who lets them in writes the log.
    """
    _refuse_limited_owner(role, events)
    member, is_new = Membership.objects.get_or_create(
        organiser=organiser, user=user, defaults={"role": role, "is_limited": events is not None}
    )
    if is_new and events is not None:
        member.events.set(events)
    return member


@transaction.atomic
def change(*, member: Membership, role: str, events: Events, by: User, now: datetime) -> Membership:
    """Gives a member this role, for all events (None) or for these. Raises LastOwner, OwnersHaveAll, NotOfTheTeam."""
    _refuse_limited_owner(role, events)
    found = _locked(member)
    before = described(found.role, _events_of(found))
    if _is_last_owner(found) and (role != Role.OWNER or events is not None):
        raise LastOwner
    found.role, found.is_limited = role, events is not None
    found.save(update_fields=["role", "is_limited"])
    found.events.set(events or [])
    after = described(role, events)
    if after != before:
        log.record(
            organiser=found.organiser, by=by, kind="member-changed", now=now,
            said=f"{found.user.get_full_name()} was {before} and is {after}.",
            details={"user": found.user_id, "email": found.user.email},
        )  # fmt: skip
    return found


@transaction.atomic
def remove(*, member: Membership, by: User, now: datetime) -> None:
    """Takes a member out of the team. Raises LastOwner, NotOfTheTeam."""
    found = _locked(member)
    if _is_last_owner(found):
        raise LastOwner
    before = described(found.role, _events_of(found))
    log.record(
        organiser=found.organiser, by=by, kind="member-removed", now=now,
        said=f"{found.user.get_full_name()}, {before}, was removed from the team.",
        details={"user": found.user_id, "email": found.user.email},
    )  # fmt: skip
    found.delete()


def described(role: str, events: Events) -> str:
    """`Manager for Autumn Conference and Spring Fair`, for the log and for mails."""
    name = Role(role).label
    if events is None:
        return f"{name} for all events"
    titles = sorted(str(event.title) for event in events)
    return f"{name} for {' and '.join(filter(None, [', '.join(titles[:-1]), *titles[-1:]])) or 'no event'}"


def _locked(member: Membership) -> Membership:
    """The row as it is now. The organiser's row is the lock of the whole team: buyers do not wait for it."""
    Organiser.objects.select_for_update(no_key=True).get(pk=member.organiser_id)
    found = Membership.objects.select_related("organiser", "user").filter(pk=member.pk).first()
    if found is None:
        raise NotOfTheTeam
    return found


def _events_of(member: Membership) -> Events:
    return list(member.events.all()) if member.is_limited else None


def _is_last_owner(member: Membership) -> bool:
    """As the database sees it when the transaction ends (accounts/sql/owners.sql)."""
    if member.role != Role.OWNER or member.is_limited:
        return False
    owners = Membership.objects.filter(organiser=member.organiser_id, role=Role.OWNER, is_limited=False)
    return not owners.exclude(pk=member.pk).exists()


def _refuse_limited_owner(role: str, events: Events) -> None:
    if role == Role.OWNER and events is not None:
        raise OwnersHaveAll
