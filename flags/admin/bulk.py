"""Granting or withdrawing one flag for many at once: paste a list, see what would become of each line, do it."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from flags import recipients
from flags.admin import giving
from flags.admin.overview import MAY_GRANT

MOST_LINES: Final = 500
REPORT: Final = "flags-in-bulk"  # in the session: what became of each line the last time


class BulkForm(giving.GivingForm):
    """A flag, a list, and what to do. `named` are those of the list, each once, in its order."""

    flag = giving.flag_field()
    to = forms.CharField(
        max_length=100_000, error_messages={"required": "Say to whom."},
        widget=forms.Textarea(attrs={"rows": 10, "cols": 60}),
        help_text=f"A line each: organiser/event, or organiser for all of its events. At most {MOST_LINES} lines.",
    )  # fmt: skip
    act = forms.ChoiceField(
        choices=[("on", "Grant on"), ("off", "Grant off"), ("withdrawal", "Withdraw the grant")],
        label="What to do", initial="on",
    )  # fmt: skip
    field_order = ["flag", "to", "act", "reason", "until"]

    def clean_to(self) -> str:
        typed: str = self.cleaned_data["to"]
        addresses = list(dict.fromkeys(recipients.plain(line) for line in typed.splitlines() if line.strip()))
        if len(addresses) > MOST_LINES:
            raise forms.ValidationError(f"These are {len(addresses)} lines. At most {MOST_LINES} go at once.")
        found = recipients.find(addresses)
        if unknown := [address for address in addresses if address not in found]:
            raise forms.ValidationError(f"Nobody has these addresses: {', '.join(unknown)}.")
        self.named = [found[address] for address in addresses]
        return typed


def urls() -> list[Any]:
    """Under the flags' own addresses in the admin."""
    return [
        path("bulk/", admin.site.admin_view(bulk), name="flags_flag_bulk"),
        path("bulk/report/", admin.site.admin_view(report), name="flags_flag_bulk_report"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_GRANT, raise_exception=True)
def bulk(request: HttpRequest, /) -> HttpResponse:
    """The form, then what would become of each line, then the deed: each line by itself, so one refused stops none."""
    at = now()
    if request.method != "POST":
        return _page(request, BulkForm(now=at, initial={"flag": request.GET.get("flag", "")}))
    form = BulkForm(request.POST, now=at)
    if not form.is_valid():
        return _page(request, form, status=422)
    if "confirmed" not in request.POST:
        lines = _lines(request, form, at, is_rehearsal=True)
        return _page(request, form, lines=lines, ready=sum(line["is_done"] for line in lines))
    asked = {"flag": form.cleaned_data["flag"].name, "act": giving.WORDS[form.asked.act]}
    request.session[REPORT] = {**asked, "lines": _lines(request, form, at)}
    return redirect("admin:flags_flag_bulk_report")


@require_safe
@permission_required(MAY_GRANT, raise_exception=True)
def report(request: HttpRequest) -> HttpResponse:
    """What became of each line the last time that this person did many at once."""
    kept = request.session.get(REPORT)
    if kept is None:
        return redirect("admin:flags_flag_bulk")
    done = sum(line["is_done"] for line in kept["lines"])
    context = {**kept, "done": done, "refused": len(kept["lines"]) - done, "title": "What was done"}
    return render(request, "admin/flags/bulk_report.html", {**admin.site.each_context(request), **context})


def _lines(request: HttpRequest, form: BulkForm, at: datetime, *, is_rehearsal: bool = False) -> list[dict[str, Any]]:
    """Each line with its outcome. In a rehearsal each act is done and undone: no other check could be as true, and
    nobody waits for the locks of a whole list."""
    lines = []
    for one in form.named:
        with transaction.atomic():
            outcome = giving.do(
                flag=form.cleaned_data["flag"], to=one.recipient, asked=form.asked, by=request.user, now=at
            )
            transaction.set_rollback(is_rehearsal)
        words = list(outcome.words)
        lines.append({"address": one.address, "title": one.title, "is_done": outcome.is_done, "words": words})
    return lines


def _page(request: HttpRequest, form: BulkForm, *, status: int = 200, **more: Any) -> HttpResponse:
    errors = form.errors_for_summary if status == 422 else []
    context = {
        **admin.site.each_context(request),
        "title": "Grant to many",
        "form": form,
        "errors": errors,
        **more,
    }
    return render(request, "admin/flags/bulk.html", context, status=status)
