"""One page over one flag: where it is on and why, who changed what, use and cost; grant and kill with a reason."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from flags import charts, figures, recipients, where
from flags.actions import flags
from flags.admin import giving
from flags.models import Change, Flag, Grant

A_PAGE: Final = 50
LAST_CHANGES: Final = 10
NOBODY: Final = where.Place(0)  # an organiser that has no grant
MAY_CHANGE: Final = "flags.change_flag"
MAY_GRANT: Final = "flags.change_grant"


class KillForm(forms.Form):
    """Why it is killed or revived, and which of both."""

    reason = giving.reason_field()
    act = forms.ChoiceField(choices=[("kill", "kill"), ("revive", "revive")])

    @property
    def errors_for_summary(self) -> list[tuple[str, str]]:
        return [(self["reason"].id_for_label, str(fault)) for fault in self.errors.get("reason", ())]


def urls() -> list[Any]:
    """Under the flags' own addresses in the admin."""
    pages = (("", overview, "overview"), ("grants/", granting, "granting"), ("killing/", killing, "killing"))
    return [
        path(f"<int:flag_id>/overview/{end}", admin.site.admin_view(view), name=f"flags_flag_{name}")
        for end, view, name in pages
    ]


@require_safe
@permission_required(MAY_CHANGE, raise_exception=True)
def overview(request: HttpRequest, flag_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(Flag, pk=flag_id), now())


@require_POST
@permission_required([MAY_CHANGE, MAY_GRANT], raise_exception=True)
def granting(request: HttpRequest, flag_id: int) -> HttpResponse:
    """Grant or withdraw, to the event or organiser that was typed."""
    flag, at = get_object_or_404(Flag, pk=flag_id), now()
    form = giving.GrantForm(request.POST, now=at)
    if not form.is_valid():
        return _page(request, flag, at, form=form)
    outcome = giving.do(flag=flag, to=form.named.recipient, asked=form.asked, by=request.user, now=at)
    if not outcome.is_done:
        form.refuse("to", outcome)
        return _page(request, flag, at, form=form)
    messages.success(request, f"{form.named.title}: {' '.join(outcome.words)}")
    return redirect("admin:flags_flag_overview", flag.pk)


@require_POST
@permission_required(MAY_CHANGE, raise_exception=True)
def killing(request: HttpRequest, flag_id: int) -> HttpResponse:
    """Kill or revive; a second click changes nothing."""
    flag, at = get_object_or_404(Flag, pk=flag_id), now()
    form = KillForm(request.POST, prefix="kill")
    if not form.is_valid():
        return _page(request, flag, at, kill_form=form)
    is_kill = form.cleaned_data["act"] == "kill"
    act = flags.kill if is_kill else flags.revive
    act(flag=flag, reason=form.cleaned_data["reason"], by=request.user, now=at)  # type: ignore[arg-type]  # signed in
    said = "killed: off for everyone within two seconds." if is_kill else "revived: stage and grants count again."
    messages.success(request, f"{flag.name} is {said}")
    return redirect("admin:flags_flag_overview", flag.pk)


def _page(request: HttpRequest, flag: Any, at: datetime, *, form: Any = None, kill_form: Any = None) -> HttpResponse:
    """The page; with a form that was refused, as it was typed and with 422."""
    refused = form or kill_form
    grants = Grant.objects.in_force(at=at).filter(flag=flag).order_by("-switched_off_by", "-pk")
    listed = Paginator(
        grants.select_related("event__organiser", "organiser", "given_by"), A_PAGE
    ).get_page(request.GET.get("page"))  # fmt: skip
    context = {
        **admin.site.each_context(request),
        "title": f"{flag.name}: where it is on", "flag": flag, "errors": refused.errors_for_summary if refused else [],
        "page": listed, **_where(flag, list(listed), at),
        "form": form or giving.GrantForm(now=at, initial={"to": request.GET.get("to", "")[:200]}),
        "kill_form": kill_form or KillForm(prefix="kill"),
        "may_grant": request.user.has_perm(MAY_GRANT),
        "changes": Change.objects.filter(flag=flag.name).select_related("event", "organiser")[:LAST_CHANGES],
        "needs": ", ".join(flag.prerequisites.order_by("name").values_list("name", flat=True)),
        **_figures(flag, at),
    }  # fmt: skip
    return render(request, "admin/flags/overview.html", context, status=422 if refused else 200)


def _where(flag: Any, grants: list[Grant], at: datetime) -> dict[str, Any]:
    """Each grant with what the flag answers there by now, which another rule may have decided; and for all others."""
    named = [recipients.of_grant(grant) for grant in grants]
    standings = where.of_flag(flag.name, [NOBODY, *(one.place for one in named)], now=at)
    rows = [
        {"grant": grant, "named": one, "standing": standings[one.place], "link": _link(one)}
        for grant, one in zip(grants, named, strict=True)
    ]
    return {"rows": rows, "others": standings[NOBODY]}


def _link(named: recipients.Named) -> str:
    if named.place.event_id:
        return reverse("admin:events_event_flags", args=[named.place.event_id])
    return reverse("admin:accounts_organiser_change", args=[named.place.organiser_id])


def _figures(flag: Any, at: datetime) -> dict[str, Any]:
    """Charts of the events at which the flag took most of the database."""
    costliest, has_more = figures.costliest_events(flag.pk, now=at)
    series = figures.of_flag(flag.pk, costliest, now=at)
    events = recipients.events().select_related("organiser").in_bulk(costliest)
    drawn = [
        {
            "title": events[pk].title, "link": reverse("admin:events_event_flags", args=[pk]), "series": series[pk],
            "charts": charts.of_series(series[pk], flag),
        }
        for pk in costliest if pk in events and pk in series
    ]  # fmt: skip
    return {"drawn": drawn, "has_more": has_more}
