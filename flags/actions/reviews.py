"""The review before an on-sale, and what becomes of grants that nobody uses.

What is decided from a first look is looked at once more with the flags locked: whoever grants, keeps, uses or tries one
meanwhile is not undone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from flags import gates, letters
from flags.actions import notices
from flags.audit import NoReason, signed
from flags.coming import LATELY, Reviewed, coming
from flags.models import Flag, Grant, Keep, Notice, Switch
from flags.shapes import AHEAD

__all__ = ["Reviewed", "coming", "due", "expire_unused", "keep", "review"]

BATCH: Final = 50
WARNED: Final = timedelta(hours=72)  # how long before an on-sale those whom it concerns are told
REASON: Final = "The review before an on-sale: unused or unproven, and not kept."
UNUSED: Final = "Granted, and not used for 7 days."
DONE: Final = {"review_ahead": "will be switched off", "review_done": "was switched off"}
REASON_LENGTH: Final = 300


def review(*, now: datetime) -> int:
    """Switch off, for their event, flags on trial that are unused or unproven and not kept when a public on-sale is
    within 48 hours, at most 50 at once; tell those whom it concerns, and at 72 hours that it will be so.

    Answers how many it switched off.
    """
    found = due(now=now)
    _warn([one for one in found if one.on_sale_at > now + AHEAD], now)
    return _switch_off([one for one in found if one.on_sale_at <= now + AHEAD][:BATCH], now)


def due(*, now: datetime) -> list[Reviewed]:
    """What the review will switch off within the next 24 hours, or now; once for each flag and event."""
    return _next_of_each(coming(now=now, within=WARNED))


def keep(
    *, flag: Flag, event_id: int, on_sale_at: datetime, reason: str, by: AbstractBaseUser | None, now: datetime
) -> Keep:
    """Leave a flag on through one on-sale of an event, and those in the 48 hours after it. Said again, the first reason
    stands. Raises audit.NoReason.

    What has been switched off before that stays off: it is granted again by an override.
    """
    if not reason.strip():
        raise NoReason
    with transaction.atomic():
        Flag.objects.select_for_update(no_key=True).get(pk=flag.pk)  # a review waits, or has been
        kept, _ = Keep.objects.get_or_create(
            flag=flag, event_id=event_id, on_sale_at=on_sale_at,
            defaults={"reason": reason.strip(), "kept_by_id": by.pk if by else None, "kept_at": now},
        )  # fmt: skip
        return kept


def expire_unused(*, now: datetime) -> int:
    """End grants of flags on trial that were given, or last used, seven days ago or longer, at most 50 at once; tell
    the flag's owner and the organiser. Answers how many ended."""
    found = list(_unused(now).order_by("pk").values_list("pk", "flag_id")[:BATCH])
    if not found:
        return 0
    with signed(by=None, reason=UNUSED, now=now):
        _lock({flag_id for _, flag_id in found})
        ended = list(
            _unused(now).filter(pk__in=[pk for pk, _ in found]).select_related("flag", *WHO).order_by("pk")
        )  # fmt: skip
        Grant.objects.filter(pk__in=[grant.pk for grant in ended]).update(expires_at=now)
        for grant in ended:
            _tell_of_no_use(grant, now)
    return len(ended)


WHO: Final = ("event__organiser", "organiser")


def _unused(now: datetime) -> Any:
    since = now - LATELY
    on_trial = Flag.objects.filter(gates.ON_TRIAL).values("pk")
    given = Grant.objects.in_force(at=now).filter(flag__in=on_trial, is_on=True, created_at__lte=since)
    return given.filter(Q(last_used_at=None) | Q(last_used_at__lte=since))


def _next_of_each(rows: list[Reviewed]) -> list[Reviewed]:
    """Those that are due, once for each flag and event: ticket types may go on sale at fifty different times."""
    first: dict[tuple[int, int], Reviewed] = {}
    for one in rows:
        if one.is_due:
            first.setdefault(one.key, one)
    return list(first.values())


def _switch_off(found: list[Reviewed], now: datetime) -> int:
    if not found:
        return 0
    wanted = {one.key for one in found}
    with signed(by=None, reason=REASON, now=now):
        _lock({one.flag.pk for one in found})
        still = [one for one in _next_of_each(coming(now=now)) if one.key in wanted]
        Grant.objects.bulk_create(
            [_off(one, now) for one in still],
            update_conflicts=True, unique_fields=["flag", "event"],
            update_fields=["is_on", "reason", "given_by", "expires_at", "switched_off_by"],
        )  # fmt: skip
        staff = letters.staff() if still else []
        for one in still:
            _tell("review_done", one, staff, now)
    return len(still)


def _off(one: Reviewed, now: datetime) -> Grant:
    why = " ".join(["Before the on-sale on", f"{one.event.moment(one.on_sale_at)}:", *one.faults])
    return Grant(
        flag=one.flag, event_id=one.event.event_id, is_on=False, reason=why[:REASON_LENGTH], given_by=None,
        created_at=now, expires_at=None, switched_off_by=Switch.REVIEW,
    )  # fmt: skip


def _lock(flag_ids: Iterable[int]) -> None:
    """In the order of their numbers. Whoever else changes one of them, or grants it, waits until we are done."""
    list(Flag.objects.select_for_update(no_key=True).filter(pk__in=flag_ids).order_by("pk"))


def _warn(found: list[Reviewed], now: datetime) -> None:
    told = Notice.objects.filter(about__in=[_about("review_ahead", one) for one in found])
    known = set(told.values_list("about", flat=True)) if found else set()
    untold = [one for one in found if _about("review_ahead", one) not in known]
    staff = letters.staff() if untold else []
    for one in untold:
        _tell("review_ahead", one, staff, now)


def _about(name: str, one: Reviewed) -> str:
    return f"{name}: flag {one.flag.pk}, event {one.event.event_id}, on sale {one.on_sale_at.isoformat()}"


def _tell(name: str, one: Reviewed, staff: list[str], now: datetime) -> None:
    context = {
        "one": one, "opens": one.event.moment(one.on_sale_at), "off_at": one.event.moment(one.on_sale_at - AHEAD)
    }  # fmt: skip
    notices.write(
        about=_about(name, one), to=[one.flag.owner, one.event.contact, *staff],
        subject=f"{one.flag.name} {DONE[name]} for {one.event.title}", body=letters.text(name, context), now=now,
    )  # fmt: skip


def _tell_of_no_use(grant: Any, now: datetime) -> None:
    organiser = grant.organiser or grant.event.organiser
    notices.write(
        about=f"unused: grant {grant.pk} of {grant.created_at.isoformat()}",
        to=[grant.flag.owner, organiser.contact_email],
        subject=f"{grant.flag.name} was not used for 7 days: its trial for {grant.event or grant.organiser} has ended",
        body=letters.text("unused", {"grant": grant}), now=now,
    )  # fmt: skip
