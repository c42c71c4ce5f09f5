"""Django's session, CSRF, log-in and message middlewares, standing aside but on staff's and organisers' paths.

The public pages are anonymous: with these out of the way no code can set a cookie there or vary on one.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.middleware import csrf
from django.utils.deprecation import MiddlewareMixin


def is_staff_path(path: str) -> bool:
    return path.startswith(settings.STAFF_PATHS)


class StandsAside(MiddlewareMixin):
    """Mixed into a Django middleware: off their paths the request goes straight on."""

    def __call__(self, request: HttpRequest) -> Any:
        if is_staff_path(request.path_info):
            return super().__call__(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> Any:
        inherited = getattr(super(), "process_view", None)
        return inherited(request, view, args, kwargs) if inherited and is_staff_path(request.path_info) else None


class SessionMiddleware(StandsAside, sessions.SessionMiddleware):
    pass


class CsrfViewMiddleware(StandsAside, csrf.CsrfViewMiddleware):
    pass


class AuthenticationMiddleware(StandsAside, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(StandsAside, messages.MessageMiddleware):
    pass
