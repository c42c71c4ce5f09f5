"""Trying an event out: beginning test mode, and ending it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.timezone import now

from checkout.actions import test_mode
from organise.doors import EventDesk, event_door
from organise.policy import Act

HAS_ORDERS = "This event has orders by now, so it cannot be put into test mode any more."


def _page(request: HttpRequest, desk: EventDesk, *, status: int = 200, problem: str = "") -> HttpResponse:
    left = test_mode.left(event=desk.event) if desk.event.is_test else None  # a real sale has too many to count here
    context = {
        "desk": desk, "here": "test-mode", "shown": desk.event, "left": left,
        "has_orders": left is None and test_mode.has_orders(event=desk.event),
        "errors": [("", problem)] if problem else [],
    }  # fmt: skip
    return render(request, "organise/test_mode.html", context, status=status)


@event_door(read=Act.READ_EVENTS, write=Act.EDIT_EVENTS)
def mode(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """What test mode is, and its beginning."""
    if request.method != "POST":
        return _page(request, desk)
    try:
        test_mode.begin(event=desk.event, by=desk.user, now=now())
    except test_mode.HasOrders:
        return _page(request, desk, status=409, problem=HAS_ORDERS)
    except test_mode.IsRehearsal:
        return _page(request, desk, status=409, problem="A rehearsal is tried out already.")
    messages.success(request, "Test mode is on: nobody finds the event, and whoever has its link buys with play money.")
    return HttpResponseRedirect(f"{desk.url}test-mode/", status=303)


@event_door(read=Act.READ_EVENTS, write=Act.EDIT_EVENTS)
def end(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """The end of it, after saying how many orders go."""
    back = f"{desk.url}test-mode/"
    if not desk.event.is_test:
        return redirect(back)
    if request.method != "POST":
        context = {"desk": desk, "here": "test-mode", "shown": desk.event, "left": test_mode.left(event=desk.event)}
        return render(request, "organise/test_mode_end.html", context)
    try:
        removed = test_mode.end(event=desk.event, by=desk.user, now=now())
    except test_mode.NotInTest:  # pressed twice
        return redirect(back)
    orders = "1 test order was" if removed == 1 else f"{removed} test orders were"
    messages.success(request, f"Test mode is over: {orders} removed. The event is a draft until you publish it.")
    return HttpResponseRedirect(back, status=303)
