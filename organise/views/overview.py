"""An event's first page: how it stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from organise.doors import EventDesk, event_door
from organise.policy import Act


@event_door(read=Act.READ_EVENTS)
def overview(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """When it is, where, and whether it is sold."""
    return render(request, "organise/overview.html", {"desk": desk, "here": "", "shown": desk.event})
