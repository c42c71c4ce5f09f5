"""Making spreadsheets in the background: asked for by a member, or by themselves every day or week."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import Membership, User
from checkout.exports import xlsx_file
from checkout.exports.tables import Wanted
from checkout.models.exports import KEPT_FOR, Every, Export, ExportPart, ExportSchedule
from events.models import Event
from kit import sql

log = structlog.stdlib.get_logger("exports")

PART_BYTES: Final = 256 * 1024
MOST_ATTEMPTS: Final = 3
CLAIM: Final = timedelta(minutes=10)
MAIL_CLAIM: Final = timedelta(minutes=5)
MOST_WAITING: Final = 3
MORNING: Final = time(7)
AT_ONCE: Final = 20


class TooMany(Exception):
    """This member already waits for as many as one person may."""


def ask(*, event: Event, user: User, wanted: Wanted, key: uuid.UUID, now: datetime, is_scheduled: bool = False) -> None:
    """Have the worker make it. The same `key` makes one. Raises TooMany."""
    waiting = Export.objects.filter(event=event, asked_by=user, ready_at=None, failed_at=None).exclude(key=key)
    if not is_scheduled and waiting.count() >= MOST_WAITING:
        raise TooMany
    row = Export(
        event=event, asked_by=user, key=key, kind=wanted.kind, state=wanted.state, from_date=wanted.from_date,
        to_date=wanted.to_date, created_at=now, next_attempt_at=now, is_scheduled=is_scheduled,
    )  # fmt: skip
    Export.objects.bulk_create([row], ignore_conflicts=True)


def make(*, now: datetime) -> int:
    """Make the next one that waits; answers 1, or 0 when none does. A worker that dies on the way loses none."""
    export = _claim(now)
    if export is None:
        return 0
    wanted = Wanted(export.kind, export.state, export.from_date, export.to_date)
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            rows = xlsx_file.write(path, export.event, wanted)
            _keep(export, path, rows, now)
    except Exception as fault:
        log.exception("export was not made", export=export.pk, attempts=export.attempts, fault=str(fault))
        if export.attempts >= MOST_ATTEMPTS:
            Export.objects.filter(pk=export.pk, ready_at=None).update(failed_at=now)
    return 1


@transaction.atomic
def _claim(now: datetime) -> Export | None:
    waiting = Export.objects.filter(ready_at=None, failed_at=None, next_attempt_at__lte=now).order_by("next_attempt_at")
    export = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("event").first()
    if export:
        export.attempts, export.next_attempt_at = export.attempts + 1, now + CLAIM
        export.save(update_fields=["attempts", "next_attempt_at"])
    return export


@transaction.atomic
def _keep(export: Export, path: Path, rows: int, now: datetime) -> None:
    """The file in pieces, and that it is ready. Of two workers that made the same one, the second changes nothing."""
    ready = Export.objects.filter(pk=export.pk, ready_at=None)
    if not ready.update(ready_at=now, rows=rows, tell_at=now if export.is_scheduled else None):
        return
    with path.open("rb") as file:
        for number, content in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
            ExportPart.objects.create(export=export, number=number, content=content)


def pieces(export: Export) -> Iterator[bytes]:
    """The finished file, a piece at a time, holding nothing between two of them."""
    for number in range(export.parts.count()):
        content = export.parts.values_list("content", flat=True).filter(number=number).first()
        sql.let_connection_go()
        yield bytes(content or b"")


def forget(*, now: datetime) -> int:
    """Take away what is older than a day; answers how many."""
    old = Export.objects.filter(created_at__lte=now - KEPT_FOR).order_by("created_at").values_list("pk", flat=True)
    gone = list(old[:AT_ONCE])
    Export.objects.filter(pk__in=gone).delete()
    return len(gone)


def schedule(*, event: Event, membership: Membership, kind: str, every: str, now: datetime) -> None:
    """Make one by itself from now on. Asked for twice, it is one."""
    row = ExportSchedule(
        event=event, membership=membership, kind=kind, every=every, created_at=now,
        next_at=next_time(event, every, now=now),
    )  # fmt: skip
    ExportSchedule.objects.bulk_create([row], ignore_conflicts=True)


def stop(*, schedule: ExportSchedule) -> None:
    """Make no more of it. Safe to call twice."""
    ExportSchedule.objects.filter(pk=schedule.pk).delete()


def next_time(event: Event, every: str, *, now: datetime) -> datetime:
    """The next morning at the venue, or the next Monday's."""
    day: date = now.astimezone(event.zone).date()
    while True:
        at = datetime.combine(day, MORNING, tzinfo=event.zone)
        if at > now and (every == Every.DAY or day.weekday() == 0):
            return at
        day += timedelta(days=1)


@transaction.atomic
def start_due(*, now: datetime) -> int:
    """Ask for what is due by schedule, at most a batch; answers how many. What was missed is made once, not again."""
    due = list(
        ExportSchedule.objects.filter(next_at__lte=now)
        .order_by("next_at")
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("event", "membership__user")[:AT_ONCE]
    )
    for one in due:
        if one.membership.user.is_active:
            key = uuid.uuid5(uuid.NAMESPACE_OID, f"{one.pk} {one.next_at.isoformat()}")
            ask(event=one.event, user=one.membership.user, wanted=Wanted(one.kind), key=key, now=now, is_scheduled=True)
        one.next_at = next_time(one.event, one.every, now=now)
    ExportSchedule.objects.bulk_update(due, ["next_at"])
    return len(due)


def tell(*, now: datetime) -> int:
    """Write to those whose scheduled export is ready; answers how many it tried. The mail has a link, and no data."""
    with transaction.atomic():
        due = list(
            Export.objects.filter(tell_at__lte=now)
            .order_by("tell_at")
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("event__organiser", "asked_by")[:AT_ONCE]
        )
        Export.objects.filter(pk__in=[export.pk for export in due]).update(tell_at=now + MAIL_CLAIM)
    for export in due:
        _write_to(export, now)
    return len(due)


def _write_to(export: Export, now: datetime) -> None:
    event = export.event
    page = f"{settings.SITE_URL}/organise/{event.organiser.slug}/{event.slug}/exports/"
    message = EmailMessage(
        subject=" ".join(f"{event.title}: {export.get_kind_display().lower()}".split()),
        body=render_to_string("checkout/mail/export_ready.txt", {"export": export, "event": event, "page": page}),
        to=[export.asked_by.email], headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    sql.let_connection_go()  # nothing is held while we speak to the mail server
    try:
        message.send()
    except Exception as fault:
        log.warning("export was not told of", export=export.pk, fault=str(fault))
        return
    Export.objects.filter(pk=export.pk).update(told_at=now, tell_at=None)
