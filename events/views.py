"""The public pages: anonymous, cookieless, the same for everyone."""

import time
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from events import facts, pages, theme
from events.actions import reminders as asked
from events.forms import ReminderForm
from kit.http import Page, answer, private, same_origin

FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


def _found(request: HttpRequest, page: Page | None) -> HttpResponse:
    if page is None:
        raise Http404
    return answer(request, page)


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    return _found(request, pages.front_page(now=now()))


@require_safe
def organiser(request: HttpRequest, organiser_slug: str) -> HttpResponse:
    return _found(request, pages.organiser_page(organiser_slug, now=now()))


@require_safe
def event(request: HttpRequest, organiser_slug: str, event_slug: str, secret: str = "") -> HttpResponse:
    response = _found(request, pages.event_page(organiser_slug, event_slug, now=now(), secret=secret))
    if secret:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def tickets(request: HttpRequest, organiser_slug: str, event_slug: str, secret: str = "") -> HttpResponse:
    return _found(request, pages.tickets_fragment(organiser_slug, event_slug, now=now(), secret=secret))


@require_safe
def availability(request: HttpRequest, organiser_slug: str, event_slug: str, secret: str = "") -> HttpResponse:
    return _found(request, pages.availability_fragment(organiser_slug, event_slug, now=now(), secret=secret))


@same_origin
@private
@require_POST
def reminders(request: HttpRequest, organiser_slug: str, event_slug: str) -> HttpResponse:
    """Write to this address shortly before the sale opens; once it is open there is nothing to wait for."""
    at = now()
    found = facts.find(organiser_slug, event_slug, now=at)
    listed = pages.listing_of(found, now=at) if found else None
    if found is None or listed is None:
        raise Http404
    opens_at = listed.summary.opens_at
    context: dict[str, Any] = {"event": found, "opens_at": opens_at, "status_text": listed.summary.status_text}
    form = ReminderForm(request.POST)
    if opens_at is None:
        return render(request, "events/reminder.html", context, status=409)
    if not form.is_valid():
        context |= {"form": form, "errors": form.errors_for_summary}
        return render(request, "events/reminder.html", context, status=422)
    asked.ask(event_id=found.id, email=form.cleaned_data["email"], now=at)
    context |= {"email": form.cleaned_data["email"], "is_soon": opens_at - at <= asked.AHEAD}
    return render(request, "events/reminder.html", context)


@require_safe
def accent(request: HttpRequest, colour: str) -> HttpResponse:
    return answer(request, theme.stylesheet(colour), caching=FOR_A_YEAR)


@require_safe
def clock(request: HttpRequest) -> HttpResponse:
    """The server's time, for countdowns on devices whose clock is wrong."""
    response = JsonResponse({"now_ms": int(time.time() * 1000)})
    response.headers["Cache-Control"] = "no-store"
    return response
