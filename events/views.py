"""The public pages: anonymous, cookieless, the same for everyone."""

import time
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import flags
from events import facts, pages, pictures, theme
from events.actions import reminders as asked
from events.actions import waiting_list as joined
from events.facts import EventFacts
from events.forms import ReminderForm, WaitingForm
from events.given import Given, by_code
from events.models import Waiting
from events.models.codes import normal_text
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
    page = pages.event_page(organiser_slug, event_slug, now=now(), given=Given(secret=secret))
    response = _found(request, page)
    if secret:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def tickets(request: HttpRequest, organiser_slug: str, event_slug: str, secret: str = "") -> HttpResponse:
    return _found(request, pages.tickets_fragment(organiser_slug, event_slug, now=now(), given=Given(secret=secret)))


@require_safe
def availability(request: HttpRequest, organiser_slug: str, event_slug: str, secret: str = "") -> HttpResponse:
    given = Given(secret=secret)
    return _found(request, pages.availability_fragment(organiser_slug, event_slug, now=now(), given=given))


PARTS: Final = {
    "": pages.event_page, "tickets": pages.tickets_fragment, "availability": pages.availability_fragment,
}  # fmt: skip


@require_safe
def code(request: HttpRequest, organiser_slug: str, event_slug: str, code: str, part: str = "") -> HttpResponse:
    """The link that applies a code, the same page for all who have it. One that does not work says why; an unknown one
    has a page of its own making, which no cache keeps."""
    at, text = now(), normal_text(code)
    found = facts.find(organiser_slug, event_slug, now=at)
    if found is None:
        raise Http404
    if text != code:
        return HttpResponseRedirect(f"{found.url}code/{text}/{part and f'{part}/'}")
    given = by_code(found.at(at), text, now=at)
    if not given.is_known:
        return _unknown_code(request, found.at(at), given, at)
    response = _found(request, PARTS[part](organiser_slug, event_slug, now=at, given=given))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@private
def _unknown_code(request: HttpRequest, found: EventFacts, given: Given, at: datetime) -> HttpResponse:
    return HttpResponse(pages.one_buyers_page(found, now=at, given=given), status=404)


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


@same_origin
@private
@require_POST
def waiting_list(request: HttpRequest, organiser_slug: str, event_slug: str) -> HttpResponse:
    """Put this address on the waiting list; where there is something to be had nobody has to wait."""
    at = now()
    found = facts.find(organiser_slug, event_slug, now=at)
    if found is None or not flags.is_on("waiting-list", found):
        raise Http404
    found = found.at(at)
    listed = pages.listing_of(found, now=at)
    if listed is None:
        raise Http404
    form = WaitingForm(request.POST)
    context: dict[str, Any] = {"event": found, "listing": listed.summary, "form": form}
    if not pages.may_wait(found, listed.summary):
        return render(request, "events/waiting_list.html", context | {"is_refused": True}, status=409)
    if not form.is_valid():
        context |= {"errors": form.errors_for_summary}
        return render(request, "events/waiting_list.html", context, status=422)
    wish = joined.Wish(**form.cleaned_data)
    with flags.region("waiting-list", found):
        joined.join(event_id=found.id, wish=wish, now=at)
    flags.used("waiting-list", found)
    return render(request, "events/waiting_list.html", context | {"wish": wish})


@same_origin
@private
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest, organiser_slug: str, event_slug: str, token: str) -> HttpResponse:
    """Leave the waiting list, also when its flag is off by now. Whoever has left is told so again."""
    rows = Waiting.objects.select_related("event__organiser").filter(event__slug=event_slug, token=token)
    found = get_object_or_404(rows, event__organiser__slug=organiser_slug)
    if request.method == "POST":
        joined.leave(waiting=found)
    context = {
        "event": EventFacts.of(found.event, flags={}, phase_times=(), now=now()), "token": token,
        "has_left": request.method == "POST" or found.email is None,
    }  # fmt: skip
    return render(request, "events/waiting.html", context)


@require_safe
def accent(request: HttpRequest, colour: str) -> HttpResponse:
    return answer(request, theme.stylesheet(colour), caching=FOR_A_YEAR)


@require_safe
def image(request: HttpRequest, sha256: str, ending: str) -> HttpResponse:
    """One file of a picture. Its address says what it holds, so that who has it need never ask again."""
    if f'"{sha256}"' in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(pictures.content(sha256, ending), content_type=pictures.CONTENT_TYPES[ending])
    response.headers["ETag"] = f'"{sha256}"'
    response.headers["Cache-Control"] = FOR_A_YEAR
    return response


@require_safe
def clock(request: HttpRequest) -> HttpResponse:
    """The server's time, for countdowns on devices whose clock is wrong."""
    response = JsonResponse({"now_ms": int(time.time() * 1000)})
    response.headers["Cache-Control"] = "no-store"
    return response
