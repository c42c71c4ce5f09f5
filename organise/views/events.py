"""Where a member begins: their organisers, and each one's events."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.models import Event
from organise.doors import Desk, organiser_door
from organise.policy import Act
from organise.queries.events import events, events_of, organisers

A_PAGE = 50


@never_cache
@login_required
@require_safe
def your_events(request: HttpRequest) -> HttpResponse:
    """The user's organisers, each with its coming events."""
    at = now()
    theirs = list(organisers(request.user))
    coming: dict[int, list[Event]] = {organiser.pk: [] for organiser in theirs}
    shown = list(events(request.user).in_use().upcoming(at=at)[: A_PAGE + 1])
    for event in shown[:A_PAGE]:
        coming[event.organiser_id].append(event)
    listed = [(organiser, coming[organiser.pk]) for organiser in theirs]
    return render(request, "organise/organisers.html", {"listed": listed, "has_more": len(shown) > A_PAGE})


@organiser_door(read=Act.READ_EVENTS)
def organiser(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Events of one organiser that the member is let into, the newest first; those put away on a list of their own."""
    is_archive = request.GET.get("list") == "archive"
    found = events_of(desk.member).filter(archived_at__isnull=not is_archive)
    page = Paginator(found.order_by("-starts_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    listed: list[Any] = list(page)
    for event in listed:
        event.organiser = desk.organiser  # so that an event's address asks nothing again
    context = {"desk": desk, "found": desk.organiser, "page": page, "events": listed, "is_archive": is_archive}
    return render(request, "organise/organiser.html", context)
