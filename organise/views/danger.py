"""What cannot be undone: a typed confirmation stands before it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from events.actions import events as acts
from events.models import State
from organise.doors import EventDesk, event_door
from organise.policy import Act


@event_door(read=Act.END_EVENTS, write=Act.END_EVENTS)
def danger(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Delete a draft; stop the sale of an event that does not take place. The address is typed before."""
    if request.method != "POST":
        return _page(request, desk)
    if request.POST.get("typed", "").strip() != desk.event.slug:
        return _page(request, desk, f"Type {desk.event.slug} to confirm.", status=422)
    try:
        if request.POST.get("what") == "delete":
            acts.delete(event=desk.event, by=desk.user, now=now())
            messages.success(request, f"Deleted the draft “{desk.event.title}”.")
            return redirect(desk.organiser_url)
        acts.close(event=desk.event, by=desk.user, now=now())
    except acts.HasOrders:
        return _page(request, desk, "There are orders, so the event cannot be deleted.", status=409)
    except acts.WrongState:
        return _page(request, desk, "It is not so any more: somebody was quicker. Look again.", status=409)
    messages.success(request, "Closed the sale. Now pay back those who have bought.")
    return redirect(f"{desk.url}danger/")


def _page(request: HttpRequest, desk: EventDesk, refused: str = "", *, status: int = 200) -> HttpResponse:
    desk.event.refresh_from_db(fields=["state"])
    context = {
        "desk": desk, "here": "danger", "errors": [("id_typed", refused)] if refused else [],
        "is_draft": desk.event.state == State.DRAFT, "is_live": desk.event.state == State.LIVE,
        "has_orders": acts.has_orders(desk.event),
    }  # fmt: skip
    return render(request, "organise/danger.html", context, status=status)
