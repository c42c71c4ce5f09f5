"""Waiting lists: who waits for tickets of which event, in the order in which they joined. To be looked at only."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from events.models import Waiting, WaitingList
from kit.careful_admin import CarefulAdmin, LookedAt

MOST_LISTED = 100


class EventFilter(admin.SimpleListFilter):
    """The events that have a list, the latest first, with how many wait at this moment."""

    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        lists = WaitingList.objects.order_by("-event")[:MOST_LISTED].values_list("pk", "event__title")
        titles = dict(lists)
        present = Waiting.objects.present().filter(event__in=list(titles)).order_by()
        people = dict(present.values_list("event").annotate(Count("pk")))
        return [(str(pk), f"{title} ({people.get(pk, 0):,})") for pk, title in titles.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(event=int(value)) if value.isdecimal() else queryset


@admin.register(Waiting)
class WaitingAdmin(LookedAt, CarefulAdmin):
    """Who waits. Those who have left have no address any more and are not listed."""

    list_display = ["email", "event", "wanted", "created_at", "told_at"]
    list_filter = [EventFilter, ("told_at", admin.EmptyFieldListFilter)]
    list_select_related = ["event"]
    search_fields = ["email", "event__title", "event__slug"]
    ordering = ["pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(email__isnull=False)
