"""Gives each request an id, carries it into every log line, and logs what failed or was slow."""

import random
import re
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

GIVEN_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
SLOW_SECONDS = 1.0

log = structlog.stdlib.get_logger("request")


def request_id_of(given: str) -> str:
    """The id that the edge has given, or a new one."""
    return given if GIVEN_ID.match(given) else f"{random.getrandbits(128):032x}"


class RequestLogMiddleware:
    """Outermost: whatever answers, the answer carries `X-Request-Id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_id_of(request.headers.get("X-Request-Id", ""))
        request.META["REQUEST_ID"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.monotonic()
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        seconds = time.monotonic() - began
        if response.status_code >= 500 or seconds > SLOW_SECONDS:
            log.warning(
                "slow or failed", request_id=request_id, method=request.method, path=request.path,
                status=response.status_code, ms=round(seconds * 1000),
            )  # fmt: skip
        if not response.streaming:  # else gunicorn sends it in chunks
            response.headers.setdefault("Content-Length", str(len(response.content)))
        response.headers["X-Request-Id"] = request_id
        return response
