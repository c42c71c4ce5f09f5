"""The guard: switches a flag off for an event where it has broken its budget, and writes to whom it concerns.

It only ever reads what the site has left for it in Redis. Where that is away the guard is blind, where the worker is
dead there is no guard, and the site goes on without it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.db.models import Max
from redis.exceptions import RedisError

from flags import costs, guard, letters, queries
from flags.actions import notices
from flags.audit import signed
from flags.guard import WINDOWS, Breach, Budget, Look
from flags.models import Change, Flag, Grant, Kind, Notice, Stage, Switch
from kit import pool_waits

log = structlog.stdlib.get_logger("flags")

SETTLED: Final = 1  # second after its end: every process puts a window down 0.2 s after it (flags/costs.py)
REASON_LENGTH: Final = 300

_judged = 0


def watch(*, now: datetime) -> None:
    """Judge the window that is over, once in each process; called every second or so. While Redis does not answer it
    says that it is blind, and tries again the next time."""
    global _judged  # noqa: PLW0603  -- only spares work: what another worker does again has no effect
    window = costs.window_of(now.timestamp() - SETTLED) - costs.WINDOW
    if window <= _judged:
        return
    try:
        judge(window=window, now=now)
    except (RedisError, OSError) as fault:
        log.warning("guard is blind", window=window, fault=str(fault))
        return
    _judged = window


def judge(*, window: int, now: datetime) -> None:
    """Switch off what has broken its budget by the end of this window, or say so where it may not be switched off.

    Doing it again does nothing. Each flag and event is a transaction of its own: one that fails is logged, and the
    others are done. Raises what redis-py raises.
    """
    looks = _looks(window)
    names = {flag for flag, _ in looks[-1].costs}
    rows: Any = Flag.objects.filter(name__in=names).values_list("name", "budget_queries", "budget_ms") if names else ()
    breaches = guard.judge(looks, {name: Budget(queries=most, ms=ms) for name, most, ms in rows})
    events = _events({breach.event_id for breach in breaches})
    for breach in breaches:
        if breach.event_id in events:
            try:
                _answer(breach, events[breach.event_id], now)
            except Exception:
                log.exception("guard could not act", flag=breach.flag, event_id=breach.event_id)


def _looks(window: int) -> list[Look]:
    windows = [window - back * costs.WINDOW for back in reversed(range(WINDOWS))]
    spent, pools = costs.spent(windows), pool_waits.read(windows)
    return [Look(one, costs.by_event(spent[one]), pools[one]) for one in windows]


def _events(ids: set[int]) -> dict[int, Any]:
    model: Any = Grant._meta.get_field("event").related_model  # noqa: SLF001  -- Django's way to a model's fields
    return dict(model.objects.select_related("organiser").in_bulk(ids)) if ids else {}


def _answer(breach: Breach, event: Any, now: datetime) -> None:
    """What follows from a breach, if the flag is on there by now: all of it, or nothing. Of a rehearsal nobody is
    written to: its report says so."""
    reason = breach.reason[:REASON_LENGTH]
    with signed(by=None, reason=reason, now=now):
        # Who grants, kills or moves it meanwhile waits, or we do and see it; another worker too.
        flag: Any = Flag.objects.select_for_update(no_key=True).filter(name=breach.flag).first()
        if flag is None or not _is_on(flag, event, now) or _was_acted_upon(breach):
            return
        why_not = _exempt(flag)
        if not why_not:
            _switch_off(breach, flag, event, reason, now)
        elif not _warn(breach, flag, event, why_not, now):
            return
    if why_not:
        log.warning("flag over budget", flag=breach.flag, event_id=event.pk, reason=reason)
    else:
        log.warning("flag switched off", flag=breach.flag, event_id=event.pk, reason=reason)


def _is_on(flag: Any, event: Any, now: datetime) -> bool:
    return queries.snapshot(event.pk, organiser_id=event.organiser_id, now=now).get(flag.name, False)


def _was_acted_upon(breach: Breach) -> bool:
    """Whether the guard has switched this off already because of one of these windows, and a person has since granted
    it on again. The costs until then are not held against it twice."""
    own = Change.objects.filter(flag=breach.flag, event_id=breach.event_id, after__switched_off_by=Switch.GUARD)
    last = own.aggregate(last=Max("at"))["last"]
    return last is not None and breach.excesses[0].window < last.timestamp()


def _exempt(flag: Any) -> str:
    """Why the guard does not switch this one off, in half a sentence; nothing if it does."""
    if flag.stage == Stage.GENERAL:
        return "it is general: everyone has it, and the site without it is what nobody has tried lately"
    if flag.kind == Kind.PERMISSION:
        return "it is a permission: those who have it were promised it"
    return "it is in dry run" if flag.only_warns else ""


def _switch_off(breach: Breach, flag: Any, event: Any, reason: str, now: datetime) -> None:
    values: dict[str, Any] = {
        "is_on": False, "reason": reason, "expires_at": None, "given_by": None, "switched_off_by": Switch.GUARD,
    }  # fmt: skip
    grant, _ = Grant.objects.update_or_create(
        flag=flag, event_id=event.pk, defaults=values, create_defaults={**values, "created_at": now}
    )
    if event.rehearsal_of_id is not None:
        return
    context = _context(breach, flag, event) | {"turn_on_url": letters.page_of(grant)}
    about = f"switched off by the guard: {flag.name}, event {event.pk}, {breach.excesses[1].window}"
    _write(
        about, "switched_off", [flag.owner, *letters.staff()],
        f"Flag {flag.name} was switched off for {event.title}", context, now,
    )  # fmt: skip
    _write(
        about, "switched_off_organiser", [event.organiser.contact_email],
        f"{event.title}: a feature was switched off", context, now,
    )  # fmt: skip


def _warn(breach: Breach, flag: Any, event: Any, why_not: str, now: datetime) -> bool:
    """Say what was not done, once a day; whether it is said only now. Organisers are not written to: nothing has
    changed for them."""
    about = f"not switched off by the guard: {flag.name}, event {event.pk}, {now:%Y-%m-%d}"
    if event.rehearsal_of_id is not None or Notice.objects.filter(about=about).exists():
        return False
    context = _context(breach, flag, event) | {"why_not": why_not, "flag_url": letters.page_of(flag)}
    _write(
        about,
        "over_budget",
        [flag.owner, *letters.staff()],
        f"Flag {flag.name} is over its budget on {event.title}",
        context,
        now,
    )
    return True


def _context(breach: Breach, flag: Any, event: Any) -> dict[str, Any]:
    return {
        "breach": breach, "flag": flag, "event": event, "hard": guard.HARD, "most_wait_ms": guard.MOST_WAIT_MS,
        "event_url": f"{settings.SITE_URL}{event.get_absolute_url()}",
    }  # fmt: skip


def _write(about: str, mail: str, to: Iterable[str], subject: str, context: dict[str, Any], now: datetime) -> None:
    notices.write(about=about, to=to, subject=subject, body=letters.text(mail, context), now=now)
