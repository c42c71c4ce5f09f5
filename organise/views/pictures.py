"""An event's picture: put on its page, described, taken off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from events import pictures
from events.actions import pictures as acts
from organise.doors import EventDesk, event_door
from organise.forms.pictures import PictureForm
from organise.policy import Act


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def picture(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Choose a file, or say what is to be seen on the one there is."""
    shown = pictures.shown(desk.event)
    if request.method != "POST":
        return _page(request, desk, PictureForm(initial={"alt": shown.alt if shown else ""}, is_needed=not shown))
    form = PictureForm(request.POST, request.FILES, is_needed=not shown)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    file, alt = form.cleaned_data["file"], form.cleaned_data["alt"]
    try:
        if file:
            acts.put(event=desk.event, upload=file.read(), alt=alt, by=desk.user, now=now())
        else:
            acts.describe(event=desk.event, alt=alt, by=desk.user, now=now())
    except acts.NotAPicture as fault:
        form.add_error("file", str(fault))
        return _page(request, desk, form, status=422)
    messages.success(request, "Saved. The page shows it within two seconds.")
    return redirect(f"{desk.url}picture/")


@event_door(read=None, write=Act.EDIT_EVENTS)
def removal(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Take it off the page."""
    acts.remove(event=desk.event, by=desk.user, now=now())
    return redirect(f"{desk.url}picture/")


def _page(request: HttpRequest, desk: EventDesk, form: PictureForm, *, status: int = 200) -> HttpResponse:
    context = {
        "desk": desk, "here": "edit", "form": form, "errors": form.errors_for_summary,
        "picture": pictures.shown(desk.event),
    }  # fmt: skip
    return render(request, "organise/picture.html", context, status=status)
