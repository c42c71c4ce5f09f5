"""Events, each with its quotas and ticket types: as forms while they are few, as links when they are many."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from events.admin.quotas import QuotaInline
from events.admin.ticket_types import TicketTypeInline
from events.models import Event, State
from flags.admin import events as flags_of_events
from flags.queries import explain
from kit.careful_admin import CarefulAdmin
from kit.wall_time import WallTimeField

MOST_FORMS = 50
INLINES: dict[str, Any] = {"quotas": QuotaInline, "ticket_types": TicketTypeInline}


class SplitWallTimeField(forms.SplitDateTimeField):
    """A date and a time as the wall at the venue shows them: no zone is read into them."""

    def compress(self, data_list: Any) -> datetime | None:
        read = super().compress(data_list)
        return read.replace(tzinfo=None) if read else None


class EventForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Keeps the currency of an event that has orders."""

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"]
        if self.instance.pk and "currency" in self.changed_data and self.instance.orders.exists():
            raise forms.ValidationError("There are orders in the old currency, so it cannot change.")
        return currency


@admin.register(Event)
class EventAdmin(CarefulAdmin):
    """Only a draft can be deleted: a live event's buyers may be just arriving."""

    form = EventForm
    formfield_overrides = {WallTimeField: {"form_class": SplitWallTimeField, "widget": AdminSplitDateTime}}
    list_display = ["title", "organiser", "state", "starts_at", "timezone", "currency", "version"]
    list_filter = ["state", "currency"]
    list_select_related = ["organiser"]
    search_fields = ["title", "slug", "organiser__name", "organiser__slug"]
    autocomplete_fields = ["organiser"]
    prepopulated_fields = {"slug": ["title"]}
    ordering = ["-pk"]
    actions = None
    readonly_fields = ["starts_at", "ends_at", "version", "created_at", "quotas_links", "ticket_types_links", "flags"]
    fieldsets = [
        (None, {"fields": ["organiser", "title", "slug", "state", "description", "venue", "accent"]}),
        ("Times", {"fields": ["timezone", "local_starts_at", "local_ends_at"]}),
        ("The same in UTC", {"fields": ["starts_at", "ends_at"]}),
        ("Sale", {"fields": ["currency", "hold_minutes"]}),
        ("Record", {"fields": ["version", "created_at", "flags"]}),
    ]

    def get_urls(self) -> Any:
        return [*flags_of_events.urls(), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.state == State.DRAFT)

    def get_readonly_fields(self, request: HttpRequest, obj: Event | None = None) -> Any:
        """A rehearsal stays with the organiser that was made for it, and goes with it."""
        return [*self.readonly_fields, "organiser"] if obj and obj.is_rehearsal else self.readonly_fields

    def get_inlines(self, request: HttpRequest, obj: Event | None) -> Any:
        """Forms for the quotas and the ticket types while these are few. What was sent as forms is read as such."""
        if obj is None:
            return []
        if request.method == "POST":
            return [inline for name, inline in INLINES.items() if f"{name}-TOTAL_FORMS" in request.POST]
        return [inline for name, inline in INLINES.items() if not _are_many(obj, name)]

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        """Links to the quotas and the ticket types where these are many."""
        links = [f"{name}_links" for name in INLINES if obj and _are_many(obj, name)]
        return [*self.fieldsets, ("For sale", {"fields": links})] if links else self.fieldsets

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Event]":
        return super().get_queryset(request).select_related("organiser")

    @admin.display(description="flags")
    def flags(self, event: Event) -> SafeString | str:
        """What each flag answers for this event, and why."""
        if not event.pk:
            return "none yet"
        found = explain(event.pk, organiser_id=event.organiser_id, now=now())
        rows = ((one.flag, "on" if one.is_on else "off", one.words) for one in found)
        listed = format_html_join("", "<li>{} is {}: {}</li>", rows)
        page = reverse("admin:events_event_flags", args=[event.pk])
        return format_html('<ul>{}</ul><a href="{}">Use, cost and grants</a>', listed, page) if found else "none"

    @admin.display(description="quotas")
    def quotas_links(self, event: Event) -> SafeString:
        rows = event.quotas.select_related("stock")
        return _links("events_quota", event, [(row.pk, f"{row} ({row.stock})") for row in rows])

    @admin.display(description="ticket types")
    def ticket_types_links(self, event: Event) -> SafeString:
        return _links("events_tickettype", event, [(row.pk, str(row)) for row in event.ticket_types.all()])


def _are_many(event: Event, name: str) -> bool:
    return bool(getattr(event, name).count() > MOST_FORMS)


def _links(model: str, event: Event, rows: list[tuple[int, str]]) -> SafeString:
    """A link to each row's page, and one to add another."""
    # One pattern is enough: reversing an address for each of a thousand rows would take longer than reading them.
    pattern = reverse(f"admin:{model}_change", args=[0])
    change = ((pattern.replace("/0/", f"/{pk}/"), text) for pk, text in rows)
    links = format_html_join("", '<li><a href="{}">{}</a></li>', change)
    add = f"{reverse(f'admin:{model}_add')}?event={event.pk}"
    return format_html('<ul>{}</ul><a href="{}">Add another</a>', links, add)
