"""What organisers ask, with every wording there was. Staff look at it; organisers change it on pages of their own."""

from django.contrib import admin

from events.models import Question, QuestionVersion
from kit.careful_admin import CarefulAdmin, LookedAt


class VersionInline(LookedAt, admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """A question's wordings, the first one first."""

    model = QuestionVersion
    extra = 0
    fields = ["number", "kind", "label", "help_text", "choices", "made_at"]


@admin.register(Question)
class QuestionAdmin(LookedAt, CarefulAdmin):
    """Every question of every event."""

    list_display = ["slug", "event", "position", "is_per_ticket", "is_required", "is_before_payment", "archived_at"]
    list_filter = ["is_before_payment", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["event"]
    search_fields = ["slug", "event__title", "event__slug"]
    ordering = ["-pk"]
    inlines = [VersionInline]
