"""The checklist of an event, and the buttons that show it, close it, put it away."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from events.actions import events as acts
from events.models import State
from organise import readiness
from organise.doors import EventDesk, event_door
from organise.forms.times import told
from organise.policy import Act

DONE: Final[dict[str, str]] = {
    State.LIVE: "Published: everybody sees it now.",
    State.CLOSED: "Closed: nothing is sold any more. What buyers hold they may still pay for.",
    State.DRAFT: "It is a draft again, which nobody else sees.",
}
TOO_LATE = "It is not so any more: somebody was quicker. Look again."
ORDERED = "There are orders, and buyers would lose the event's page. Close the sale instead."


@event_door(read=Act.READ_EVENTS)
def checklist(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """What is missing, what we would look at, and when sales open and end."""
    return _page(request, desk)


@event_door(read=None, write=Act.EDIT_EVENTS)
def state(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Publish, close, or make it a draft again."""
    act: Any = {State.LIVE: acts.publish, State.CLOSED: acts.close, State.DRAFT: acts.unpublish}.get(
        request.POST.get("to", "")  # type: ignore[call-overload]  # a state is a text
    )
    if act is None:
        return _page(request, desk, "Choose what shall become of it.", status=422)
    try:
        act(event=desk.event, by=desk.user, now=now())
    except acts.NotReady:
        return _page(request, desk, "It cannot be published yet. The list says what is missing.", status=422)
    except acts.HasOrders:
        return _page(request, desk, ORDERED, status=409)
    except acts.WrongState:
        return _page(request, desk, TOO_LATE, status=409)
    messages.success(request, DONE[request.POST["to"]])
    return redirect(f"{desk.url}readiness/")


@event_door(read=None, write=Act.EDIT_EVENTS)
def archive(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Put it away, or bring it back."""
    act = acts.bring_back if request.POST.get("to") == "lists" else acts.archive
    try:
        act(event=desk.event, by=desk.user, now=now())
    except acts.WrongState:
        return _page(request, desk, "It is on sale. Close it first, then put it away.", status=409)
    return redirect(f"{desk.url}readiness/")


def _page(request: HttpRequest, desk: EventDesk, refused: str = "", *, status: int = 200) -> HttpResponse:
    at = now()
    desk.event.refresh_from_db(fields=["state", "archived_at"])
    lines = readiness.lines(desk.event, base=desk.url, now=at)
    windows = [
        (row, *(moment and told(moment, desk.event.zone, now=at) for moment in (row.sale_starts_at, row.sale_ends_at)))
        for row in readiness.openings(desk.event, now=at)
    ]
    context = {
        "desk": desk, "here": "readiness", "lines": lines, "is_ready": all(line.look != "bad" for line in lines),
        "errors": [("", refused)] if refused else [], "windows": windows,
    }  # fmt: skip
    return render(request, "organise/readiness.html", context, status=status)
