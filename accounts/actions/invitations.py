"""Inviting people to a team by mail. The token is in the mail alone, and the link lapses after three days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.actions import log, team
from accounts.actions.team import Events, OwnersHaveAll, described
from accounts.models import Invitation, Membership, Organiser, Role, User
from kit.tokens import url_token

LASTS: Final = timedelta(days=3)
PAUSE: Final = timedelta(minutes=1)
MOST_OPEN: Final = 100


class AlreadyMember(Exception):
    """Somebody of the team has this address."""


class AlreadyInvited(Exception):
    """There is an invitation for this address; it can be sent again."""


class TooMany(Exception):
    """So many are open that this looks like something else than a team."""


class TooSoon(Exception):
    """The last mail was sent less than a minute ago."""


class Gone(Exception):
    """It was accepted or withdrawn, it lapsed, or there never was one with this token."""


class NotYours(Exception):
    """It was sent to another address than that of who is signed in."""


@dataclass(frozen=True, slots=True)
class Issued:
    """An invitation with the token that goes into its mail and is kept nowhere."""

    invitation: Invitation
    token: str


@transaction.atomic
def invite(*, organiser: Organiser, email: str, role: str, events: Events, by: User, now: datetime) -> Issued:
    """Asks somebody to join, for all events (None) or for these.

    Raises AlreadyMember, AlreadyInvited, TooMany, OwnersHaveAll. Mail is the caller's, once this is committed.
    """
    if role == Role.OWNER and events is not None:
        raise OwnersHaveAll
    Organiser.objects.select_for_update(no_key=True).get(pk=organiser.pk)
    if Membership.objects.filter(organiser=organiser, user__email__iexact=email).exists():
        raise AlreadyMember
    if Invitation.objects.filter(organiser=organiser).count() >= MOST_OPEN:
        raise TooMany
    token = url_token()
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                organiser=organiser, email=email.lower(), role=role, is_limited=events is not None, invited_by=by,
                token_hash=hashed(token), created_at=now, sent_at=now, expires_at=now + LASTS,
            )  # fmt: skip
    except IntegrityError as fault:
        raise AlreadyInvited from fault
    invitation.events.set(events or [])
    _log(invitation, "invited", f"{invitation.email} was invited as {described(role, events)}.", by, now)
    return Issued(invitation, token)


@transaction.atomic
def send_again(*, invitation: Invitation, by: User, now: datetime) -> Issued:
    """A new link for three more days; the old one does not work any more. Raises Gone, TooSoon."""
    found = _locked(pk=invitation.pk)
    if found.sent_at > now - PAUSE:
        raise TooSoon
    token = url_token()
    found.token_hash, found.sent_at, found.expires_at = hashed(token), now, now + LASTS
    found.save(update_fields=["token_hash", "sent_at", "expires_at"])
    _log(found, "invitation-sent-again", f"{found.email} was sent the invitation again.", by, now)
    return Issued(found, token)


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User, now: datetime) -> None:
    """The link does not work any more. Raises Gone."""
    found = _locked(pk=invitation.pk)
    _log(found, "invitation-withdrawn", f"The invitation of {found.email} was withdrawn.", by, now)
    found.delete()


def open_one(*, token: str, now: datetime) -> Invitation:
    """The invitation of this token. Raises Gone."""
    found = Invitation.objects.select_related("organiser", "invited_by").filter(token_hash=hashed(token)).first()
    if found is None or not found.is_open(at=now):
        raise Gone
    return found


@transaction.atomic
def accept(*, token: str, user: User, now: datetime) -> Membership:
    """Makes this user a member; one who is a member already stays as they are. Raises Gone, NotYours."""
    found = _locked(token_hash=hashed(token))
    if not found.is_open(at=now):
        raise Gone
    if found.email != user.email.lower():
        raise NotYours
    events = list(found.events.all()) if found.is_limited else None
    member = team.add(organiser=found.organiser, user=user, role=found.role, events=events, now=now)
    said = f"{user.get_full_name()} joined the team as {described(member.role, events)}."
    _log(found, "member-joined", said, user, now)
    found.delete()
    return member


def hashed(token: str) -> str:
    """Without salt: the token is 128 random bits, which nobody can try."""
    return sha256(token.encode()).hexdigest()


def _locked(**which: Any) -> Invitation:
    """Two who accept, send or withdraw one invitation come one after the other, and the second finds it changed."""
    found = Invitation.objects.select_for_update(of=("self",)).select_related("organiser").filter(**which).first()
    if found is None:
        raise Gone
    return found


def _log(invitation: Invitation, kind: str, said: str, by: User, now: datetime) -> None:
    log.record(
        organiser=invitation.organiser, by=by, kind=kind, said=said, now=now,
        details={"email": invitation.email, "role": invitation.role},
    )  # fmt: skip
