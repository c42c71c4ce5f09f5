"""The outermost layer: what was answered half a second ago is answered again before Django is asked.

It keeps only what says of itself that it is the same for everyone (`s-maxage`), so nothing of a visitor is in it, and
no longer than the page may be shown (`X-Accel-Expires`). In the second in which everybody comes an event page then
costs less than an empty Django view, also where no edge stands before the site.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kit.http import TAKES_GZIP
from kit.request_log import request_id_of

SECONDS: Final = 0.5
MOST: Final = 256

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Key = tuple[str, str, str, bool]  # path, scheme, host, whether squeezed


@dataclass(frozen=True, slots=True)
class _Answer:
    headers: Headers
    etag: str
    body: bytes
    until: float


class HotAnswers:
    """A WSGI application before another one."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._answers: dict[Key, _Answer] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET":
            return self._application(environ, start_response)
        squeezed = bool(TAKES_GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")))
        scheme, host = environ.get("HTTP_X_FORWARDED_PROTO", ""), environ.get("HTTP_HOST", "")
        key = (environ["PATH_INFO"], scheme, host, squeezed)
        answer = self._answers.get(key)
        if answer is None or answer.until < time.time():
            return self._asked(environ, start_response, key)
        headers = [*answer.headers, ("X-Request-Id", request_id_of(environ.get("HTTP_X_REQUEST_ID", "")))]
        if answer.etag and answer.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", [one for one in headers if not one[0].startswith("Content-")])
            return []
        start_response("200 OK", headers)
        return [answer.body]

    def _asked(self, environ: dict[str, Any], start_response: StartResponse, key: Key) -> Iterable[bytes]:
        """The application's own answer, remembered where it is for everyone."""
        kept: Headers = []

        def starting(status: str, headers: Headers, *rest: Any) -> Any:
            kept.extend(headers if status.startswith("200") else [])
            return start_response(status, headers, *rest)

        response = self._application(environ, starting)
        named = {name.lower(): value for name, value in kept}
        if is_for_everyone(named):
            body = b"".join(response)
            self._remember(key, kept, named, body)
            if hasattr(response, "close"):
                response.close()
            return [body]
        return response

    def _remember(self, key: Key, headers: Headers, named: Mapping[str, str], body: bytes) -> None:
        until = time.time() + SECONDS
        if "x-accel-expires" in named:
            until = min(until, int(named["x-accel-expires"].removeprefix("@")) + 1)
        if len(self._answers) >= MOST:
            self._answers = {}  # they last half a second: it is not worth choosing
        kept = [(name, value) for name, value in headers if name.lower() != "x-request-id"]
        self._answers[key] = _Answer(kept, named.get("etag", ""), body, until)


def is_for_everyone(named: Mapping[str, str]) -> bool:
    """Whether an answer with these headers (names in small letters) is a page of kit.http.answer, without a cookie."""
    return "s-maxage=" in named.get("cache-control", "") and "set-cookie" not in named
