"""The organiser's pages: whoever is signed in sees their own organisers, and 404 for everybody else's."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.models import Event
from organise import queries, words

A_PAGE = 50


@never_cache
@login_required
@require_safe
def organisers(request: HttpRequest) -> HttpResponse:
    """Those of the user, each with its coming events."""
    at = now()
    theirs = list(queries.organisers(request.user))
    coming: dict[int, list[Event]] = {organiser.pk: [] for organiser in theirs}
    shown = list(queries.events(request.user).upcoming(at=at)[: A_PAGE + 1])
    for event in shown[:A_PAGE]:
        coming[event.organiser_id].append(event)
    listed = [(organiser, coming[organiser.pk]) for organiser in theirs]
    return render(request, "organise/organisers.html", {"listed": listed, "has_more": len(shown) > A_PAGE})


@never_cache
@login_required
@require_safe
def organiser(request: HttpRequest, organiser_slug: str) -> HttpResponse:
    """All events of one organiser, the newest first."""
    found = get_object_or_404(queries.organisers(request.user), slug=organiser_slug)
    page = Paginator(found.events.order_by("-starts_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {"found": found, "page": page, "events": _with_organiser(list(page), found)}
    return render(request, "organise/organiser.html", context)


@never_cache
@login_required
@require_safe
def event_flags(request: HttpRequest, organiser_slug: str, event_slug: str) -> HttpResponse:
    """What is on for an event, until when, what was switched off and why, and what the next on-sale will check."""
    at = now()
    event = queries.event_or_404(request.user, organiser_slug, event_slug)
    found, zone = queries.features(event, now=at), event.zone
    context = {
        "shown": event,
        "tried": [words.tried(one, zone=zone) for one in found.tried],
        "for_everyone": [words.for_everyone(one, zone=zone) for one in found.for_everyone],
        "switched_off": [words.switched_off(one, zone=zone) for one in found.switched_off],
        "not_on": [words.not_on(one, zone=zone) for one in found.not_on],
        "review": words.review(queries.next_on_sale_at(event, now=at), zone=zone, now=at),
        "hours": int(words.REVIEWED_AHEAD.total_seconds() // 3600),
    }
    return render(request, "organise/event_flags.html", context)


def _with_organiser(events: list[Any], organiser: Any) -> list[Any]:
    """So that an event's address asks nothing again."""
    for event in events:
        event.organiser = organiser
    return events
