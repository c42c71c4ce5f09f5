"""Ticket types, and the quotas each draws on."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.admin.whole_rows import WholeRowForm
from events.models import Draw, Kind, Quota, TicketType
from kit import money
from kit.careful_admin import CarefulAdmin

PRICE_FIELDS = ("kind", "price_minor", "minimum_minor", "suggested_minor")
LIMIT_FIELDS = ("min_per_order", "max_per_order")


class PricedForm(WholeRowForm):
    """Says in words which amounts a kind has, and which bound comes first; the database has the same rules."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for name in ("minimum_minor", "suggested_minor"):
            if cleaned.get("kind") != Kind.PAY_WHAT_YOU_WANT and cleaned.get(name) is not None:
                self.add_error(name, "Only for pay what you want. Leave it empty.")
        if cleaned.get("kind") == Kind.PAY_WHAT_YOU_WANT and cleaned.get("price_minor"):
            self.add_error("price_minor", "Buyers name their price: make this 0 and set a minimum.")
        self._refuse_order("suggested_minor", "minimum_minor", "The suggestion must not be below the minimum.")
        self._refuse_order("max_per_order", "min_per_order", "The most must not be below the least.")
        return cleaned

    def _refuse_order(self, upper: str, lower: str, message: str) -> None:
        high, low = self.cleaned_data.get(upper), self.cleaned_data.get(lower)
        if high is not None and low is not None and high < low:
            self.add_error(upper, message)


class TicketTypeForm(PricedForm):
    """One ticket type with its quotas as a list of boxes: those of its own event, read once."""

    draws_on: "forms.ModelMultipleChoiceField[Quota]" = forms.ModelMultipleChoiceField(
        Quota.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="One ticket takes one unit from each. A ticket type without any never runs out.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "draws_on" in self.fields:
            self._offer_quotas()

    def _offer_quotas(self) -> None:
        field: Any = self.fields["draws_on"]
        event_id = str(self.instance.event_id or self.data.get("event") or self.initial.get("event") or "")
        if event_id.isdecimal():
            field.queryset = Quota.objects.filter(event_id=int(event_id))
        else:
            field.help_text = "Save first; then the event's quotas are listed here."
        if self.instance.pk:
            self.initial["draws_on"] = list(self.instance.draws.values_list("quota_id", flat=True))

    def _save_m2m(self) -> None:
        """Called by Django once the ticket type itself is saved. Draws are made and removed, never changed."""
        super()._save_m2m()  # type: ignore[misc]  # the stubs leave it out
        if "draws_on" not in self.cleaned_data:
            return
        wanted = set(self.cleaned_data["draws_on"])
        self.instance.draws.exclude(quota__in=wanted).delete()
        drawn = set(self.instance.draws.values_list("quota_id", flat=True))
        new = sorted(quota.pk for quota in wanted if quota.pk not in drawn)
        Draw.objects.bulk_create(Draw(ticket_type=self.instance, quota_id=pk) for pk in new)


class TicketTypeInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """An event's ticket types; descriptions, groups, sale windows and quotas are on the page of each."""

    model = TicketType
    form = PricedForm
    extra = 0
    fields = ["name", "slug", "position", *PRICE_FIELDS, *LIMIT_FIELDS, "secret"]
    show_change_link = True

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Inputs narrow enough for all of a row to fit a screen."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in {"name", "slug"}:
            field.widget = forms.TextInput(attrs={"size": 14})
        elif field and db_field.name.endswith("_minor"):
            field.widget.attrs["class"] = "vIntegerField"
        return field


@admin.register(TicketType)
class TicketTypeAdmin(CarefulAdmin):
    """What is sold, over all events."""

    form = TicketTypeForm
    list_display = ["name", "event", "group_heading", "price", "sale_starts_at", "sale_ends_at", "availability"]
    list_filter = ["kind", "secret", "availability", "event__state"]
    list_select_related = ["event"]
    search_fields = ["name", "slug", "event__title", "event__slug"]
    autocomplete_fields = ["event"]
    ordering = ["-event_id", "position", "id"]
    fieldsets = [
        (None, {"fields": ["event", "name", "slug", "description", "group_heading", "position"]}),
        ("Price", {"fields": [*PRICE_FIELDS]}),
        (
            "Sale",
            {
                "fields": ["sale_starts_at", "sale_ends_at", "is_paused", *LIMIT_FIELDS, "availability"],
                "description": "In UTC.",
            },
        ),
        ("Secrecy", {"fields": ["secret", "secret_link"]}),
        ("Quotas", {"fields": ["draws_on"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: TicketType | None = None) -> list[str]:
        return ["secret_link", "availability", *(["event"] if obj else [])]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[TicketType]":
        return super().get_queryset(request).select_related("event__organiser")

    @admin.display(description="price", ordering="price_minor")
    def price(self, ticket_type: TicketType) -> str:
        text = money.price_text(ticket_type.lowest_minor, ticket_type.event.currency)
        return f"from {text}" if ticket_type.kind == Kind.PAY_WHAT_YOU_WANT else text

    @admin.display(description="secret link")
    def secret_link(self, ticket_type: TicketType) -> SafeString | str:
        if not (ticket_type.pk and ticket_type.secret):
            return "-"
        link = f"{settings.SITE_URL}{ticket_type.event.get_absolute_url()}secret/{ticket_type.secret_key}/"
        return format_html('<a href="{0}">{0}</a>', link)
