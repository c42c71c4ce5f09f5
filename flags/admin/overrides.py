"""Overrides: what somebody has asked for against a gate, and where another member of staff decides."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.timezone import now

from flags.actions import grants, overrides
from flags.admin.grants import staff
from flags.models import Override
from kit.careful_admin import CarefulAdmin, refused

VERDICTS: Final = [("approve", "Approve"), ("refuse", "Refuse")]
WHY_NOT: Final[dict[type[Exception], str]] = {
    overrides.SamePerson: "You asked for this, so another member of staff must decide.",
    overrides.NotStaff: "Only an active member of staff can decide.",
    overrides.NotOpen: "Nothing was saved: it was decided, was asked for anew, or its time is over. Look again.",
    overrides.Changed: "Nothing was saved: more stands in the way than was asked about. It must be asked for anew.",
    grants.FlagIsKilled: "Nothing was saved: this flag is killed. Revive it first.",
    grants.IsOver: "Nothing was saved: the grant would be over already.",
}
ASKED: Final[list[Any]] = [
    "flag",
    "event",
    "organiser",
    "refusal",
    "reason",
    "asked_by",
    "asked_at",
    "grant_expires_at",
]
DECIDED: Final[list[Any]] = ["decided_by", "decided_at", "is_approved", "decision"]


class DecisionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Yes or no, and why. `seen` is when what was read had been asked for: nobody approves what they have not read."""

    verdict = forms.ChoiceField(
        choices=VERDICTS, widget=forms.RadioSelect, help_text="Approved, it is turned on at once, in both your names."
    )
    decision = forms.CharField(label="Why so", max_length=300)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "seen" in self.fields:  # not on a page that is only looked at
            self.fields["seen"].initial = self.instance.asked_at.isoformat()


class OpenFilter(admin.SimpleListFilter):
    """Those that wait for a decision, and the rest."""

    title = "open"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        still_open = {"decided_at": None, "open_until__gt": now()}
        if self.value() == "yes":
            return queryset.filter(**still_open)
        return queryset.exclude(pk__in=Override.objects.filter(**still_open)) if self.value() == "no" else queryset


@admin.register(Override)
class OverrideAdmin(CarefulAdmin):
    """Asked for on the form of a grant, and decided here, by another person, within 24 hours."""

    form = DecisionForm
    actions = None
    list_display = ["flag", "event", "organiser", "asked_by", "asked_at", "state", "decided_by"]
    list_filter = [OpenFilter, "is_approved", "flag"]
    list_select_related = ["flag", "event", "organiser", "asked_by", "decided_by"]
    search_fields = ["flag__name", "event__title", "organiser__name", "reason", "asked_by__email"]
    readonly_fields = [*ASKED, "open_until"]
    fieldsets = [
        ("What was asked for", {"fields": ASKED}),
        ("Decision", {"fields": ["open_until", "verdict", "decision", "seen"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and self.has_change_permission(request, obj):
            return self.fieldsets
        asked, (heading, _) = self.fieldsets
        return [asked, (heading, {"fields": ["open_until", *DECIDED]})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is decided, over, or one's own is only looked at."""
        decidable = obj is None or (
            obj.decided_at is None and obj.open_until > now() and obj.asked_by_id != request.user.pk
        )
        return decidable and super().has_change_permission(request, obj)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except tuple(WHY_NOT) as fault:  # since the form was read
            return refused(request, WHY_NOT[type(fault)])

    def save_model(self, request: HttpRequest, obj: Override, form: Any, change: bool) -> None:
        said = form.cleaned_data
        if said["seen"] != obj.asked_at.isoformat():
            raise overrides.NotOpen
        approve = said["verdict"] == "approve"
        overrides.decide(override=obj, approve=approve, reason=said["decision"], by=staff(request), now=now())
        messages.info(request, f"Flag {obj.flag} is on now." if approve else f"Flag {obj.flag} stays as it is.")

    @admin.display(description="state")
    def state(self, override: Override) -> str:
        if override.decided_at:
            return "approved" if override.is_approved else "refused"
        return "open" if override.open_until > now() else "nobody decided"
