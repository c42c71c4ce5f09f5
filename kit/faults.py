"""The pages for what goes wrong: plain words, the right status, and the id under which the log knows more."""

import sys
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kit.cache import Busy

RETRY_SECONDS = 5
# A refusal of a public page is worth a second at the edge, where a crowd waits for it; of other pages it keeps nothing.
FOR_THE_EDGE = "X-Accel-Expires"


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    response = _page(request, "404.html", 404, with_id=False)  # the edge shows it to others for a second
    response.headers[FOR_THE_EDGE] = "1"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; or, when the database could not be reached in time, a request to come back in a moment."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return busy(request)
    return _page(request, "500.html", 500)


class BusyMiddleware:
    """Answers a view that has no time, without the fuss that Django makes of a fault."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return busy(request) if isinstance(exception, Busy) else None


def busy(request: HttpRequest) -> HttpResponse:
    """Come back in a moment: nothing is lost, and there is nobody free just now."""
    response = _page(request, "503.html", 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers[FOR_THE_EDGE] = "1"
    return response


def _page(request: HttpRequest, template: str, status: int, *, with_id: bool = True) -> HttpResponse:
    request_id = request.META.get("REQUEST_ID", "") if with_id else ""
    response = render(request, template, {"request_id": request_id}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
