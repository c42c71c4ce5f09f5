"""Overriding a gate: one person asks in writing, another one decides."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from flags import gates, letters, shapes
from flags.actions import grants, notices
from flags.audit import NoReason
from flags.models import Flag, Grant, Keep, Override
from flags.models.grants import Recipient

OPEN_FOR: Final = timedelta(hours=24)
REASON_LENGTH: Final = 300


class NotRefused(Exception):
    """No gate stands in the way: it can be granted without anybody else."""


class SamePerson(Exception):
    """Who asked for an override does not decide about it."""


class NotStaff(Exception):
    """Only an active member of staff decides about an override."""


class Changed(Exception):
    """More stands in the way by now than whoever decides has read, so it must be asked for anew."""


class NotOpen(Exception):
    """It has been decided, nobody did in time, or it was asked for anew on other terms than those that were read."""


def ask(*, flag: Flag, to: Recipient, terms: grants.Terms, by: Any, now: datetime) -> Override:
    """Ask for a grant that a gate refuses, for 24 hours. Asking again while one is open puts these terms in its place.

    Writes to all other active staff. Raises audit.NoReason, NotRefused, grants.FlagIsKilled and grants.IsOver.
    """
    if not terms.reason.strip():
        raise NoReason
    if terms.expires_at is not None and terms.expires_at <= now:
        raise grants.IsOver
    with transaction.atomic():
        locked = Flag.objects.select_for_update(no_key=True).get(pk=flag.pk)
        if locked.is_killed and terms.is_on:
            raise grants.FlagIsKilled
        refusals = gates.refusals(flag=locked, to=to, now=now) if terms.is_on else []
        if not refusals:
            raise NotRefused
        values: dict[str, Any] = {
            "reason": terms.reason.strip(), "refusal": "\n".join(refusals), "grant_expires_at": terms.expires_at,
            "asked_by_id": by.pk, "asked_at": now, "open_until": now + OPEN_FOR,
        }  # fmt: skip
        still_open = Override.objects.filter(decided_at=None, open_until__gt=now)
        to_whom: dict[str, Any] = {"event_id": to.event_id, "organiser_id": to.organiser_id}
        override, _ = still_open.update_or_create(flag=locked, **to_whom, defaults=values)
        _tell_the_others(override, refusals, by, now)
        return override


def decide(*, override: Override, approve: bool, reason: str, by: Any, now: datetime) -> Grant | None:
    """Approve, and give the grant in both names; or refuse. `override` is as whoever decides has read it.

    An approved one keeps the flag through the on-sales within 48 hours. Writes to who asked. Of two who decide at once
    one does. Raises SamePerson, NotStaff, NotOpen, Changed, audit.NoReason, and what grants.give raises.
    """
    if not reason.strip():
        raise NoReason
    if not (by.is_active and by.is_staff):
        raise NotStaff
    with transaction.atomic():
        flag = Flag.objects.select_for_update(no_key=True).get(
            pk=override.flag_id
        )  # before the override, as `ask` does
        fresh = Override.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=override.pk)
        if fresh.asked_by_id == by.pk:
            raise SamePerson
        if fresh.decided_at is not None or fresh.open_until <= now or fresh.asked_at != override.asked_at:
            raise NotOpen
        read = fresh.refusal.split("\n")
        if approve and not set(gates.refusals(flag=flag, to=fresh.recipient, now=now)).issubset(read):
            raise Changed
        fresh.decided_by_id, fresh.decided_at, fresh.is_approved = by.pk, now, approve
        fresh.decision = reason.strip()
        fresh.save(update_fields=["decided_by", "decided_at", "is_approved", "decision"])
        _tell_who_asked(fresh, by, now)
        return _give(fresh, by, now) if approve else None


def _give(override: Override, by: Any, now: datetime) -> Grant:
    names = f"Override asked for by {override.asked_by.get_username()}, approved by {by.get_username()}."
    terms = grants.Terms(
        is_on=True, expires_at=override.grant_expires_at,
        reason=f"{names} {override.reason} / {override.decision}"[:REASON_LENGTH],
    )  # fmt: skip
    given = grants.give(flag=override.flag, to=override.recipient, terms=terms, by=by, now=now, override=override)
    Keep.objects.bulk_create(
        [
            Keep(flag=override.flag, event_id=event_id, on_sale_at=at, reason=terms.reason, kept_by=by, kept_at=now)
            for event_id, at in shapes.openings_of(override.recipient, now=now)
        ],
        ignore_conflicts=True,
    )
    return given


def _tell_the_others(override: Override, refusals: list[str], by: Any, now: datetime) -> None:
    context = {"override": override, "refusals": refusals, "by": by, "page": letters.page_of(override)}
    notices.write(
        about=f"override {override.pk} asked for at {now.isoformat()}", to=letters.staff(but=by),
        subject=f"{override.flag.name}: a second person must decide about {override.event or override.organiser}",
        body=letters.text("override_asked", context), now=now,
    )  # fmt: skip


def _tell_who_asked(override: Override, by: Any, now: datetime) -> None:
    done = "approved" if override.is_approved else "refused"
    notices.write(
        about=f"override {override.pk} decided", to=[override.asked_by.email],
        subject=f"{override.flag.name}: your override for {override.event or override.organiser} was {done}",
        body=letters.text("override_decided", {"override": override, "by": by, "done": done}), now=now,
    )  # fmt: skip
