"""An event's quotas: added, renamed, made larger or smaller, deleted."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from events.actions import quotas as acts
from events.actions.events import ChangedMeanwhile
from events.models import Quota, Stock
from kit import since
from organise.doors import EventDesk, event_door
from organise.forms.quotas import QuotaForm
from organise.policy import Act
from organise.queries import tickets as queries

USED = (
    "It cannot be deleted: ticket types draw on it, or tickets that count against it are sold or held. "
    "Have no ticket type draw on it any more; what is sold keeps its place in it."
)


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def new(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """One more."""
    form = QuotaForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        acts.add(event=desk.event, by=desk.user, now=now(), **form.cleaned_data)
        return redirect(f"{desk.url}tickets/#quotas")
    return _page(request, desk, form, None, status=422 if request.method == "POST" else 200)


@event_door(read=Act.EDIT_EVENTS, write=Act.EDIT_EVENTS)
def quota(request: HttpRequest, desk: EventDesk, quota_slug: str) -> HttpResponse:
    """Its name and its capacity, also while people buy."""
    row = _row(desk, quota_slug)
    values = acts.values_of(row)
    if request.method != "POST":
        return _page(request, desk, QuotaForm(initial=values), row, was=since.mark(values))
    form, was = QuotaForm(request.POST), request.POST.get("was", "")
    if not form.is_valid():
        return _page(request, desk, form, row, was=was, status=422)
    try:
        acts.edit(quota=row, was=was, by=desk.user, now=now(), **form.cleaned_data)
    except acts.BelowTaken as below:
        form.add_error("capacity", _too_low(desk, row, below.least))
        return _page(request, desk, form, row, was=was, status=422)
    except ChangedMeanwhile as meanwhile:
        return _page(request, desk, form, row, was=meanwhile.mark, meanwhile=meanwhile.now, status=409)
    messages.success(request, f"Saved “{form.cleaned_data['name']}”.")
    return redirect(f"{desk.url}tickets/#quotas")


def _too_low(desk: EventDesk, row: Quota, least: int) -> str:
    held = min(queries.held_by_quota(desk.event).get(row.pk, 0), least)
    return (
        f"{least - held} are sold and {held} are held by buyers, so {least} is the least it can be now. "
        "To sell no more, set it to that, or pause the ticket types that draw on it."
    )


@event_door(read=None, write=Act.EDIT_EVENTS)
def removal(request: HttpRequest, desk: EventDesk, quota_slug: str) -> HttpResponse:
    """Delete it, where nothing counts against it."""
    row = _row(desk, quota_slug)
    try:
        acts.remove(quota=row, by=desk.user, now=now())
    except acts.InUse:
        values = acts.values_of(row)
        return _page(request, desk, QuotaForm(initial=values), row, was=since.mark(values), refused=USED, status=409)
    return redirect(f"{desk.url}tickets/#quotas")


def _page(  # noqa: PLR0913  -- one page, in each of its states
    request: HttpRequest, desk: EventDesk, form: QuotaForm, row: Quota | None, *, was: str = "",
    meanwhile: Mapping[str, Any] | None = None, refused: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    taken = Stock.objects.values_list("taken", flat=True).get(pk=row.pk) if row else 0
    context = {
        "desk": desk, "here": "tickets", "form": form, "row": row, "was": was, "taken": taken,
        "errors": [*([("", refused)] if refused else []), *(form.errors_for_summary if form.is_bound else [])],
        "meanwhile": [*(meanwhile or {}).items()],
    }  # fmt: skip
    return render(request, "organise/quota.html", context, status=status)


def _row(desk: EventDesk, slug: str) -> Quota:
    row: Quota = get_object_or_404(Quota.objects.select_related("stock"), event=desk.event, slug=slug)
    row.event = desk.event
    return row
