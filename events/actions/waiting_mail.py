"""Writing to those who wait: whose turn it is when tickets come back, and the mails themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string

from events.listing import BUYABLE
from events.models import Event, State, TicketType, Waiting, WaitingList
from flags import Snapshot, is_on
from flags.queries import snapshot
from kit import sql
from kit.moments import moment_text

log = structlog.stdlib.get_logger("waiting list")

PAUSE: Final = timedelta(minutes=15)  # those who were written to come first for so long,
NOT_AGAIN: Final = timedelta(hours=24)  # and are then left alone
BATCH: Final = 50
CLAIM: Final = timedelta(minutes=5)
GIVEN_UP: Final = timedelta(hours=24)  # an address that took no mail for so long is not written to
MOST_PEOPLE: Final = 1000  # people of one event who are written to at once; the next ones after the pause


@dataclass(frozen=True, slots=True)
class Letter:
    """One of the two mails. `due` is the column that says when to send it; in it nothing is nothing to send."""

    due: str
    template: str
    subject: str


CONFIRMATION: Final = Letter("confirm_at", "events/mail/waiting_confirmation.txt", "you are on the waiting list")
TICKETS: Final = Letter("tell_at", "events/mail/waiting_tickets.txt", "tickets are available again")


@dataclass(frozen=True, slots=True)
class _Carrier:
    """An event's flags, as flags are asked with."""

    id: int
    flags: Snapshot


def choose(*, now: datetime) -> int:
    """See whose turn it is, wherever tickets have come back; answers how many people. Their mail is for `drain`."""
    somebody = Waiting.objects.to_be_told(not_since=now - NOT_AGAIN).filter(event=OuterRef("pk"))
    lists = WaitingList.objects.filter(
        Exists(_to_be_had(now).filter(event=OuterRef("pk"))), Exists(somebody), shown__gt=0, next_round_at__lte=now,
        event__state=State.LIVE, event__ends_at__gt=now,
    )  # fmt: skip
    return sum(_choose(found, now) for found in lists.order_by("next_round_at").select_related("event")[:BATCH])


@transaction.atomic
def _choose(found: WaitingList, now: datetime) -> int:
    """As many people of one list, in order of joining, as there are free units; one in any case."""
    ours = WaitingList.objects.filter(pk=found.pk, next_round_at__lte=now).select_for_update(skip_locked=True)
    if not ours.exists():
        return 0
    WaitingList.objects.filter(pk=found.pk).update(next_round_at=now + PAUSE)
    if not _is_on(found.event, now):
        return 0
    free = max(_free_units(found.pk, now), 1)
    people = Waiting.objects.to_be_told(not_since=now - NOT_AGAIN).filter(event=found.pk)
    turn: list[int] = []
    for pk, wanted in people.values_list("pk", "wanted")[:free]:
        free -= wanted
        if turn and free < 0:
            break
        turn.append(pk)
    return Waiting.objects.present().filter(pk__in=turn).update(told_at=now, tell_at=now)


def drain(letter: Letter, *, now: datetime) -> int:
    """Send a batch of these mails; answers how many there were. What has lost its point is dropped."""
    due = _claim(letter, now)
    pointless = _pointless(letter, due, now)
    for pk in pointless:  # one by one, so that nobody waits in a circle; a turn that was none comes again
        given_up = {letter.due: None} | ({"told_at": None} if letter is TICKETS else {})
        Waiting.objects.filter(pk=pk).update(**given_up)
    ours = [waiting for waiting in due if waiting.pk not in pointless]
    if ours:
        sql.let_connection_go()  # nothing is held while we speak to the mail server
        sender = get_connection()
        for waiting in ours:
            _send(letter, waiting, sender, now)
    return len(due)


