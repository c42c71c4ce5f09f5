"""Addresses of the public pages. `/<organiser>/…` comes last: all that is the site's own is reserved."""

from django.urls import path, re_path, register_converter

from events import views
from kit.plain_requests import DiscountConverter, TokenConverter

register_converter(TokenConverter, "secret")
register_converter(DiscountConverter, "discount")

urlpatterns = [
    path("", views.front, name="front"),
    path("clock/", views.clock, name="clock"),
    re_path(r"^theme/(?P<colour>[0-9a-f]{6})\.css$", views.accent, name="accent"),
    re_path(r"^assets/(?P<sha256>[0-9a-f]{64})\.(?P<ending>webp|jpg)$", views.image, name="image"),
    path("<slug:organiser_slug>/", views.organiser, name="organiser"),
    path("<slug:organiser_slug>/<slug:event_slug>/", views.event, name="event"),
    path("<slug:organiser_slug>/<slug:event_slug>/tickets/", views.tickets, name="tickets"),
    path("<slug:organiser_slug>/<slug:event_slug>/availability/", views.availability, name="availability"),
    path("<slug:organiser_slug>/<slug:event_slug>/reminders/", views.reminders, name="reminders"),
    path("<slug:organiser_slug>/<slug:event_slug>/waiting-list/", views.waiting_list, name="waiting-list"),
    path("<slug:organiser_slug>/<slug:event_slug>/waiting-list/<secret:token>/", views.waiting, name="waiting"),
    path("<slug:organiser_slug>/<slug:event_slug>/secret/<secret:secret>/", views.event, name="secret-event"),
    path(
        "<slug:organiser_slug>/<slug:event_slug>/secret/<secret:secret>/tickets/",
        views.tickets,
        name="secret-tickets",
    ),
    path(
        "<slug:organiser_slug>/<slug:event_slug>/secret/<secret:secret>/availability/",
        views.availability,
        name="secret-availability",
    ),
    path("<slug:organiser_slug>/<slug:event_slug>/code/<discount:code>/", views.code, name="code"),
    path(
        "<slug:organiser_slug>/<slug:event_slug>/code/<discount:code>/tickets/",
        views.code,
        {"part": "tickets"},
        name="code-tickets",
    ),
    path(
        "<slug:organiser_slug>/<slug:event_slug>/code/<discount:code>/availability/",
        views.code,
        {"part": "availability"},
        name="code-availability",
    ),
]
