"""Addresses of the organiser's pages. "-" is nobody's slug: under it stand the pages of no single event."""

from django.urls import path

from organise.views import (
    catalogues,
    danger,
    editing,
    events,
    features,
    new,
    overview,
    pictures,
    quotas,
    readiness,
    rehearsals,
    team,
    tickets,
)

ORGANISER = "<slug:organiser_slug>/-/"
EVENT = "<slug:organiser_slug>/<slug:event_slug>/"

urlpatterns = [
    path("", events.your_events, name="organise"),
    path("-/new/", new.organiser, name="organise-new"),
    path(f"{ORGANISER}events/new/", editing.new, name="organise-event-new"),
    path("<slug:organiser_slug>/", events.organiser, name="organise-organiser"),
    path(f"{ORGANISER}team/", team.team, name="organise-team"),
    path(f"{ORGANISER}team/<int:member_id>/", team.member, name="organise-member"),
    path(f"{ORGANISER}team/<int:member_id>/removal/", team.removal, name="organise-member-removal"),
    path(f"{ORGANISER}invitations/<int:invitation_id>/mail/", team.mail, name="organise-invitation-mail"),
    path(
        f"{ORGANISER}invitations/<int:invitation_id>/withdrawal/",
        team.withdrawal,
        name="organise-invitation-withdrawal",
    ),
    path(EVENT, overview.overview, name="organise-overview"),
    path(f"{EVENT}flags/", features.event_flags, name="organise-flags"),
    path(f"{EVENT}rehearsals/", rehearsals.listing, name="organise-rehearsals"),
    path(f"{EVENT}rehearsals/<int:run_id>/", rehearsals.report, name="organise-rehearsal"),
    path(f"{EVENT}readiness/", readiness.checklist, name="organise-readiness"),
    path(f"{EVENT}state/", readiness.state, name="organise-state"),
    path(f"{EVENT}archive/", readiness.archive, name="organise-archive"),
    path(f"{EVENT}edit/", editing.edit, name="organise-edit"),
    path(f"{EVENT}preview/", editing.preview, name="organise-preview"),
    path(f"{EVENT}copies/new/", editing.duplicate, name="organise-copy"),
    path(f"{EVENT}picture/", pictures.picture, name="organise-picture"),
    path(f"{EVENT}picture/removal/", pictures.removal, name="organise-picture-removal"),
    path(f"{EVENT}danger/", danger.danger, name="organise-danger"),
    path(f"{EVENT}tickets/", tickets.listing, name="organise-tickets"),
    path(f"{EVENT}tickets/-/new/", tickets.new, name="organise-ticket-type-new"),
    path(f"{EVENT}tickets/<slug:type_slug>/", tickets.ticket_type, name="organise-ticket-type"),
    path(f"{EVENT}tickets/<slug:type_slug>/place/", tickets.place, name="organise-ticket-type-place"),
    path(f"{EVENT}tickets/<slug:type_slug>/sale/", tickets.sale, name="organise-ticket-type-sale"),
    path(f"{EVENT}tickets/<slug:type_slug>/secret-link/", tickets.secret_link, name="organise-secret-link"),
    path(f"{EVENT}tickets/<slug:type_slug>/removal/", tickets.removal, name="organise-ticket-type-removal"),
    path(f"{EVENT}quotas/-/new/", quotas.new, name="organise-quota-new"),
    path(f"{EVENT}quotas/<slug:quota_slug>/", quotas.quota, name="organise-quota"),
    path(f"{EVENT}quotas/<slug:quota_slug>/removal/", quotas.removal, name="organise-quota-removal"),
    path(f"{EVENT}catalogue/", catalogues.catalogue_page, name="organise-catalogue"),
    path(f"{EVENT}catalogue/export/", catalogues.export, name="organise-catalogue-export"),
]
