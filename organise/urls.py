"""Addresses of the organiser's pages. "-" is nobody's slug: under it stand the pages of no single event."""

from django.urls import path

from organise.views import codes, events, exports, features, log, money, new, overview, rehearsals, team, test_mode

ORGANISER = "<slug:organiser_slug>/-/"
EVENT = "<slug:organiser_slug>/<slug:event_slug>/"
MONEY = f"{ORGANISER}money/"

urlpatterns = [
    path("", events.your_events, name="organise"),
    path("-/new/", new.organiser, name="organise-new"),
    path("<slug:organiser_slug>/", events.organiser, name="organise-organiser"),
    path(f"{ORGANISER}log/", log.of_organiser, name="organise-organiser-log"),
    path(MONEY, money.money, name="organise-money"),
    path(f"{MONEY}key/", money.key, name="organise-money-key"),
    path(f"{MONEY}webhook/", money.webhook, name="organise-money-webhook"),
    path(f"{MONEY}terms/", money.policy, name="organise-money-terms"),
    path(f"{MONEY}removal/", money.removal, name="organise-money-removal"),
    path(f"{MONEY}keys/<int:account_id>/removal/", money.forgetting, name="organise-money-key-removal"),
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
    path(f"{EVENT}numbers/", overview.live, name="organise-numbers"),
    path(f"{EVENT}sales/", overview.series, name="organise-sales"),
    path(f"{EVENT}exports/", exports.page, name="organise-exports"),
    path(f"{EVENT}exports/table.csv", exports.table, name="organise-export-table"),
    path(f"{EVENT}exports/<int:export_id>/", exports.file, name="organise-export"),
    path(f"{EVENT}exports/schedules/", exports.schedules, name="organise-export-schedules"),
    path(f"{EVENT}exports/schedules/<int:schedule_id>/", exports.schedule, name="organise-export-schedule"),
    path(f"{EVENT}log/", log.of_event, name="organise-log"),
    path(f"{EVENT}codes/", codes.listing, name="organise-codes"),
    path(f"{EVENT}codes/new/", codes.new, name="organise-code-new"),
    path(f"{EVENT}codes/batch/", codes.batch, name="organise-code-batch"),
    path(f"{EVENT}codes/file/", codes.file, name="organise-code-file"),
    path(f"{EVENT}codes/import/", codes.imports, name="organise-code-import"),
    path(f"{EVENT}codes/<int:code_id>/", codes.one, name="organise-code"),
    path(f"{EVENT}codes/<int:code_id>/terms/", codes.terms, name="organise-code-terms"),
    path(f"{EVENT}codes/<int:code_id>/switch/", codes.switch, name="organise-code-switch"),
    path(f"{EVENT}codes/<int:code_id>/deletion/", codes.deletion, name="organise-code-deletion"),
    path(f"{EVENT}flags/", features.event_flags, name="organise-flags"),
    path(f"{EVENT}test-mode/", test_mode.mode, name="organise-test-mode"),
    path(f"{EVENT}test-mode/end/", test_mode.end, name="organise-test-mode-end"),
    path(f"{EVENT}refund-policy/", money.event_policy, name="organise-refund-policy"),
    path(f"{EVENT}rehearsals/", rehearsals.listing, name="organise-rehearsals"),
    path(f"{EVENT}rehearsals/<int:run_id>/", rehearsals.report, name="organise-rehearsal"),
]
