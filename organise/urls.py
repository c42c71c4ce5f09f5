"""Addresses of the organiser's pages."""

from django.urls import path

from organise import rehearsals, views

urlpatterns = [
    path("", views.organisers, name="organise"),
    path("<slug:organiser_slug>/", views.organiser, name="organise-organiser"),
    path("<slug:organiser_slug>/<slug:event_slug>/flags/", views.event_flags, name="organise-flags"),
    path("<slug:organiser_slug>/<slug:event_slug>/rehearsals/", rehearsals.listing, name="organise-rehearsals"),
    path(
        "<slug:organiser_slug>/<slug:event_slug>/rehearsals/<int:run_id>/", rehearsals.report, name="organise-rehearsal"
    ),
]
