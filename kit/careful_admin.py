"""What admin pages have in common, in any room: whoever loses a race is told so in words, and some only look."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

TRY_AGAIN: Final = "Nothing was saved: somebody changed this at the same moment. Look again, then try again."


class LookedAt:
    """Mixed into an admin or an inline: no adding, changing or deleting, whoever asks."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CarefulAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Forms name each fault they can see. What a racer does between the look and the write the database refuses,
    and that is answered here: nothing was saved, look again.
    """

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            return refused(request, TRY_AGAIN)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError:
            return refused(request, TRY_AGAIN)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            return super().changelist_view(request, extra_context)
        except IntegrityError:
            return refused(request, TRY_AGAIN)


def refused(request: HttpRequest, why: str) -> HttpResponse:
    """Back to the page, with the reason why nothing was saved."""
    messages.error(request, why)
    return HttpResponseRedirect(request.get_full_path())
