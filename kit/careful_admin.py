"""What every admin page that writes has in common, in any room: whoever loses a race is told so in words."""

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


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
            return _try_again(request)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError:
            return _try_again(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            return super().changelist_view(request, extra_context)
        except IntegrityError:
            return _try_again(request)


def _try_again(request: HttpRequest) -> HttpResponse:
    messages.error(request, "Nothing was saved: somebody changed this at the same moment. Look again, then try again.")
    return HttpResponseRedirect(request.get_full_path())
