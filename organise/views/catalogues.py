"""An event's catalogue as a file: taken away, changed, brought back."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from events import catalogue
from events.actions import catalogues as acts
from organise.doors import EventDesk, event_door
from organise.policy import Act

MOST_BYTES: Final = 2_000_000
MOST_FAULTS: Final = 50


@event_door(read=Act.READ_EVENTS, write=Act.EDIT_EVENTS)
def catalogue_page(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Choose a file, see what it would change, apply it."""
    if request.method != "POST":
        return _page(request, desk)
    text, fault = _text(request)
    if fault:
        return _page(request, desk, errors=[("id_file", fault)], status=422)
    try:
        if "apply" in request.POST:
            acts.apply(event=desk.event, text=text, was=request.POST.get("was", ""), by=desk.user, now=now())
            messages.success(request, "The event is as the file says.")
            return redirect(f"{desk.url}tickets/")
        return _page(request, desk, seen=acts.preview(event=desk.event, text=text), text=text)
    except catalogue.Faulty as refusal:
        faults = [("", fault) for fault in refusal.faults[:MOST_FAULTS]]
        return _page(request, desk, errors=faults, status=422)
    except acts.ChangedMeanwhile:
        changed = [("", "The event has changed since you saw this. Look at it again: it is as it would be now.")]
        seen = acts.preview(event=desk.event, text=text)
        return _page(request, desk, seen=seen, text=text, errors=changed, status=409)


@event_door(read=Act.READ_EVENTS)
def export(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """The event's catalogue as a file."""
    text = catalogue.dump(catalogue.write(desk.event))
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{desk.event.slug}.json"'
    return response


def _text(request: HttpRequest) -> tuple[str, str]:
    """What the file says, and what is wrong with it as a file."""
    file = request.FILES.get("file")
    if file is None:
        text = request.POST.get("text", "")
        return text, "" if text else "Choose a file."
    if (file.size or 0) > MOST_BYTES:
        return "", "The file is larger than 2 MB. Ask us to import it."
    try:
        return file.read().decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", "This is no text. Choose a catalogue, a file whose name ends in .json."


def _page(request: HttpRequest, desk: EventDesk, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"desk": desk, "here": "catalogue", "errors": [], **more}
    return render(request, "organise/catalogue.html", context, status=status)
