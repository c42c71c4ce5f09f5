"""No index is missing, and none is there for nothing: on the hot tables each is written by every hold."""

import pytest
from django.db import connection

from tests.plans.conftest import Walk, column

pytestmark = pytest.mark.django_db

# Not Django's and waffle's tables between users, groups and permissions: we ask nothing of those.
OURS = r"^(accounts|events|checkout|flags)_(?!user_|flag_)"
# Indexes of no constraint that nothing on the walk goes by, each with the reason why it stays.
UNUSED = {
    "accounts_user_email_b2644a56_like": "Django makes it of a unique text; one row for each person who signs in.",
    "accounts_chosen_event_id_86ac76a3": "For when an event goes, which takes its rows along.",
    "accounts_stripeaccount_organiser_id_d8eceaf8": "One row for each organiser with an account, and few have two.",
    "accounts_invitedto_event_id_60352386": "For when an event goes, which takes its rows along.",
    "accounts_invitation_invited_by_id_94a21efc": "For when somebody goes who has invited others.",
}
# Of tables that this world has few rows of or none: whether a plan goes by them is chance.
OF_SMALL_TABLES = {
    "export_by_age", "export_schedule_by_time", "export_to_tell", "export_waiting", "job_order_left", "job_unfinished",
    "checkout_export_asked_by_id_13f2da5a", "checkout_exportschedule_membership_id_b07a84c2",
    "checkout_joborder_order_id_3cee8501", "checkout_reversal_order_id_4e314846", "events_image_sha256_c62048a7_like",
    "events_picture_large_id_3fb6ff8e", "events_picture_large_id_3fb6ff8e_like", "events_picture_medium_id_7b54b0cc",
    "events_picture_medium_id_7b54b0cc_like", "events_picture_shared_id_db028740",
    "events_picture_shared_id_db028740_like", "events_picture_small_id_906ba783",
    "events_picture_small_id_906ba783_like", "log_of_event", "log_of_organiser",
}  # fmt: skip
# Foreign keys that no index begins with.
UNINDEXED: dict[str, str] = {}

KEEPS_NO_PROMISE = """
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid::regclass::text ~ %s AND NOT (i.indisunique OR i.indisexclusion)
"""
FOREIGN_KEYS = """
    SELECT attrelid::regclass || '.' || attname
      FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE contype = 'f' AND conrelid::regclass::text ~ %s
"""
# No foreign keys in the database, but looked through when what they point at is deleted (checkout/sql/guards.sql).
POINTERS = {"checkout_order.event_id", "checkout_ticket.ticket_type_id"}
FIRST_COLUMNS = """
    SELECT i.indrelid::regclass || '.' || attname
      FROM pg_index i JOIN pg_attribute ON attrelid = i.indrelid AND attnum = i.indkey[0] WHERE i.indpred IS NULL
"""
# The same first columns in the same order, of a whole index: the shorter one serves nobody.
TWINS = """
    SELECT format('%%s serves all that %%s does', longer.indexrelid::regclass, shorter.indexrelid::regclass)
      FROM pg_index longer JOIN pg_index shorter USING (indrelid)
     WHERE longer.indexrelid <> shorter.indexrelid AND indrelid::regclass::text ~ %s
       AND longer.indpred IS NULL AND shorter.indpred IS NULL AND longer.indexprs IS NULL AND shorter.indexprs IS NULL
       AND NOT shorter.indisunique
       AND (longer.indkey::text || ' ') LIKE (shorter.indkey::text || ' %%')
       AND (longer.indclass::text || ' ') LIKE (shorter.indclass::text || ' %%')
"""
# Functions that the walk does not call, as far as Postgres counts.
UNCALLED = {
    "flags_change_fixed": "It refuses, and reads nothing.",
    "accounts_log_fixed": "It refuses, and reads nothing.",
    "checkout_plain": "Postgres puts its text in place of the call.",
    "accounts_keep_an_owner": "It looks at one team, when an owner goes; tests/accounts/test_team.py.",
    "events_stock_in_use": "It refuses, and reads nothing.",
    "events_codeuse_in_use": "It refuses, and reads nothing.",
    **dict.fromkeys(
        ("checkout_code_fault", "checkout_fault_of_code"),
        "Postgres puts its text in place of the call, and it reads nothing.",
    ),
    "events_rehearsal_fixed": "It refuses, and reads nothing.",
    **dict.fromkeys(
        ("checkout_number_rows", "checkout_number_spans"), "Postgres puts its text in place of the call; reads nothing."
    ),
    "checkout_rebuild_numbers": "Counts everything anew, when staff ask; tests/checkout/test_numbers.py.",
    **dict.fromkeys(
        (
            "checkout_question_answered",
            "events_question_fits",
            "events_question_target_fits",
            "events_question_version_fixed",
        ),
        "It looks at one row by its key, when an organiser changes a question; tests/organise/test_questions.py.",
    ),
    **dict.fromkeys(
        (
            f"checkout_ledger_of_{what}"
            for what in ("event", "money", "numbers", "orders", "refunds", "reversals", "stock")
        ),
        "Postgres puts its text in place of the call, and the statement is watched as it is.",
    ),
}


def test_every_index_is_used_or_keeps_a_promise(walk: Walk) -> None:
    unused = column(KEEPS_NO_PROMISE, OURS) & walk.unused_indexes

    assert unused - OF_SMALL_TABLES == set(UNUSED)


def test_no_index_serves_only_what_another_serves_too(walk: Walk) -> None:
    assert column(TWINS, OURS) == set()


def test_every_foreign_key_has_an_index(walk: Walk) -> None:
    pointers = column(FOREIGN_KEYS, OURS) | POINTERS

    assert pointers >= {"checkout_mail.order_id", "events_draw.quota_id"}
    assert pointers - column(FIRST_COLUMNS) == set(UNINDEXED)


def test_stock_has_no_index_but_its_key(walk: Walk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'events_stock'")
        names = [row[0] for row in cursor.fetchall()]

    assert names == ["events_stock_pkey"]  # or no hold could write the new version beside the old


def test_every_function_of_ours_was_called_on_the_walk(walk: Walk) -> None:
    ours = column("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")

    assert len(ours) > 15
    assert ours - walk.called == set(UNCALLED)
