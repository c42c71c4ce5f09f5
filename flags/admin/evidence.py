"""What flags were tried with, signed by whoever wrote it down."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from flags.models import Evidence
from kit.careful_admin import CarefulAdmin, LookedAt


class EvidenceInline(LookedAt, admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """A flag's evidence, on its page."""

    model = Evidence
    extra = 0
    fields = ["rehearsal", "commit", "ticket_types", "requests_per_second", "at", "against", "recorded_by"]
    readonly_fields = ["recorded_by"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("flag", "recorded_by")


@admin.register(Evidence)
class EvidenceAdmin(CarefulAdmin):
    """Each rehearsal with a flag on."""

    list_display = [
        "flag", "rehearsal", "commit", "ticket_types", "requests_per_second", "at", "against", "recorded_by"
    ]  # fmt: skip
    list_filter = ["flag", ("against", admin.EmptyFieldListFilter)]
    list_select_related = ["flag", "recorded_by"]
    search_fields = ["flag__name", "rehearsal", "commit", "against"]
    autocomplete_fields = ["flag"]
    readonly_fields = ["recorded_by"]
    fields = ["flag", "rehearsal", "commit", "ticket_types", "requests_per_second", "at", "against", "recorded_by"]
    ordering = ["-pk"]

    def save_model(self, request: HttpRequest, obj: Evidence, form: "ModelForm[Evidence]", change: bool) -> None:
        obj.recorded_by_id = request.user.pk
        super().save_model(request, obj, form, change)
