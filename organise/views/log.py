"""The log: who did what and when, at one event or at all of an organiser."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from events.models import Event
from kit.moments import clock_text, day_text
from organise.doors import Desk, EventDesk, event_door, organiser_door
from organise.forms.log import LogForm
from organise.policy import Act
from organise.queries import log


@organiser_door(read=Act.READ_LOG)
def of_organiser(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Of everything that the member may see, in UTC, as events are in many zones."""
    return _page(request, desk, None)


@event_door(read=Act.READ_LOG)
def of_event(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Of one event, on the clock at its venue."""
    return _page(request, desk, desk.event)


def _page(request: HttpRequest, desk: Desk, event: Event | None) -> HttpResponse:
    zone = event.zone if event else ZoneInfo("UTC")
    form = LogForm(request.GET, kinds=log.kinds(desk.member, event), people=log.people(desk.member))
    found = log.page(desk.member, event, form.asked(zone))
    lines = [(line, day_text(at := line.at.astimezone(zone)), clock_text(at)) for line in found.lines]
    kept = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    older = urlencode({**kept, "before": "-".join(map(str, found.next_before))}) if found.next_before else ""
    context = {
        "desk": desk, "here": "log" if event else "-/log", "shown": event, "form": form, "lines": lines, "older": older,
        "is_filtered": bool(kept), "first": "?" + urlencode(kept) if request.GET.get("before") else "",
        "zone": event.timezone if event else "UTC",
    }  # fmt: skip
    return render(request, "organise/log.html" if event else "organise/organiser_log.html", context)
