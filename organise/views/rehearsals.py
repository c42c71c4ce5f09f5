"""An event's rehearsals on the organiser's pages: what was played, whether it held, and each report."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from organise import words
from organise.doors import EventDesk, event_door
from organise.policy import Act
from surge import records
from surge import report as reports
from surge.queries import changed_since, listed, record_now, todays

A_PAGE: Final = 20


@event_door(read=Act.READ_EVENTS)
def listing(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All of one event, the last one first."""
    event: Any = desk.event
    page = Paginator(listed(event.rehearsal_runs.order_by("-pk")), A_PAGE).get_page(request.GET.get("page"))
    runs = list(page)
    today = todays([event] if runs else [], now=now()).get(event.pk)
    told = [words.rehearsal(run, changed_since(run, today), zone=event.zone) for run in runs if today]
    return render(
        request,
        "organise/event_rehearsals.html",
        {"desk": desk, "here": "rehearsals", "shown": event, "told": told, "page": page},
    )


@event_door(read=Act.READ_EVENTS)
def report(request: HttpRequest, desk: EventDesk, run_id: int) -> HttpResponse:
    """One of them, without what is of the site's inside or of others."""
    event: Any = desk.event
    run = get_object_or_404(event.rehearsal_runs, pk=run_id)
    run.event = event
    record = records.for_organiser(record_now(run, now=now()))
    context = {"desk": desk, "shown": event, **reports.context_of(record, is_for_organiser=True)}
    return render(request, "organise/rehearsal.html", context)
