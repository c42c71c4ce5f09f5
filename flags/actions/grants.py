"""Granting a flag to an event or an organiser, and taking a grant back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from flags.audit import signed
from flags.models import Flag, Grant
from flags.models.grants import FOR_LONG, Recipient


class FlagIsKilled(Exception):
    """A killed flag is granted to nobody; it must be revived first."""


class IsOver(Exception):
    """The grant would have ended before it began."""


class NotGranted(Exception):
    """The grant is no longer there: somebody else has withdrawn it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On or off, why, and until when; without that for 14 days."""

    is_on: bool
    reason: str
    expires_at: datetime | None = None


def give(*, flag: Flag, to: Recipient, terms: Terms, by: AbstractBaseUser | None, now: datetime) -> Grant:
    """Grant a flag on or off; a grant that there is already gets these terms. Of two at once the later one counts.

    Raises FlagIsKilled, IsOver and audit.NoReason.
    """
    expires_at = terms.expires_at or now + FOR_LONG
    with signed(by=by, reason=terms.reason, now=now):
        if expires_at <= now:
            raise IsOver
        # Who kills the flag meanwhile waits, or we do and see it.
        if Flag.objects.select_for_update(no_key=True).get(pk=flag.pk).is_killed and terms.is_on:
            raise FlagIsKilled
        values: dict[str, Any] = {
            "is_on": terms.is_on, "reason": terms.reason.strip(), "expires_at": expires_at,
            "given_by_id": by.pk if by else None, "switched_off_by": "",
        }  # fmt: skip
        to_whom: dict[str, Any] = {"event_id": to.event_id, "organiser_id": to.organiser_id}
        grant, _ = Grant.objects.update_or_create(
            flag=flag, **to_whom, defaults=values, create_defaults={**values, "created_at": now}
        )
        return grant


def withdraw(*, grant: Grant, reason: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """Take a grant back, as if it had not been given. Raises NotGranted and audit.NoReason."""
    with signed(by=by, reason=reason, now=now):
        Flag.objects.select_for_update(no_key=True).get(pk=grant.flag_id)
        gone, _ = Grant.objects.filter(pk=grant.pk).delete()
        if not gone:
            raise NotGranted
