"""The outbox: mail is owed in the transaction that causes it, and sent by the worker."""

from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Final

import structlog
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from checkout.messages import compose
from checkout.models import Mail, Order
from checkout.queries import order_for_mail
from kit import sql

log = structlog.stdlib.get_logger("mail")

BATCH: Final = 25  # each may wait EMAIL_TIMEOUT for a mail server that hangs, and all of them less than the claim lasts
MOST_PER_ORDER: Final = 12
MOST_ATTEMPTS: Final = 12
CLAIM_SECONDS: Final = 300
CLAIM: Final = """
    UPDATE checkout_mail SET next_attempt_at = %s
     WHERE id IN (SELECT id FROM checkout_mail
                   WHERE sent_at IS NULL AND failed_at IS NULL AND held_back_at IS NULL AND next_attempt_at <= %s
                   ORDER BY next_attempt_at LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING *
"""


def owe(kind: Mail.Kind, *, order: Order, now: datetime, key: str = "", to: str = "") -> None:
    """Write down that this message must be sent. The same `key` (by default the kind) is owed once per order."""
    row = Mail(
        order=order,
        kind=kind,
        to=to or order.email,
        key=key or str(kind),
        created_at=now,
        next_attempt_at=now,
    )
    Mail.objects.bulk_create([row], ignore_conflicts=True)


class TooOften(Exception):
    """This order's tickets have been sent again as often as they may be."""


def owe_again(*, order: Order, now: datetime) -> None:
    """Send the tickets once more; two presses within a minute make one message. Raises TooOften."""
    key = f"again-{now:%Y%m%d%H%M}"
    if order.mail.count() >= MOST_PER_ORDER:
        raise TooOften
    owe(Mail.Kind.TICKETS, order=order, now=now, key=key)


class NotFailed(Exception):
    """This message has not failed, or somebody has sent it again meanwhile."""


def retry(*, message: Mail, to: str, now: datetime) -> None:
    """Send a message that has failed once more, to this address. Raises NotFailed."""
    failed = Mail.objects.filter(pk=message.pk).exclude(failed_at=None)
    again = failed.update(to=to, failed_at=None, bounced_at=None, attempts=0, next_attempt_at=now, last_error="")
    if not again:
        raise NotFailed


def drain(*, now: datetime) -> int:
    """Send what is due, at most a batch; answers how many were sent or, of a rehearsal, held back. Safe to run in
    several workers at once."""
    due = _claim(now)
    if not due:
        return 0
    sql.let_connection_go()  # nothing is held while we speak to the mail server
    sender = get_connection()
    return sum(_send(message, sender, now) for message in due)


def _claim(now: datetime) -> list[Mail]:
    """Rows that are ours alone for some minutes: a worker that dies on the way loses none of them."""
    return list(Mail.objects.raw(CLAIM, [now + timedelta(seconds=CLAIM_SECONDS), now, BATCH]))


def _send(message: Mail, sender: BaseEmailBackend, now: datetime) -> bool:
    try:
        view = order_for_mail(message.order_id, now=now)
        letter = compose(message, view, sender)
        if view.order.event.is_rehearsal:  # written, so that it costs what it costs, and kept here
            Mail.objects.filter(pk=message.pk).update(held_back_at=now, attempts=message.attempts + 1)
            return True
        sql.let_connection_go()
        letter.send()
    except SMTPRecipientsRefused as fault:
        _refused(message, now, fault)
        return False
    except Exception as fault:
        _put_off(message, now, str(fault))
        return False
    Mail.objects.filter(pk=message.pk).update(sent_at=now, attempts=message.attempts + 1, last_error="")
    return True


def _refused(message: Mail, now: datetime, fault: SMTPRecipientsRefused) -> None:
    """A 5xx says that the address is wrong for good: sooner told than tried for a day and a half. (RFC 5321, 4.2.1)"""
    code, said = next(iter(fault.recipients.values()))
    text = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    if not 500 <= code < 600:
        _put_off(message, now, text)
        return
    log.warning("mail bounced", mail=message.pk, fault=text)
    Mail.objects.filter(pk=message.pk).update(
        attempts=message.attempts + 1, last_error=text[:300], failed_at=now, bounced_at=now
    )


def _put_off(message: Mail, now: datetime, fault: str) -> None:
    """Try again later and later, over about a day and a half; then leave it to a person."""
    attempts = message.attempts + 1
    log.warning("mail was not sent", mail=message.pk, attempts=attempts, fault=fault)
    Mail.objects.filter(pk=message.pk).update(
        attempts=attempts,
        last_error=fault[:300],
        next_attempt_at=now + timedelta(seconds=30 * 2**attempts),
        failed_at=now if attempts >= MOST_ATTEMPTS else None,
    )
