"""Keeping a flag on through an on-sale that the review would switch it off for."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.timezone import now

from flags.actions import reviews
from flags.admin.grants import staff
from flags.models import Keep
from kit.careful_admin import CarefulAdmin

GONE = "It is no longer about to be switched off: it was kept, is off already, or the on-sale has moved. Look again."


class KeepForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """One of those that will be switched off within three days, and why not."""

    what = forms.ChoiceField(label="Flag and on-sale", error_messages={"invalid_choice": GONE})

    class Meta:
        model = Keep
        fields = ["reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "what" in self.fields:  # not on a page that is only looked at
            self.due = {f"{one.key} {one.on_sale_at.isoformat()}": one for one in reviews.due(now=now())}
            none = "Choose one" if self.due else "Nothing is about to be switched off"
            self.fields["what"].choices = [("", none), *((key, _words(one)) for key, one in self.due.items())]  # type: ignore[attr-defined]  # a ChoiceField


@admin.register(Keep)
class KeepAdmin(CarefulAdmin):
    """What was kept, by whom and why. It is said once and stays said."""

    form = KeepForm
    actions = None
    list_display = ["flag", "event", "on_sale_at", "reason", "kept_by", "kept_at"]
    list_filter = ["flag"]
    list_select_related = ["flag", "event", "kept_by"]
    search_fields = ["flag__name", "event__title", "reason"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_fields(self, request: HttpRequest, obj: Keep | None = None) -> Any:
        return self.list_display if obj else ["what", "reason"]

    def has_change_permission(self, request: HttpRequest, obj: Keep | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Keep | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Keep, form: Any, change: bool) -> None:
        one, said = form.due[form.cleaned_data["what"]], {"by": staff(request), "now": now()}
        kept = reviews.keep(
            flag=one.flag, event_id=one.event.event_id, on_sale_at=one.on_sale_at, reason=obj.reason, **said
        )  # fmt: skip
        obj.pk, obj.flag, obj.event_id = kept.pk, kept.flag, kept.event_id


def _words(one: reviews.Reviewed) -> str:
    title = Truncator(one.event.title).chars(40)  # as long as a select can be on a narrow page
    return f"{one.flag.name} for {title}, on sale {one.event.moment(one.on_sale_at)}"
