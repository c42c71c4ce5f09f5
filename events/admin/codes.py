"""Codes, for staff who help: organisers change them on pages of their own, so here they are only looked at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from events.models import Code
from kit.careful_admin import CarefulAdmin


@admin.register(Code)
class CodeAdmin(CarefulAdmin):
    """What each does, and how often it was used."""

    list_display = ["text", "event", "percent", "amount_minor", "used", "is_on", "starts_at", "ends_at"]
    list_filter = ["is_on", "reveals_secret"]
    list_select_related = ["event", "use"]
    search_fields = ["text", "event__title", "event__slug"]
    ordering = ["-pk"]
    readonly_fields = ["used"]

    @admin.display(description="uses")
    def used(self, code: Code) -> str:
        return str(code.use)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
