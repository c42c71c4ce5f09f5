"""Making events, and changing what their pages show."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from events import pictures, slugs
from events.actions import duplicates
from events.actions import events as acts
from events.facts import EventFacts
from events.models import Event, State
from kit import since
from kit.moments import moment_text
from organise.doors import Desk, EventDesk, event_door, organiser_door
from organise.forms.events import CopyForm, EventForm, NewEventForm
from organise.policy import Act

TAKEN = "Another of your events has this address. Choose another."
ORDERED = "Somebody has ordered by now, so the currency stays."


@organiser_door(read=Act.CREATE_EVENTS, write=Act.CREATE_EVENTS)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One form, then the checklist."""
    if request.method != "POST":
        last = Event.objects.filter(organiser=desk.organiser).order_by("-pk").first()
        like = {"timezone": last.timezone, "currency": last.currency} if last else {}
        form = NewEventForm(initial={"timezone": "Europe/London", "currency": "GBP", **like})
        return _new_page(request, desk, form)
    form = NewEventForm(request.POST)
    if form.is_valid():
        try:
            event = acts.create(
                organiser=desk.organiser, new=acts.NewEvent(**form.cleaned_data), by=desk.user, now=now()
            )
            messages.success(request, "The draft is made. The list says what is missing before you publish it.")
            return redirect(f"{desk.url}{event.slug}/readiness/")
        except acts.AddressTaken:
            form.add_error("slug", TAKEN)
    return _new_page(request, desk, form, status=422)


def _new_page(request: HttpRequest, desk: Desk, form: NewEventForm, *, status: int = 200) -> HttpResponse:
    context = {"desk": desk, "form": form, "errors": form.errors_for_summary}
    return render(request, "organise/event_new.html", context, status=status)


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def edit(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All that the event's page shows."""
    values = acts.values_of(desk.event)
    if request.method != "POST":
        return _edit_page(request, desk, _event_form(desk, initial=values), was=since.mark(values))
    form, was = _event_form(desk, request.POST), request.POST.get("was", "")
    if not form.is_valid():
        return _edit_page(request, desk, form, was=was, status=422)
    try:
        event = acts.edit(event=desk.event, values=form.cleaned_data, was=was, by=desk.user, now=now())
    except acts.AddressTaken:
        form.add_error("slug", TAKEN)
        return _edit_page(request, desk, form, was=was, status=422)
    except acts.HasOrders:
        form.add_error("currency", ORDERED)
        return _edit_page(request, desk, form, was=was, status=422)
    except acts.ChangedMeanwhile as meanwhile:
        return _edit_page(request, desk, form, was=meanwhile.mark, meanwhile=meanwhile.now, status=409)
    messages.success(request, "Saved. The page shows it within two seconds.")
    return redirect(f"{desk.organiser_url}{event.slug}/edit/")


def _event_form(desk: EventDesk, *given: Any, **initial: Any) -> EventForm:
    event = desk.event
    return EventForm(
        *given, event=event, is_draft=event.state == State.DRAFT, has_orders=acts.has_orders(event), **initial
    )


def _edit_page(
    request: HttpRequest, desk: EventDesk, form: EventForm, *, was: str, meanwhile: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "desk": desk, "here": "edit", "form": form, "was": was, "errors": form.errors_for_summary,
        "meanwhile": [(acts.WORDS[name], _words(value)) for name, value in (meanwhile or {}).items()],
        "has_picture": pictures.shown(desk.event) is not None,
    }  # fmt: skip
    return render(request, "organise/event_edit.html", context, status=status)


def _words(value: Any) -> str:
    return f"{value:%-d %B %Y, %H:%M}" if hasattr(value, "hour") else str(value)


@event_door(read=None, write=Act.EDIT_EVENTS)
def preview(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """The head of the event's page and its description, as what is typed would have them. Nothing is saved."""
    event = desk.event
    form = _event_form(desk, request.POST)
    form.is_valid()
    for name, value in form.cleaned_data.items():
        setattr(event, name, value)
    facts = EventFacts.of(event, flags={}, phase_times=(), now=now(), picture=pictures.shown(event))
    if not form.errors:
        zone = facts.zone
        times = {
            f"{name}s_at": form.cleaned_data[f"local_{name}s_at"].replace(tzinfo=zone) for name in ("start", "end")
        }
        facts = replace(facts, **times)
    is_part = request.headers.get("HX-Request") == "true"
    template = "organise/_preview.html" if is_part else "organise/event_preview.html"
    return render(request, template, {"desk": desk, "here": "edit", "event": facts, "faults": form.errors_for_summary})


@event_door(read=Act.CREATE_EVENTS, write=Act.CREATE_EVENTS)
def duplicate(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """An event like this one, at another time."""
    event = desk.event
    if request.method != "POST":
        taken = set(Event.objects.filter(organiser=desk.organiser).values_list("slug", flat=True))
        slug = slugs.suggested(event.title, taken=taken, otherwise="event")
        return _copy_page(request, desk, CopyForm(initial={"title": event.title, "slug": slug}, zone=event.zone))
    form = CopyForm(request.POST, zone=event.zone)
    if form.is_valid():
        try:
            made = duplicates.duplicate(event=event, by=desk.user, now=now(), **form.cleaned_data)
            messages.success(request, f"This is the copy of “{event.title}”, a draft.")
            return redirect(f"{desk.organiser_url}{made.slug}/readiness/")
        except acts.AddressTaken:
            form.add_error("slug", TAKEN)
    return _copy_page(request, desk, form, status=422)


def _copy_page(request: HttpRequest, desk: EventDesk, form: CopyForm, *, status: int = 200) -> HttpResponse:
    context = {
        "desk": desk, "here": "copies", "form": form, "errors": form.errors_for_summary,
        "was_at": moment_text(desk.event.starts_at.astimezone(desk.event.zone)),
    }  # fmt: skip
    return render(request, "organise/event_copy.html", context, status=status)
