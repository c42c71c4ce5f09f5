"""Exports of one event: CSV at once, XLSX made by the worker, and those that are made by themselves."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from accounts.actions import log
from checkout.actions import exports
from checkout.exports import csv_file
from checkout.exports.tables import Wanted
from checkout.models import Export, ExportKind, ExportSchedule, Sold
from kit.moments import moment_text
from organise.doors import Answer, EventDesk, event_door, require
from organise.forms.exports import ExportForm, ScheduleForm
from organise.policy import Act

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# One at a time in each process: reading a large table keeps a thread, and threads are there for buyers.
_being_read: set[object] = set()


def _alone(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces; from the first to the last, or until the download is broken off, no other is begun."""
    token = object()
    _being_read.add(token)
    try:
        yield from pieces
    finally:
        _being_read.discard(token)


@event_door(read=Act.READ_ORDERS, write=Act.READ_ORDERS)
def page(request: HttpRequest, desk: EventDesk) -> Answer:
    """What can be had, what was asked for; a POST asks the worker for a spreadsheet."""
    if request.method != "POST":
        return _page(request, desk, ExportForm(initial={"key": uuid.uuid4()}))
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    wanted, at = _allowed(desk, form.wanted()), now()
    try:
        key = form.cleaned_data["key"] or uuid.uuid4()
        exports.ask(event=desk.event, user=desk.user, wanted=wanted, key=key, now=at)
    except exports.TooMany:
        form.add_error(None, f"You wait for {exports.MOST_WAITING} already. They will be ready in a minute.")
        return _page(request, desk, form, status=422)
    _note(desk, wanted, "a spreadsheet")
    return redirect(f"{desk.url}exports/", permanent=False)


@event_door(read=Act.READ_ORDERS)
def table(request: HttpRequest, desk: EventDesk) -> Answer:
    """The same as CSV, at once."""
    form = ExportForm({"kind": ExportKind.ORDERS, **request.GET.dict()})
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    wanted = _allowed(desk, form.wanted())
    if _being_read:
        form.add_error(None, "Another file is just being made. Try again in a minute, or have a spreadsheet made.")
        busy = _page(request, desk, form, status=503)
        busy.headers["Retry-After"] = "30"
        return busy
    name = f"{desk.event.slug}-{wanted.kind}.csv"
    response = StreamingHttpResponse(_alone(csv_file.lines(desk.event, wanted)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    _note(desk, wanted, "CSV")
    return response


@event_door(read=Act.READ_ORDERS)
def file(request: HttpRequest, desk: EventDesk, export_id: int) -> Answer:
    """A finished spreadsheet, for whoever may read what is in it."""
    export = get_object_or_404(Export, pk=export_id, event=desk.event, ready_at__isnull=False)
    export.event = desk.event
    _allowed(desk, Wanted(export.kind))
    response = StreamingHttpResponse(exports.pieces(export), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    return response


@event_door(read=None, write=Act.READ_ORDERS)
def schedules(request: HttpRequest, desk: EventDesk) -> Answer:
    """Have one made by itself from now on."""
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, ExportForm(), schedule_form=form, status=422)
    asked = form.cleaned_data
    _allowed(desk, Wanted(asked["kind"]))
    exports.schedule(event=desk.event, membership=desk.member, kind=asked["kind"], every=asked["every"], now=now())
    log.record(
        organiser=desk.organiser, event=desk.event, by=desk.user, kind="export-scheduled", now=now(),
        said=f"Asked for an export of {asked['kind']} by mail, every {asked['every']}.",
    )  # fmt: skip
    return redirect(f"{desk.url}exports/#schedules-title")


@event_door(read=None, write=Act.READ_ORDERS)
def schedule(request: HttpRequest, desk: EventDesk, schedule_id: int) -> Answer:
    """Make no more of it."""
    found = ExportSchedule.objects.filter(pk=schedule_id, event=desk.event, membership=desk.member).first()
    if found:
        exports.stop(schedule=found)
        log.record(
            organiser=desk.organiser, event=desk.event, by=desk.user, kind="export-stopped", now=now(),
            said=f"Stopped the export of {found.kind} by mail, every {found.every}.",
        )  # fmt: skip
    return redirect(f"{desk.url}exports/#schedules-title")


def _allowed(desk: EventDesk, wanted: Wanted) -> Wanted:
    """Raises PermissionDenied for money that the member may not see."""
    if wanted.kind == ExportKind.MONEY:
        require(desk, Act.READ_MONEY)
    return wanted


def _note(desk: EventDesk, wanted: Wanted, form: str) -> None:
    """Who has taken a copy of buyers' names is worth knowing."""
    days = [f"from {wanted.from_date}"] if wanted.from_date else []
    days += [f"to {wanted.to_date}"] if wanted.to_date else []
    said = f"Took {wanted.kind} as {form} ({Sold(wanted.state).label.lower()}{', ' if days else ''}{' '.join(days)})."
    log.record(organiser=desk.organiser, event=desk.event, by=desk.user, kind="export-taken", said=said, now=now())


def _page(
    request: HttpRequest, desk: EventDesk, form: ExportForm, *, schedule_form: Any = None, status: int = 200
) -> HttpResponse:
    mine = Export.objects.filter(event=desk.event, asked_by=desk.user)[:20]
    listed: Iterable[Any] = [(one, moment_text(one.ends_at.astimezone(desk.event.zone))) for one in mine]
    coming = ExportSchedule.objects.filter(event=desk.event, membership=desk.member)
    planned = [(one, moment_text(one.next_at.astimezone(desk.event.zone))) for one in coming]
    context = {
        "desk": desk, "here": "exports", "shown": desk.event, "form": form, "listed": listed, "planned": planned,
        "schedule_form": schedule_form or ScheduleForm(), "errors": form.errors_for_summary,
        "is_waiting": any(not (export.ready_at or export.failed_at) for export in mine),
    }  # fmt: skip
    return render(request, "organise/exports.html", context, status=status)
