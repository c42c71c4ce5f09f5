"""Staff's pages over rehearsals: to look at."""

import json
from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from kit.careful_admin import LookedAt
from surge.models import RehearsalRun
from surge.queries import differs


@admin.register(RehearsalRun)
class RehearsalRunAdmin(LookedAt, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Each rehearsal, with its verdict in words."""

    list_display = ["__str__", "state", "started_at", "ended_at", "commit"]
    list_filter = ["state"]
    list_select_related = ["event"]
    search_fields = ["event__title", "event__slug", "event__organiser__slug", "commit"]
    ordering = ["-pk"]
    actions = None
    view_on_site = False
    show_full_result_count = False
    fields = [
        "event", "state", "started_at", "ended_at", "verdict", "stale", "commit", "settings_text", "flags_text",
        "hardware_text", "summary_text",
    ]  # fmt: skip
    readonly_fields = ["verdict", "stale", "settings_text", "flags_text", "hardware_text", "summary_text"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("event__organiser")

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
