"""Writing to those who want to hear when a sale opens."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Min
from django.template.loader import render_to_string

from events.models import Reminder, TicketType
from kit import sql
from kit.moments import moment_text

log = structlog.stdlib.get_logger("reminders")

AHEAD: Final = timedelta(minutes=30)
BATCH: Final = 50
CLAIM: Final = timedelta(minutes=5)


def ask(*, event_id: int, email: str, now: datetime) -> None:
    """Remember the address once, however often it is sent."""
    row = Reminder(event_id=event_id, email=email.lower(), created_at=now, next_attempt_at=now)
    Reminder.objects.bulk_create([row], ignore_conflicts=True)


def drain(*, now: datetime) -> int:
    """Write to a batch of those whose sale opens within the next half hour; answers how many it tried."""
    due = _claim(now)
    openings = _openings({reminder.event_id for reminder in due}, now) if due else {}
    due = [reminder for reminder in due if reminder.event_id in openings]  # a sale may just have been put off
    if due:
        sql.let_connection_go()  # nothing is held while we speak to the mail server
        sender = get_connection()
        for reminder in due:
            _send(reminder, openings[reminder.event_id], sender, now)
    return len(due)


def _claim(now: datetime) -> list[Reminder]:
    """Rows that are ours alone for some minutes: a worker that dies on the way loses none of them."""
    due = list(Reminder.objects.due(at=now, opening_before=now + AHEAD).select_related("event__organiser")[:BATCH])
    with transaction.atomic():
        free = Reminder.objects.filter(pk__in=[r.pk for r in due], sent_at=None, next_attempt_at__lte=now)
        ours = set(free.select_for_update(skip_locked=True).values_list("pk", flat=True))
        Reminder.objects.filter(pk__in=ours).update(next_attempt_at=now + CLAIM)
    return [reminder for reminder in due if reminder.pk in ours]


def _openings(event_ids: set[int], now: datetime) -> dict[int, datetime]:
    """The next public on-sale of each of these events that has one."""
    coming = TicketType.objects.filter(event__in=event_ids, secret=False, is_paused=False, sale_starts_at__gt=now)
    return dict(coming.order_by().values_list("event").annotate(Min("sale_starts_at")))


def _send(reminder: Reminder, opens_at: datetime, sender: BaseEmailBackend, now: datetime) -> None:
    event = reminder.event
    opens_text = moment_text(opens_at.astimezone(event.zone))
    context = {"event": event, "url": f"{settings.SITE_URL}{event.get_absolute_url()}", "opens_text": opens_text}
    message = EmailMessage(
        subject=" ".join(f"{event.title}: on sale {opens_text}".split()),
        body=render_to_string("events/mail/reminder.txt", context),
        to=[reminder.email], headers={"Auto-Submitted": "auto-generated"}, connection=sender,
    )  # fmt: skip
    try:
        message.send()
    except Exception as fault:
        log.warning("reminder was not sent", reminder=reminder.pk, fault=str(fault))
        return
    Reminder.objects.filter(pk=reminder.pk).update(sent_at=now)
