"""The public pages: anonymous, cookieless, the same for everyone."""

import time

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from events import pages, theme
from kit.http import Page, answer

PAGE_SECONDS = 2
THEME_SECONDS = 31_536_000


def _found(request: HttpRequest, page: Page | None) -> HttpResponse:
    if page is None:
        raise Http404
    return answer(request, page, max_age=PAGE_SECONDS)


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    return _found(request, pages.front_page(now=now()))


@require_safe
def organiser(request: HttpRequest, organiser_slug: str) -> HttpResponse:
    return _found(request, pages.organiser_page(organiser_slug, now=now()))


@require_safe
def event(request: HttpRequest, organiser_slug: str, event_slug: str, secret: str = "") -> HttpResponse:
    return _found(request, pages.event_page(organiser_slug, event_slug, now=now(), secret=secret))


@require_safe
def tickets(request: HttpRequest, organiser_slug: str, event_slug: str, secret: str = "") -> HttpResponse:
    return _found(request, pages.tickets_fragment(organiser_slug, event_slug, now=now(), secret=secret))


@require_safe
def accent(request: HttpRequest, colour: str) -> HttpResponse:
    return answer(request, theme.stylesheet(colour), max_age=THEME_SECONDS)


@require_safe
def clock(request: HttpRequest) -> HttpResponse:
    """The server's time, for countdowns on devices whose clock is wrong."""
    response = JsonResponse({"now_ms": int(time.time() * 1000)})
    response.headers["Cache-Control"] = "no-store"
    return response
