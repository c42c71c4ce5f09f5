"""Addresses of the organiser's pages. "-" is nobody's slug: under it stand the pages of no single event."""

from django.urls import path

from organise.views import (
    attendees,
    attention,
    events,
    features,
    jobs,
    new,
    orders,
    overview,
    rehearsals,
    reversals,
    team,
)

ORGANISER = "<slug:organiser_slug>/-/"
EVENT = "<slug:organiser_slug>/<slug:event_slug>/"
ORDER = f"{EVENT}orders/<slug:reference>/"

urlpatterns = [
    path("", events.your_events, name="organise"),
    path("-/new/", new.organiser, name="organise-new"),
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
    path(f"{EVENT}orders/", orders.listing, name="organise-orders"),
    path(ORDER, orders.order, name="organise-order"),
    path(f"{ORDER}notes/", orders.notes, name="organise-order-notes"),
    path(f"{ORDER}mail/", orders.mail, name="organise-order-mail"),
    path(f"{ORDER}buyer/", orders.buyer, name="organise-order-buyer"),
    path(f"{ORDER}attendees/<int:number>/", orders.attendee, name="organise-order-attendee"),
    path(f"{ORDER}reversals/", reversals.reversals, name="organise-order-reversals"),
    path(f"{EVENT}gifts/", reversals.gifts, name="organise-gifts"),
    path(f"{EVENT}attendees/", attendees.listing, name="organise-attendees"),
    path(f"{EVENT}jobs/", jobs.listing, name="organise-jobs"),
    path(f"{EVENT}jobs/resends/", jobs.resends, name="organise-job-resends"),
    path(f"{EVENT}jobs/cancellations/", jobs.cancellations, name="organise-job-cancellations"),
    path(f"{EVENT}jobs/<int:job_id>/", jobs.job, name="organise-job"),
    path(f"{EVENT}jobs/<int:job_id>/stop/", jobs.stop, name="organise-job-stop"),
    path(f"{EVENT}attention/", attention.attention, name="organise-attention"),
    path(f"{EVENT}attention/payments/<slug:reference>/", attention.payment, name="organise-attention-payment"),
    path(f"{EVENT}attention/late/<slug:reference>/", attention.late, name="organise-attention-late"),
    path(f"{EVENT}attention/refunds/<int:refund_id>/", attention.refund, name="organise-attention-refund"),
    path(f"{EVENT}attention/mail/<int:mail_id>/", attention.mail, name="organise-attention-mail"),
]
