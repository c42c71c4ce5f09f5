"""What public pages have in common: finished bytes with an ETag, and the check of where a POST comes from."""

import gzip
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any, Concatenate, Final, ParamSpec, cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

HTML: Final = "text/html; charset=utf-8"
# gzip is named, and not as gzip;q=0, which refuses it (RFC 9110, 12.4.2).
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?(\s|,|$))")

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page, the same for everyone: its bytes plain and gzipped, and a strong ETag for each.

    `changes_at`, in seconds since the epoch, is when it will be another by the clock alone, if ever.
    """

    plain: bytes
    gzipped: bytes
    etag: str
    content_type: str = HTML
    changes_at: float | None = None

    @classmethod
    def of(cls, text: str, content_type: str = HTML, *, changes_at: float | None = None) -> "Page":
        plain = text.encode()
        etag = blake2b(plain, digest_size=12).hexdigest()
        return cls(plain, gzip.compress(plain, compresslevel=6, mtime=0), etag, content_type, changes_at)

    def squeezed(self) -> tuple[Any, ...]:
        """All of it in little room."""
        return self.gzipped, self.etag, self.content_type, self.changes_at

    @classmethod
    def unsqueezed(cls, kept: Any) -> "Page | None":
        """The page from what `squeezed` made of it, or None."""
        return cls(gzip.decompress(kept[0]), *kept) if isinstance(kept, tuple) else None


# For the edge a second, and one more in which it may show the old page while it fetches the new; for a browser
# nothing without asking, because what it keeps can say "opens at 10:00" when the sale is open.
FOR_A_SECOND: Final = "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
NEAR_SECONDS: Final = 2.0


def answer(request: HttpRequest, page: Page, *, caching: str = FOR_A_SECOND) -> HttpResponse:
    """Sends a finished page, or 304 when the visitor has it. Sets no cookie and varies on the encoding only.

    Shortly before the page changes by the clock it tells the edge until which second it is true (X-Accel-Expires).
    """
    squeezed = bool(TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")))
    etag = f'"{page.etag}-gz"' if squeezed else f'"{page.etag}"'
    known = {tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")}
    response: HttpResponse
    if etag in known:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(page.gzipped if squeezed else page.plain, content_type=page.content_type)
        if squeezed:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = caching
    if page.changes_at is not None and 0 < page.changes_at - time.time() < NEAR_SECONDS:
        response.headers["X-Accel-Expires"] = f"@{math.ceil(page.changes_at) - 1}"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a browser says that this request was made by a page of ours.

    Browsers send Sec-Fetch-Site or at least Origin with a POST. A client that sends neither is no browser
    acting for somebody else, and nothing here rests on cookies. Source: OWASP, CSRF prevention cheat sheet,
    "Fetch Metadata headers".
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.get_host()
    except ValueError:  # no address at all
        return False


def same_origin(view: View[P]) -> View[P]:
    """Refuses POSTs that another site's page makes the visitor's browser send. Takes the place of a CSRF token."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} and not is_same_origin(request):
            return render(request, "403.html", status=403)
        return view(request, *args, **kwargs)

    return cast("View[P]", guarded)


def private(view: View[P]) -> View[P]:
    """Marks a page as one buyer's own: kept by no cache, named in no referrer, indexed by no search engine."""

    @wraps(view)
    def marked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return cast("View[P]", marked)
