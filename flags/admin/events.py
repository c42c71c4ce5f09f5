"""One page over one event's flags: what each answers there and why, use and cost; grant and withdraw with a reason."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from flags import charts, figures, recipients, where
from flags.admin import giving
from flags.admin.overview import MAY_GRANT
from flags.rules import Rule


def urls() -> list[Any]:
    """Under the events' own addresses in the admin; the room of events asks for them."""
    return [path("<int:event_id>/flags/", admin.site.admin_view(event_flags), name="events_event_flags")]


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_GRANT, raise_exception=True)
def event_flags(request: HttpRequest, event_id: int) -> HttpResponse:
    """The page; a POST grants or withdraws one flag."""
    event, at = get_object_or_404(recipients.events().select_related("organiser"), pk=event_id), now()
    if request.method != "POST":
        return _page(request, event, at)
    form = giving.EventGrantForm(request.POST, now=at)
    if not form.is_valid():
        return _page(request, event, at, form=form)
    flag, to = form.cleaned_data["flag"], recipients.of_event(event).recipient
    outcome = giving.do(flag=flag, to=to, asked=form.asked, by=request.user, now=at)
    if not outcome.is_done:
        form.refuse("flag", outcome)
        return _page(request, event, at, form=form)
    messages.success(request, f"{flag.name}: {' '.join(outcome.words)}")
    return redirect("admin:events_event_flags", event.pk)


def _page(request: HttpRequest, event: Any, at: datetime, *, form: Any = None) -> HttpResponse:
    """The page; with a form that was refused, as it was typed and with 422."""
    series = figures.of_event(event.pk, now=at)
    standings = where.at_place(recipients.of_event(event).place, now=at)
    rows = [
        {"standing": one, "series": series.get(one.flag.pk) if one.flag else None, "is_ours": one.rule == Rule.EVENT}
        for one in standings
    ]
    costliest = sorted((row for row in rows if row["series"]), key=_cost, reverse=True)[: figures.MOST_DRAWN]
    context = {
        **admin.site.each_context(request),
        "title": f"Flags of {event.title}", "event": event, "rows": rows,
        "drawn": [_drawn(row) for row in costliest], "has_more": len(series) > len(costliest),
        "form": form or giving.EventGrantForm(now=at, initial={"flag": request.GET.get("flag", "")}),
        "errors": form.errors_for_summary if form else [],
        "may_change_flags": request.user.has_perm("flags.change_flag"),
    }  # fmt: skip
    return render(request, "admin/flags/event_flags.html", context, status=422 if form else 200)


def _cost(row: dict[str, Any]) -> tuple[int, int]:
    return row["series"].ms, row["series"].requests


def _drawn(row: dict[str, Any]) -> dict[str, Any]:
    flag = row["standing"].flag
    return {"title": flag.name, "link": "", "series": row["series"], "charts": charts.of_series(row["series"], flag)}
