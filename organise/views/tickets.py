"""An event's ticket types: listed, added, changed, moved, paused, deleted."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from events.actions import quotas as quota_acts
from events.actions import ticket_types as acts
from events.actions.events import ChangedMeanwhile
from events.models import Quota, TicketType
from kit import money, since
from kit.moments import moment_text
from organise.doors import EventDesk, event_door
from organise.forms.ticket_types import TicketTypeForm, initial_of
from organise.forms.times import told
from organise.policy import Act
from organise.queries import tickets as queries

A_PAGE: Final = 100
SALE: Final[Mapping[str, Callable[..., None]]] = {
    "paused": acts.pause, "resumed": acts.resume, "away": acts.put_away, "back": acts.bring_back,
}  # fmt: skip
DONE: Final[Mapping[str, str]] = {
    "paused": "“{name}” is paused: nobody can take one any more. What buyers hold they may still pay for.",
    "resumed": "“{name}” is sold again.",
    "away": "“{name}” is put away: it is neither listed nor sold.",
    "back": "“{name}” is listed again, paused as yet.",
}
USED = "There are tickets of it, so it cannot be deleted. Put it away: it is then neither listed nor sold."


@event_door(read=Act.READ_EVENTS)
def listing(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """All of them in order, and the quotas that they draw on."""
    return _listing(request, desk)


def _listing(request: HttpRequest, desk: EventDesk, refused: str = "", *, status: int = 200) -> HttpResponse:
    event, at = desk.event, now()
    rows = event.ticket_types.order_by("is_hidden", "position", "id")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": desk, "here": "tickets", "page": page, "listed": queries.listed(event, list(page), now=at),
        "tree": queries.tree(event), "errors": [("", refused)] if refused else [],
    }  # fmt: skip
    return render(request, "organise/tickets.html", context, status=status)


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def new(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """One more, with a quota of its own if one is asked for."""
    quotas = list(desk.event.quotas.order_by("position", "id"))
    if request.method != "POST":
        given = {"min_per_order": 1, "max_per_order": 10, "kind": "paid"}
        return _page(request, desk, TicketTypeForm(initial=given, event=desk.event, row=None, quotas=quotas), None)
    form = TicketTypeForm(request.POST, event=desk.event, row=None, quotas=quotas)
    if not form.is_valid() or "check" in request.POST:
        return _page(request, desk, form, None, status=422 if form.errors else 200)
    _add(desk, form)
    messages.success(request, f"Added “{form.cleaned_data['name']}”.")
    return redirect(f"{desk.url}tickets/")


@transaction.atomic
def _add(desk: EventDesk, form: TicketTypeForm) -> None:
    at, chosen = now(), list(form.cleaned_data.get("quotas", ()))
    capacity = form.cleaned_data["own_capacity"]
    if capacity is not None:
        name = form.cleaned_data["name"]
        chosen.append(quota_acts.add(event=desk.event, name=name, capacity=capacity, by=desk.user, now=at))
    acts.add(event=desk.event, values=form.values, quotas=chosen, by=desk.user, now=at)


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def ticket_type(request: HttpRequest, desk: EventDesk, type_slug: str) -> HttpResponse:
    """All of one."""
    row = _row(desk, type_slug)
    quotas = list(desk.event.quotas.order_by("position", "id"))
    if request.method != "POST":
        was = since.mark(acts.values_of(row))
        form = TicketTypeForm(initial=initial_of(row), event=desk.event, row=row, quotas=quotas)
        return _page(request, desk, form, row, was=was)
    form, was = TicketTypeForm(request.POST, event=desk.event, row=row, quotas=quotas), request.POST.get("was", "")
    if not form.is_valid() or "check" in request.POST:
        return _page(request, desk, form, row, was=was, status=422 if form.errors else 200)
    chosen = list(form.cleaned_data.get("quotas", ()))
    try:
        acts.edit(ticket_type=row, values=form.values, quotas=chosen, was=was, by=desk.user, now=now())
    except ChangedMeanwhile as meanwhile:
        return _page(request, desk, form, row, was=meanwhile.mark, meanwhile=meanwhile.now, status=409)
    messages.success(request, f"Saved “{form.cleaned_data['name']}”.")
    return redirect(f"{desk.url}tickets/")


def _page(  # noqa: PLR0913  -- one page, in each of its states
    request: HttpRequest, desk: EventDesk, form: TicketTypeForm, row: TicketType | None, *, was: str = "",
    meanwhile: Mapping[str, Any] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    event = desk.event
    context = {
        "desk": desk, "here": "tickets", "form": form, "row": row, "was": was, "errors": form.errors_for_summary,
        "meanwhile": [(acts.WORDS[name], _words(desk, name, value)) for name, value in (meanwhile or {}).items()],
        "checked": _checked(desk, form, row), "is_drawn_on": row is not None and row.draws.exists(),
        "secret_link": f"{settings.SITE_URL}{event.get_absolute_url()}secret/{row.secret_key}/" if row else "",
    }  # fmt: skip
    return render(request, "organise/ticket_type.html", context, status=status)


def _checked(desk: EventDesk, form: TicketTypeForm, row: TicketType | None) -> list[tuple[str, str]]:
    """The sale's times as they would be, in all words: of what was typed, or of what there is."""
    at, zone = now(), desk.event.zone
    found = form.cleaned_data if form.is_bound and form.is_valid() else {}
    moments = [
        ("Opens", found.get("sale_starts_at_moment") if form.is_bound else row and row.sale_starts_at),
        ("Ends", found.get("sale_ends_at_moment") if form.is_bound else row and row.sale_ends_at),
    ]
    return [(verb, told(moment, zone, now=at)) for verb, moment in moments if moment]


