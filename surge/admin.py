"""Staff's pages over rehearsals: to look at."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from kit.careful_admin import LookedAt
from surge import report
from surge.models import RehearsalRun
from surge.queries import changed_since, differs, listed, record_now, todays
from surge.tables import milliseconds


class Listed(ChangeList):
    """A page of runs, each held against its event of today at once."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        return listed(super().get_queryset(request, exclude_parameters))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        runs: list[Any] = list(self.result_list)
        today = todays((run.event for run in runs), now=now())
        for run in runs:
            run.changed = changed_since(run, today[run.event_id])
        self.result_list = runs


@admin.register(RehearsalRun)
class RehearsalRunAdmin(LookedAt, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Each rehearsal, with its verdict in words."""

    list_display = ["event", "report_link", "started_at", "state", "is_current", "arrivals", "orders_sold", "hold_p99"]
    list_display_links = ["event"]
    list_filter = ["state"]
    list_per_page = 25
    search_fields = ["event__title", "event__slug", "event__organiser__slug", "commit"]
    ordering = ["-pk"]
    actions = None
    view_on_site = False
    show_full_result_count = False
    fields = [
        "event", "report_link", "state", "started_at", "ended_at", "verdict", "stale", "commit", "settings_text",
        "flags_text", "hardware_text", "summary_text",
    ]  # fmt: skip
    readonly_fields = [
        "report_link", "verdict", "stale", "settings_text", "flags_text", "hardware_text", "summary_text",
    ]  # fmt: skip

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("event__organiser")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listed

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.report)
        return [path("<int:run_id>/report/", page, name="surge_rehearsalrun_report"), *super().get_urls()]

    def report(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The report on a page of its own, to print or to look at."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(self.get_queryset(request), pk=run_id)
        back = {"back": reverse("admin:surge_rehearsalrun_change", args=[run.pk]), "back_text": "Rehearsal run"}
        shown = report.context_of(record_now(run, now=now()))
        return render(request, "surge/report.html", {**shown, **back})

    @admin.display(description="report")
    def report_link(self, run: RehearsalRun) -> SafeString:
        address = reverse("admin:surge_rehearsalrun_report", args=[run.pk])
        return format_html('<a href="{}">Report {}</a>', address, run.pk)

    @admin.display(description="arrivals")
    def arrivals(self, run: Any) -> str:
        return run.arrived or ""

    @admin.display(description="orders sold")
    def orders_sold(self, run: Any) -> str:
        return run.sold or ""

    @admin.display(description="hold p99")
    def hold_p99(self, run: Any) -> str:
        return milliseconds(float(run.hold_p99_ms)) if run.hold_p99_ms else ""

    @admin.display(description="still true")
    def is_current(self, run: Any) -> str:
        return f"No: {'; '.join(run.changed)}" if run.changed else "Yes"

    @admin.display(description="verdict")
    def verdict(self, run: RehearsalRun) -> SafeString | str:
        rows = ((finding["mark"], finding["words"]) for finding in run.findings)
        found = format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", rows))
        return found if run.findings else run.figures.get("why", "none yet")

    @admin.display(description="still true")
    def stale(self, run: RehearsalRun) -> str:
        """Whether it says anything of the event as it is today."""
        changed = differs(run, now=now())
        return f"No: {'; '.join(changed)}." if changed else "Yes: same code, same flags, same things for sale."

    @admin.display(description="played")
    def settings_text(self, run: RehearsalRun) -> str:
        return json.dumps(run.settings)

    @admin.display(description="flags that were on")
    def flags_text(self, run: RehearsalRun) -> str:
        return ", ".join(sorted(name for name, is_on in run.flags.items() if is_on)) or "none"

    @admin.display(description="machine")
    def hardware_text(self, run: RehearsalRun) -> str:
        return json.dumps(run.hardware)

    @admin.display(description="figures")
    def summary_text(self, run: RehearsalRun) -> str:
        return json.dumps(run.figures.get("summary", {}))
