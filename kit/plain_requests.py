"""Requests as our own pages make them: text in UTF-8, and addresses made of what we make addresses of.

Whatever else a visitor sends ends at the gate, before a view, a form or the database has to think of it.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls.converters import StringConverter


def utf8_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Reads every request as UTF-8, whatever charset its Content-Type names.

    Browsers send forms in the charset of the page, and ours are all UTF-8. Some of Python's other codecs make half
    characters, which neither a page nor the database can hold, and some are no text encodings at all.
    """

    def as_utf8(request: HttpRequest) -> HttpResponse:
        request.encoding = "utf-8"
        return get_response(request)

    return as_utf8


class TokenConverter(StringConverter):
    """A secret in an address, as `tokens.url_token` makes them."""

    regex = "[A-Za-z0-9_-]{1,64}"


class CodeConverter(StringConverter):
    """A ticket's code, as printed or as typed by a person."""

    regex = "[A-Za-z0-9 -]{1,64}"


class DiscountConverter(StringConverter):
    """A discount or access code, as organisers make them up or as a person types it."""

    regex = "[A-Za-z0-9_-]{1,64}"
