"""An event's rehearsals on the organiser's pages: what was played, whether it held, and each report."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from organise import queries, words
from surge import records
from surge import report as reports
from surge.queries import changed_since, listed, record_now, todays

A_PAGE: Final = 20


@never_cache
@login_required
@require_safe
def listing(request: HttpRequest, organiser_slug: str, event_slug: str) -> HttpResponse:
    """All of one event, the last one first."""
    event: Any = queries.event_or_404(request.user, organiser_slug, event_slug)
    page = Paginator(listed(event.rehearsal_runs.order_by("-pk")), A_PAGE).get_page(request.GET.get("page"))
    runs = list(page)
    today = todays([event] if runs else [], now=now()).get(event.pk)
    told = [words.rehearsal(run, changed_since(run, today), zone=event.zone) for run in runs if today]
    return render(request, "organise/event_rehearsals.html", {"shown": event, "told": told, "page": page})


@never_cache
@login_required
@require_safe
def report(request: HttpRequest, organiser_slug: str, event_slug: str, run_id: int) -> HttpResponse:
    """One of them, without what is of the site's inside or of others."""
    event: Any = queries.event_or_404(request.user, organiser_slug, event_slug)
    run = get_object_or_404(event.rehearsal_runs, pk=run_id)
    run.event = event
    record = records.for_organiser(record_now(run, now=now()))
    context = {"shown": event, **reports.context_of(record, is_for_organiser=True)}
    return render(request, "organise/rehearsal.html", context)
