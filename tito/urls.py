"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("checkout.urls")),
    path("", include("events.urls")),
]

if settings.SHOW_DEVELOPMENT_MAIL:
    urlpatterns.insert(0, path("dev/mail/", include("kit.development_mail")))
