"""Flags: what the code declares is looked at; stage and kill switch are changed by the acts, with a reason."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from waffle import get_waffle_sample_model, get_waffle_switch_model
from waffle.admin import BaseAdmin

from flags import gates
from flags.actions import flags
from flags.admin import bulk, overview
from flags.admin.evidence import EvidenceInline
from flags.admin.grants import GrantInline, staff
from flags.audit import signed
from flags.models import Flag, Stage
from kit.careful_admin import TRY_AGAIN, CarefulAdmin, refused

# Nothing of ours asks waffle's switches and samples, so nobody should set one and wonder.
admin.site.unregister([get_waffle_switch_model(), get_waffle_sample_model()])

DECLARED: Final[list[Any]] = ["owner", "purpose", "kind", "expires_at", "budget_queries", "budget_ms"]
ON_STAFFS_PAGES: Final[list[Any]] = ["superusers", "staff", "testing"]


class FlagForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Asks for a reason, and says which stages can follow."""

    reason = forms.CharField(max_length=300, help_text="Why it changes. It goes into the audit.")

    def clean_stage(self) -> str:
        to, at = Stage(self.cleaned_data["stage"]), Stage(self.initial.get("stage", Stage.DRAFT))
        if not self.instance.pk and to != Stage.DRAFT:
            raise forms.ValidationError("A flag begins as a draft.")
        if to != at and not at.may_become(to):
            raise forms.ValidationError(f"A flag cannot go from {at} to {to}: up a step at a time, down to any.")
        return to


@admin.register(Flag)
class FlagAdmin(CarefulAdmin, BaseAdmin):
    """What our evaluation looks at, and of waffle's fields those that count on staff's own pages."""

    form = FlagForm
    actions = None
    list_display = ["name", "page", "stage", "is_killed", "kind", "owner", "expires_at", "is_declared", "everyone"]
    list_filter = ["stage", "is_killed", "kind", "is_declared", "expires_at"]
    search_fields = ("name", "note", "purpose", "owner")  # type: ignore[assignment]  # waffle has said two
    readonly_fields = ["is_declared", "needs", "history", "created", "modified"]
    fieldsets = [
        (None, {"fields": ["name", "stage", "is_killed", "reason"]}),
        ("What it is", {"fields": [*DECLARED, "needs", "is_declared", "note"]}),
        ("The guard", {"fields": ["only_warns"]}),
        ("Without a stage", {"fields": ["everyone"], "description": "Counts for unstaged flags alone."}),
        ("On staff's pages", {"fields": ON_STAFFS_PAGES, "description": "By waffle; public pages never look at this."}),
        ("Record", {"fields": ["history", "created", "modified"]}),
    ]
    ordering = ["name"]
    inlines = [GrantInline, EvidenceInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the code declares is changed there, or the next `flags sync` would take it back."""
        declared = [*DECLARED, "name"] if obj and obj.is_declared else []
        return [*self.readonly_fields, *declared]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except flags.NotAStep:  # somebody else has moved it since the form was read
            return refused(request, TRY_AGAIN)
        except gates.Refused as gate:
            return refused(request, f"It stays a draft: somebody has it granted on already. {gate}")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The plain fields as they were typed; stage and kill switch by their acts, if they were touched."""
        signature: dict[str, Any] = {"reason": form.cleaned_data["reason"], "by": staff(request), "now": now()}
        by_acts = {name for name in ("stage", "is_killed") if change and name in form.changed_data}
        stage, is_killed = Stage(obj.stage), obj.is_killed
        plain = [name for name in form.changed_data if name not in {*by_acts, "reason"}]
        with signed(**signature):
            obj.save(update_fields=[*plain, "modified"] if change else None)
        if "stage" in by_acts:
            flags.change_stage(flag=obj, to=stage, **signature)
        if "is_killed" in by_acts:
            (flags.kill if is_killed else flags.revive)(flag=obj, **signature)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with signed(by=staff(request), reason="Deleted in the admin.", now=now()):
            obj.delete()

    def get_urls(self) -> Any:
        return [*bulk.urls(), *overview.urls(), *super().get_urls()]

    @admin.display(description="page")
    def page(self, flag: Any) -> SafeString:
        address = reverse("admin:flags_flag_overview", args=[flag.pk])
        return format_html('<a href="{}">Where it is on<span class="visually-hidden">: {}</span></a>', address, flag)

    @admin.display(description="needs")
    def needs(self, flag: Any) -> str:
        return ", ".join(one.name for one in flag.prerequisites.order_by("name")) or "no other flag"

    @admin.display(description="changes")
    def history(self, flag: Any) -> SafeString:
        address = reverse("admin:flags_change_changelist")
        return format_html('<a href="{}?flag={}">What was changed, by whom and why</a>', address, flag.name)
