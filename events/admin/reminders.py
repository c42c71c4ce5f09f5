"""Reminders: addresses that wait for a sale to open. Kept for that alone, so they can be deleted and not changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from events.models import Reminder
from kit.careful_admin import CarefulAdmin


@admin.register(Reminder)
class ReminderAdmin(CarefulAdmin):
    """Who asked to be told of which event's on-sale."""

    list_display = ["email", "event", "created_at", "next_attempt_at", "sent_at"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["event"]
    search_fields = ["email", "event__title", "event__slug"]
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
