"""The site's addresses, with two that go wrong as only a fault of ours would, and the mail of development."""

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from tito.urls import handler400, handler403, handler404, handler500
from tito.urls import urlpatterns as real

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def broken(_: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def busy(_: HttpRequest) -> HttpResponse:
    raise OperationalError("no connection in time")


urlpatterns = [
    path("tests/broken/", broken),
    path("tests/busy/", busy),
    path("dev/mail/", include("kit.development_mail")),
    *real,
]
