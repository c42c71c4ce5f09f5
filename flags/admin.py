"""Staff's pages over flags and grants."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from waffle import get_waffle_sample_model, get_waffle_switch_model
from waffle.admin import BaseAdmin, delete_individually, disable_for_all, enable_for_all

from flags.models import Flag, Grant
from kit.careful_admin import CarefulAdmin

# Nothing of ours asks waffle's switches and samples, so nobody should set one and wonder.
admin.site.unregister([get_waffle_switch_model(), get_waffle_sample_model()])


class GrantInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """The events for which this flag is not as it is for everyone."""

    model = Grant
    extra = 0
    fields = ["event", "is_on", "reason", "expires_at", "given_by"]
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("flag", "event", "given_by")


@admin.register(Flag)
class FlagAdmin(CarefulAdmin, BaseAdmin):
    """waffle's page, with just what our evaluation looks at: everyone, and grants."""

    actions = [enable_for_all, disable_for_all, delete_individually]
    list_display = ["name", "everyone", "note", "modified"]
    list_filter = ["everyone"]
    fields = ["name", "everyone", "note", "created", "modified"]
    readonly_fields = ["created", "modified"]
    ordering = ["name"]
    inlines = [GrantInline]


@admin.register(Grant)
class GrantAdmin(CarefulAdmin):
    """A grant is signed by whoever saved it last."""

    list_display = ["flag", "event", "is_on", "reason", "given_by", "created_at", "expires_at"]
    list_filter = ["is_on", "flag"]
    list_select_related = ["flag", "event", "given_by"]
    search_fields = ["flag__name", "event__title", "event__slug", "reason"]
    autocomplete_fields = ["flag", "event"]
    readonly_fields = ["given_by", "created_at"]
    fields = ["flag", "event", "is_on", "reason", "expires_at", "given_by", "created_at"]
    ordering = ["-pk"]

    def save_model(self, request: HttpRequest, obj: Grant, form: "ModelForm[Grant]", change: bool) -> None:
        obj.given_by_id = request.user.pk
        super().save_model(request, obj, form, change)
