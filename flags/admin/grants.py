"""Grants: given, changed and withdrawn through the acts, so that each is signed and has an end. What a gate refuses is
asked for on the same form."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import now

from flags import gates
from flags.actions import grants, overrides
from flags.models import Grant
from flags.models.grants import Recipient
from kit.careful_admin import TRY_AGAIN, CarefulAdmin, LookedAt, refused

IN_THE_ADMIN = "Withdrawn in the admin."
HIDES = (
    "Nothing was deleted: that would turn the flag on, by the organiser's grant. Turn it on on the grant's own page."
)
ASK_INSTEAD = "If it must be on all the same, tick “ask for an override” and say why: a second member of staff decides."
ASKED = "Nothing is on yet: a second member of staff must decide within 24 hours. The others were written to."


class _AsksInstead(Exception):
    """A gate is in the way, and whoever saves asks for an override. Raised so that nothing of the grant is saved."""


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Says before saving what the act would refuse."""

    asks = forms.BooleanField(
        label="Ask for an override", required=False,
        help_text="Where a gate refuses: a second member of staff decides about your reason.",
    )  # fmt: skip

    def clean(self) -> Any:
        cleaned = super().clean()
        flag = self.cleaned_data.get("flag") or (self.instance.flag if self.instance.pk else None)
        if flag and flag.is_killed and self.cleaned_data.get("is_on"):
            raise forms.ValidationError("This flag is killed. Revive it first.")
        if self.instance.switched_off_by and self.cleaned_data.get("is_on") and "reason" not in self.changed_data:
            self.add_error("reason", "The site has switched this off by itself. Say why it may be on again.")
        if flag and self.cleaned_data.get("is_on") and not self.cleaned_data.get("asks"):
            self._say_refusals(flag)
        return cleaned

    def _say_refusals(self, flag: Any) -> None:
        event, organiser = (
            self.cleaned_data.get(name) or getattr(self.instance, name) for name in ("event", "organiser")
        )
        if (event is None) == (organiser is None):
            return  # which is said elsewhere
        to = Recipient(event_id=event and event.pk, organiser_id=organiser and organiser.pk)
        if refusals := gates.refusals(flag=flag, to=to, now=now()):
            raise forms.ValidationError([*refusals, ASK_INSTEAD])

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= now():
            raise forms.ValidationError("This is over already. To end a grant now, delete it.")
        return expires_at


class GrantInline(LookedAt, admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """The events and organisers for which this flag is not as it is for everyone."""

    model = Grant
    extra = 0
    fields = ["event", "organiser", "is_on", "reason", "expires_at", "given_by"]
    show_change_link = True
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("flag", "event", "organiser", "given_by")


class InForceFilter(admin.SimpleListFilter):
    """Those that hold now, and those that are over."""

    title = "in force"
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Grant]") -> "QuerySet[Grant]":
        in_force = Grant.objects.in_force(at=now())
        if self.value() == "yes":
            return queryset.filter(pk__in=in_force)
        return queryset.exclude(pk__in=in_force) if self.value() == "no" else queryset


@admin.register(Grant)
class GrantAdmin(CarefulAdmin):
    """A grant is signed by whoever saved it last. To whom it is does not change: withdraw it and give another."""

    form = GrantForm
    list_display = [
        "flag", "event", "organiser", "is_on", "switched_off_by", "reason", "given_by", "created_at", "expires_at",
    ]  # fmt: skip
    list_filter = [InForceFilter, "is_on", "switched_off_by", "flag"]
    list_select_related = ["flag", "event", "organiser", "given_by"]
    search_fields = ["flag__name", "event__title", "event__slug", "organiser__name", "organiser__slug", "reason"]
    autocomplete_fields = ["flag", "event", "organiser"]
    readonly_fields = ["given_by", "switched_off_by", "created_at", "last_used_at"]
    fields = ["flag", "event", "organiser", "is_on", "reason", "expires_at", "asks", *readonly_fields]
    ordering = ["-pk"]

    def get_readonly_fields(self, request: HttpRequest, obj: Grant | None = None) -> Any:
        return [*self.readonly_fields, "flag", "event", "organiser"] if obj else self.readonly_fields

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except _AsksInstead as asks:
            return self._ask(request, asks.args[0])
        except (grants.FlagIsKilled, grants.IsOver, gates.Refused):  # since the form was read
            return refused(request, TRY_AGAIN)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except grants.NotGranted:
            return refused(request, TRY_AGAIN)
        except gates.Refused as gate:
            return refused(request, f"{HIDES} {gate}")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            return super().changelist_view(request, extra_context)
        except grants.NotGranted:
            return refused(request, TRY_AGAIN)
        except gates.Refused as gate:
            return refused(request, f"{HIDES} {gate}")

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        try:
            given = grants.give(flag=obj.flag, to=obj.recipient, terms=_terms(obj), by=staff(request), now=now())
        except gates.Refused:
            if form.cleaned_data["asks"]:
                raise _AsksInstead(obj) from None
            raise
        obj.pk, obj.expires_at = given.pk, given.expires_at

    def _ask(self, request: HttpRequest, grant: Grant) -> Any:
        try:
            overrides.ask(flag=grant.flag, to=grant.recipient, terms=_terms(grant), by=staff(request), now=now())
        except (overrides.NotRefused, grants.FlagIsKilled, grants.IsOver):  # in this very moment
            return refused(request, TRY_AGAIN)
        messages.warning(request, ASKED)
        return HttpResponseRedirect(reverse("admin:flags_override_changelist"))

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        grants.withdraw(grant=obj, reason=IN_THE_ADMIN, by=staff(request), now=now())

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Grant]") -> None:
        with transaction.atomic():  # all, or none
            for grant in queryset.order_by("pk"):
                self.delete_model(request, grant)


def _terms(grant: Grant) -> grants.Terms:
    return grants.Terms(is_on=grant.is_on, reason=grant.reason, expires_at=grant.expires_at)


def staff(request: HttpRequest) -> Any:
    """Who does it: on staff's pages always somebody who has signed in."""
    return request.user
