"""Addresses of the organiser's pages. "-" is nobody's slug: under it stand the pages of no single event."""

from django.urls import path

from organise.views import events, features, new, overview, questions, rehearsals, team

ORGANISER = "<slug:organiser_slug>/-/"
EVENT = "<slug:organiser_slug>/<slug:event_slug>/"

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
    path(f"{EVENT}questions/", questions.listing, name="organise-questions"),
    path(f"{EVENT}questions/new/", questions.new, name="organise-question-new"),
    path(f"{EVENT}questions/<int:question_id>/", questions.question, name="organise-question"),
    path(f"{EVENT}questions/<int:question_id>/place/", questions.move, name="organise-question-place"),
    path(f"{EVENT}questions/<int:question_id>/archiving/", questions.archiving, name="organise-question-archiving"),
    path(f"{EVENT}questions/<int:question_id>/deletion/", questions.deletion, name="organise-question-deletion"),
    path(f"{EVENT}answer-files/<int:answer_id>/", questions.answer_file, name="organise-answer-file"),
]
