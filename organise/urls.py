"""Addresses of the organiser's pages. "-" is nobody's slug: under it stand the pages of no single event."""

from django.urls import path

from organise.views import events, features, overview, rehearsals

EVENT = "<slug:organiser_slug>/<slug:event_slug>/"

urlpatterns = [
    path("", events.your_events, name="organise"),
    path("<slug:organiser_slug>/", events.organiser, name="organise-organiser"),
    path(EVENT, overview.overview, name="organise-overview"),
    path(f"{EVENT}numbers/", overview.live, name="organise-numbers"),
    path(f"{EVENT}sales/", overview.series, name="organise-sales"),
    path(f"{EVENT}flags/", features.event_flags, name="organise-flags"),
    path(f"{EVENT}rehearsals/", rehearsals.listing, name="organise-rehearsals"),
    path(f"{EVENT}rehearsals/<int:run_id>/", rehearsals.report, name="organise-rehearsal"),
]
