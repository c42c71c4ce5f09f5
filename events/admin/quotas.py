"""Quotas: the capacity may be changed, but never below what is taken; what is taken is looked at only."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from events.admin.whole_rows import WholeRowForm
from events.catalogue.format import MOST_CAPACITY
from events.models import Quota, Stock
from kit.careful_admin import CarefulAdmin


def taken_of(quota_ids: Iterable[int], *, lock: bool) -> dict[int, int]:
    """The units taken of each quota. With `lock` nobody takes more until the transaction ends; locked in id order, as
    holds do.
    """
    rows = Stock.objects.filter(pk__in=quota_ids).order_by("pk")
    return dict((rows.select_for_update() if lock else rows).values_list("pk", "taken"))


class QuotaForm(WholeRowForm):
    """A quota with its capacity, which lives in the stock row."""

    capacity = forms.IntegerField(min_value=0, max_value=MOST_CAPACITY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["capacity"] = self.instance.stock.capacity

    def changes_capacity(self) -> bool:
        """Whether an existing quota's capacity was typed anew."""
        return bool(self.instance.pk) and "capacity" in self.changed_data

    def refuse_below(self, taken: int) -> None:
        """Note a fault when the capacity typed is less than what is taken."""
        if self.cleaned_data.get("capacity", taken) < taken:
            self.add_error("capacity", f"{taken} are taken, so it cannot be less.")

    def _save_m2m(self) -> None:
        """Called by Django once the quota itself is saved, whoever saves it."""
        super()._save_m2m()  # type: ignore[misc]  # the stubs leave it out
        Stock.objects.update_or_create(
            quota=self.instance,
            defaults={"capacity": self.cleaned_data["capacity"]},
        )


class QuotaPageForm(QuotaForm):
    """On a page of its own the form itself holds the stock still while it judges."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.changes_capacity():
            self.refuse_below(taken_of([self.instance.pk], lock=True).get(self.instance.pk, 0))
        return cleaned


class QuotaFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not generic at run time
    """The quotas of one event: all stock rows that matter are locked at once, then each form is judged."""

    def clean(self) -> None:
        super().clean()
        forms: list[Any] = self.initial_forms
        gone = [form for form in forms if form in self.deleted_forms]
        changed = [form for form in forms if form not in gone and form.changes_capacity()]
        taken = taken_of([form.instance.pk for form in gone + changed], lock=True)
        for form in changed:
            form.refuse_below(taken.get(form.instance.pk, 0))
        if names := [form.instance.name for form in gone if taken.get(form.instance.pk)]:
            raise ValidationError(f"Tickets of {', '.join(names)} are taken, so it cannot be deleted.")


class QuotaInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """An event's quotas."""

    model = Quota
    form = QuotaForm
    formset = QuotaFormSet
    extra = 0
    fields = ["name", "slug", "position", "capacity", "taken"]
    readonly_fields = ["taken"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Quota]":
        return super().get_queryset(request).select_related("stock")

    @admin.display(description="taken")
    def taken(self, quota: Quota) -> int:
        return quota.stock.taken if quota.pk else 0


@admin.register(Quota)
class QuotaAdmin(CarefulAdmin):
    """Capacities, over all events."""

    form = QuotaPageForm
    list_display = ["name", "event", "capacity", "taken", "left"]
    list_select_related = ["event", "stock"]
    search_fields = ["name", "slug", "event__title", "event__slug"]
    autocomplete_fields = ["event"]
    fields = ["event", "name", "slug", "position", "capacity", "taken", "left"]
    ordering = ["-event_id", "position", "id"]
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Quota | None = None) -> list[str]:
        return ["event", "taken", "left"] if obj else ["taken", "left"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with a quota. One that is drawn on is refused, so nobody may take more meanwhile."""
        names, counts, permissions, protected = super().get_deleted_objects(objs, request)
        taken = taken_of([quota.pk for quota in objs], lock=request.method == "POST")
        in_use = [f"{quota}: {taken[quota.pk]} taken" for quota in objs if taken.get(quota.pk)]
        return names, counts, permissions, [*protected, *in_use]

    @admin.display(description="capacity", ordering="stock__capacity")
    def capacity(self, quota: Quota) -> int:
        return quota.stock.capacity

    @admin.display(description="taken", ordering="stock__taken")
    def taken(self, quota: Quota) -> int:
        return quota.stock.taken if quota.pk else 0

    @admin.display(description="left")
    def left(self, quota: Quota) -> int:
        return quota.stock.left if quota.pk else 0