def _claim(letter: Letter, now: datetime) -> list[Waiting]:
    """Rows that are ours alone for some minutes: a worker that dies on the way loses none of them."""
    with transaction.atomic():
        waiting = Waiting.objects.filter(**{f"{letter.due}__lte": now}).order_by(letter.due, "pk")
        due = waiting.select_related("event__organiser").select_for_update(of=("self",), skip_locked=True)
        ours = list(due[:BATCH])
        Waiting.objects.filter(pk__in=[one.pk for one in ours]).update(**{letter.due: now + CLAIM})
    return ours


def _pointless(letter: Letter, due: list[Waiting], now: datetime) -> set[int]:
    """Mails that would not be true any more: the event is over or only a rehearsal, or there is nothing to be had
    again."""
    events = {waiting.event_id: waiting.event for waiting in due}
    alive = {pk for pk, event in events.items() if event.ends_at > now and not event.is_rehearsal}
    if letter is TICKETS and alive:
        to_be_had = set(_to_be_had(now).filter(event__in=alive).order_by().values_list("event", flat=True))
        alive = {pk for pk in to_be_had if events[pk].state == State.LIVE and _is_on(events[pk], now)}
    return {waiting.pk for waiting in due if waiting.event_id not in alive}


def _send(letter: Letter, waiting: Waiting, sender: BaseEmailBackend, now: datetime) -> None:
    event = waiting.event
    url = f"{settings.SITE_URL}{event.get_absolute_url()}"
    leave_url = f"{url}waiting-list/{waiting.token}/"
    context = {
        "event": event, "url": url, "leave_url": leave_url, "wanted": waiting.wanted,
        "starts_text": moment_text(event.starts_at.astimezone(event.zone)),
    }  # fmt: skip
    message = EmailMessage(
        subject=" ".join(f"{event.title}: {letter.subject}".split()),
        body=render_to_string(letter.template, context), to=[waiting.email or ""], connection=sender,
        headers={
            "Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{leave_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        },
    )  # fmt: skip
    try:
        message.send()
    except Exception as fault:
        log.warning("waiting list's mail was not sent", waiting=waiting.pk, fault=str(fault))
        still_there = Waiting.objects.present().filter(pk=waiting.pk)
        still_there.update(**{letter.due: _again_at(letter, waiting, now)})
        return
    Waiting.objects.filter(pk=waiting.pk).update(**{letter.due: None})


def _again_at(letter: Letter, waiting: Waiting, now: datetime) -> datetime | None:
    """Twice as late each time, and not at all after a day: there is no end of addresses to invent."""
    tried_for = now - ((waiting.told_at if letter is TICKETS else None) or waiting.created_at)
    return now + max(CLAIM, tried_for) if tried_for < GIVEN_UP else None


def _to_be_had(now: datetime) -> QuerySet[TicketType]:
    """Public types that are on sale and have something left, by the ticker's words."""
    return TicketType.objects.filter(
        Q(sale_starts_at=None) | Q(sale_starts_at__lte=now), Q(sale_ends_at=None) | Q(sale_ends_at__gt=now),
        secret=False, is_paused=False, availability__in=BUYABLE,
    )  # fmt: skip


def _free_units(event_id: int, now: datetime) -> int:
    """So many tickets could be bought at this moment, one type after the other; units that types share count once."""
    types = _to_be_had(now).filter(event=event_id).order_by("position", "pk")
    left = F("draws__quota__stock__capacity") - F("draws__quota__stock__taken")
    draws: dict[int, list[int]] = {}
    units: dict[int, int] = {}
    for ticket_type, quota, free in types.values_list("pk", "draws__quota", left):
        if quota is None:
            return MOST_PEOPLE  # it never runs out
        draws.setdefault(ticket_type, []).append(quota)
        units[quota] = free
    total = 0
    for quotas in draws.values():
        number = min(units[quota] for quota in quotas)
        total += number
        for quota in quotas:
            units[quota] -= number
    return min(total, MOST_PEOPLE)


def _is_on(event: Event, now: datetime) -> bool:
    """One query."""
    return is_on("waiting-list", _Carrier(event.pk, snapshot(event.pk, organiser_id=event.organiser_id, now=now)))
