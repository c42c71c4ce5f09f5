"""Addresses of the organiser's pages. "-" is nobody's slug: under it stand the pages of no single event."""

from django.urls import path

from organise.views import events, exports, features, log, overview, rehearsals

EVENT = "<slug:organiser_slug>/<slug:event_slug>/"

urlpatterns = [
    path("", events.your_events, name="organise"),
    path("<slug:organiser_slug>/", events.organiser, name="organise-organiser"),
    path("<slug:organiser_slug>/-/log/", log.of_organiser, name="organise-organiser-log"),
    path(EVENT, overview.overview, name="organise-overview"),
    path(f"{EVENT}numbers/", overview.live, name="organise-numbers"),
    path(f"{EVENT}sales/", overview.series, name="organise-sales"),
    path(f"{EVENT}exports/", exports.page, name="organise-exports"),
    path(f"{EVENT}exports/table.csv", exports.table, name="organise-export-table"),
    path(f"{EVENT}exports/<int:export_id>/", exports.file, name="organise-export"),
    path(f"{EVENT}exports/schedules/", exports.schedules, name="organise-export-schedules"),
    path(f"{EVENT}exports/schedules/<int:schedule_id>/", exports.schedule, name="organise-export-schedule"),
    path(f"{EVENT}log/", log.of_event, name="organise-log"),
    path(f"{EVENT}flags/", features.event_flags, name="organise-flags"),
    path(f"{EVENT}rehearsals/", rehearsals.listing, name="organise-rehearsals"),
    path(f"{EVENT}rehearsals/<int:run_id>/", rehearsals.report, name="organise-rehearsal"),
]
