"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.views.entrance import staff_log_in

urlpatterns = [
    path("admin/", include([path("login/", staff_log_in)])),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg", permanent=True)),
    path("organise/", include("organise.urls")),
    path("", include("accounts.urls")),
    path("", include("checkout.urls")),
    path("", include("events.urls")),
]

if settings.SHOW_DEVELOPMENT_MAIL:
    urlpatterns.insert(0, path("dev/mail/", include("kit.development_mail")))

handler400 = "kit.faults.bad_request"
handler403 = "kit.faults.forbidden"
handler404 = "kit.faults.not_found"
handler500 = "kit.faults.server_error"
