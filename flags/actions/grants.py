"""Granting a flag to an event or an organiser, and taking a grant back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from flags import gates
from flags.audit import signed
from flags.models import Flag, Grant, Override
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


def give(
    *, flag: Flag, to: Recipient, terms: Terms, by: AbstractBaseUser | None, now: datetime,
    override: Override | None = None,
) -> Grant:  # fmt: skip
    """Grant a flag on or off; a grant that there is already gets these terms. Of two at once the later one counts. What
    the site has switched off has no end, also where it is granted off again.

    Raises FlagIsKilled, IsOver, audit.NoReason, and gates.Refused unless `override` was approved this moment.
    """
    expires_at = terms.expires_at or now + FOR_LONG
    with signed(by=by, reason=terms.reason, now=now):
        if expires_at <= now:
            raise IsOver
        # Who kills the flag meanwhile waits, or we do and see it.
        locked = Flag.objects.select_for_update(no_key=True).get(pk=flag.pk)
        if terms.is_on:
            _refuse(locked, to, override, now)
        values: dict[str, Any] = {
            "is_on": terms.is_on, "reason": terms.reason.strip(), "expires_at": expires_at,
            "given_by_id": by.pk if by else None, "switched_off_by": "",
        }  # fmt: skip
        if not terms.is_on and (by_site := _switched_off(locked, to)):
            values |= {"expires_at": None, "switched_off_by": by_site}
        if terms.is_on:  # whoever gives it again gives it seven more days to be used
            values["created_at"] = now
        to_whom: dict[str, Any] = {"event_id": to.event_id, "organiser_id": to.organiser_id}
        grant, _ = Grant.objects.update_or_create(
            flag=flag, **to_whom, defaults=values, create_defaults={**values, "created_at": now}
        )
        return grant


def withdraw(*, grant: Grant, reason: str, by: AbstractBaseUser | None, now: datetime) -> None:
    """Take a grant back, as if it had not been given.

    Raises NotGranted, audit.NoReason, and gates.Refused where that would turn on what the gates keep off: an event's
    grant off may hide its organiser's grant on.
    """
    with signed(by=by, reason=reason, now=now):
        locked = Flag.objects.select_for_update(no_key=True).get(pk=grant.flag_id)
        if _hides_one_that_is_on(grant, now) and (why := gates.refusals(flag=locked, to=grant.recipient, now=now)):
            raise gates.Refused(why)
        gone, _ = Grant.objects.filter(pk=grant.pk).delete()
        if not gone:
            raise NotGranted


def _hides_one_that_is_on(grant: Grant, now: datetime) -> bool:
    off = Grant.objects.in_force(at=now).filter(pk=grant.pk, is_on=False).values("event__organiser")
    hidden = Grant.objects.in_force(at=now).filter(flag=grant.flag_id, is_on=True, organiser__in=off)
    return hidden.exists()


def _switched_off(flag: Flag, to: Recipient) -> str:
    """What of the site has switched it off there. Said again by a person it is off without an end all the same: else
    an organiser's grant would turn it on again by the clock."""
    there = Grant.objects.filter(flag=flag, event=to.event_id, organiser=to.organiser_id)
    return there.values_list("switched_off_by", flat=True).first() or ""


def _refuse(flag: Flag, to: Recipient, override: Override | None, now: datetime) -> None:
    if flag.is_killed:
        raise FlagIsKilled
    if override is not None and _is_approved(override, flag, to, now):
        return
    if refusals := gates.refusals(flag=flag, to=to, now=now):
        raise gates.Refused(refusals)


def _is_approved(override: Override, flag: Flag, to: Recipient, now: datetime) -> bool:
    """Of this flag for these, and in this act: an old one opens no gate."""
    approved = Override.objects.filter(pk=override.pk, is_approved=True, decided_at=now)
    return approved.filter(flag=flag, event=to.event_id, organiser=to.organiser_id).exists()