def _words(desk: EventDesk, name: str, value: Any) -> str:
    """What a field is by now, for whoever edits it, too."""
    if name == "quotas":
        return (
            ", ".join(Quota.objects.filter(pk__in=value).order_by("position").values_list("name", flat=True)) or "none"
        )
    if hasattr(value, "hour"):
        return moment_text(value.astimezone(desk.event.zone))
    if name.endswith("_minor") and value is not None:
        return money.amount_text(value, desk.event.currency)
    return "none" if value in {None, ""} else str(value)


@event_door(read=None, write=Act.EDIT_EVENTS)
def place(request: HttpRequest, desk: EventDesk, type_slug: str) -> HttpResponse:
    """One place up or down."""
    row = _row(desk, type_slug)
    acts.move(ticket_type=row, up=request.POST.get("to") != "down", by=desk.user, now=now())
    return redirect(f"{desk.url}tickets/#type-{row.slug}")


@event_door(read=None, write=Act.EDIT_EVENTS)
def sale(request: HttpRequest, desk: EventDesk, type_slug: str) -> HttpResponse:
    """Pause it or resume it, put it away or bring it back."""
    row, act = _row(desk, type_slug), SALE.get(request.POST.get("to", ""))
    if act is None:
        return _listing(request, desk, "Choose what shall become of it.", status=422)
    act(ticket_type=row, by=desk.user, now=now())
    messages.success(request, DONE[request.POST["to"]].format(name=row.name))
    return redirect(f"{desk.url}tickets/#type-{row.slug}")


@event_door(read=None, write=Act.EDIT_EVENTS)
def secret_link(request: HttpRequest, desk: EventDesk, type_slug: str) -> HttpResponse:
    """Another one; the old one opens nothing any more."""
    acts.renew_secret(ticket_type=_row(desk, type_slug), by=desk.user, now=now())
    return redirect(f"{desk.url}tickets/{type_slug}/")


@event_door(read=None, write=Act.EDIT_EVENTS)
def removal(request: HttpRequest, desk: EventDesk, type_slug: str) -> HttpResponse:
    """Delete it, where nobody has a ticket of it."""
    try:
        acts.remove(ticket_type=_row(desk, type_slug), by=desk.user, now=now())
    except acts.InUse:
        return _listing(request, desk, USED, status=409)
    return redirect(f"{desk.url}tickets/")


def _row(desk: EventDesk, slug: str) -> TicketType:
    row: TicketType = get_object_or_404(TicketType, event=desk.event, slug=slug)
    row.event = desk.event
    return row
