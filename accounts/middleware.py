"""django-allauth's middleware, standing aside on the public pages, and the second factor before staff's pages."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlencode

from allauth.account.middleware import AccountMiddleware
from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from accounts import second_factor
from kit.staff_paths import is_staff_path

ACCOUNT_PATHS: Final = ("/accounts/", "/signup/", "/login/", "/logout/")
WITHOUT_FACTOR: Final = ("/admin/login/", "/admin/logout/", "/admin/jsi18n/")

Answer = Callable[[HttpRequest], HttpResponse]


class AllauthMiddleware:
    """Its pages answer as ours do: nobody keeps a copy, and a form with faults has status 422 and a summary of them."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.allauth = AccountMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> Any:
        if not is_staff_path(request.path_info):
            return self.get_response(request)
        response = self.allauth(request)
        if request.path_info.startswith(ACCOUNT_PATHS):
            add_never_cache_headers(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> Any:
        return self.allauth.process_exception(request, exception) if is_staff_path(request.path_info) else None

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        if request.method == "POST" and request.path_info.startswith(ACCOUNT_PATHS) and response.status_code == 200:
            context = response.context_data or {}
            faults = [fault for form in _sent(context) for fault in _faults(form)]
            if faults:
                response.context_data = {**context, "errors": faults}
                response.status_code = 422
        return response


def _sent(context: dict[str, Any]) -> Iterator[BaseForm]:
    """The forms on a page that came in by this request."""
    forms = {id(value): value for value in context.values() if isinstance(value, BaseForm) and value.is_bound}
    yield from forms.values()


def _faults(form: Any) -> Iterator[tuple[str, str]]:
    """As components/error_summary.html wants them: the field to go to and the words."""
    for name, faults in form.errors.items():
        place = "" if name == "__all__" or form[name].is_hidden else form[name].id_for_label
        yield from ((place, str(fault)) for fault in faults)


class SecondFactorMiddleware:
    """Who is staff and enters staff's pages has shown a second factor in this session, or is led to do so."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if settings.STAFF_SECOND_FACTOR and path.startswith("/admin/") and not path.startswith(WITHOUT_FACTOR):
            user: Any = request.user
            if user.is_authenticated and user.is_staff and not second_factor.was_shown(request):
                return redirect(_way_to_it(request))
        return self.get_response(request)


def _way_to_it(request: HttpRequest) -> str:
    """To set one up, or to show the one there is; and then back."""
    if not second_factor.has_one(request.user):
        return "/accounts/2fa/?staff=1"
    return f"{second_factor.way_to_show_it(request)}?{urlencode({'next': request.get_full_path()})}"
