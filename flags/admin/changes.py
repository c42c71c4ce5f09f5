"""The audit: looked at, never touched."""

from django.contrib import admin

from flags.models import Change
from kit.careful_admin import LookedAt


@admin.register(Change)
class ChangeAdmin(LookedAt, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Who changed what of which flag, when and why. Events and organisers that are gone are numbers only."""

    actions = None
    list_display = ["at", "flag", "what", "event", "organiser", "by", "reason"]
    list_filter = ["what", "at", "flag"]
    list_select_related = ["event", "organiser"]
    search_fields = ["flag", "by", "reason"]
    show_full_result_count = False
    fields = ["at", "by", "flag", "what", "event", "organiser", "reason", "before", "after"]
    ordering = ["-pk"]
