"""Mails about flags: written down in the transaction that they tell of, sent by the worker."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from flags.models import Notice
from kit import sql

log = structlog.stdlib.get_logger("flags")

BATCH: Final = 50
SUBJECT_LENGTH: Final = 300  # a title and a flag's name may be longer together
CLAIM: Final = timedelta(minutes=5)  # how long a row is one worker's alone, and until a failed mail is tried again


def write(*, about: str, to: Iterable[str], subject: str, body: str, now: datetime) -> None:
    """Have one mail sent to each of these addresses. `about` names the occasion: of one, nobody hears twice."""
    subject = " ".join(subject.split())[:SUBJECT_LENGTH]
    rows = [
        Notice(about=about, to=address, subject=subject, body=body, created_at=now, next_attempt_at=now)
        for address in sorted({address.lower() for address in to if address})
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def drain(*, now: datetime) -> int:
    """Send a batch of those that wait; answers how many it tried. One that fails is tried again."""
    with transaction.atomic():
        waiting = Notice.objects.filter(sent_at=None, next_attempt_at__lte=now).order_by("next_attempt_at")
        ours = list(waiting.select_for_update(skip_locked=True)[:BATCH])
        Notice.objects.filter(pk__in=[notice.pk for notice in ours]).update(next_attempt_at=now + CLAIM)
    if ours:
        sql.let_connection_go()  # nothing is held while we speak to the mail server
        sender = get_connection()
        for notice in ours:
            message = EmailMessage(
                subject=notice.subject, body=notice.body, to=[notice.to],
                headers={"Auto-Submitted": "auto-generated"}, connection=sender,
            )  # fmt: skip
            try:
                message.send()
            except Exception as fault:
                log.warning("notice was not sent", notice=notice.pk, fault=str(fault))
                continue
            Notice.objects.filter(pk=notice.pk).update(sent_at=now)
    return len(ours)
