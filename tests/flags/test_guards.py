"""What the database itself refuses of flags: every CHECK, UNIQUE and guarding trigger, by raw SQL.

A constraint that is not named here fails the last tests, so none can be added without one that shows it.
"""

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from flags.actions import notices
from flags.actions.hours import SUMS, WORST
from flags.models import Evidence, Hour, Keep, Kind, Override, Prerequisite
from tests.flags.makers import NOON, make_flag, make_grant
from tests.makers import make_event, make_user

REFUSED = [
    ("flag_kind_known", "UPDATE flags_flag SET kind = 'lost'"),
    ("flag_stage_known", "UPDATE flags_flag SET stage = 'lost'"),
    ("flag_of_a_release_expires", "UPDATE flags_flag SET kind = 'release', expires_at = NULL"),
    ("flag_declared_is_complete", "UPDATE flags_flag SET is_declared = true, owner = ''"),
    ("flag_declared_is_complete", "UPDATE flags_flag SET is_declared = true, purpose = ''"),
    ("flag_declared_is_complete", "UPDATE flags_flag SET is_declared = true, budget_ms = NULL"),
    ("flag_declared_is_complete", "UPDATE flags_flag SET is_declared = true, budget_queries = NULL"),
    ("flag_stage_step", "UPDATE flags_flag SET stage = 'general' WHERE stage = 'trial'"),
    ("flag_stage_step", "UPDATE flags_flag SET stage = 'unstaged'"),
    ("flags_flag_name_key", "UPDATE flags_flag SET name = 'same'"),
    ("flags_flag_budget_ms_check", "UPDATE flags_flag SET budget_ms = -1"),
    ("flags_flag_budget_queries_check", "UPDATE flags_flag SET budget_queries = -1"),
    (
        "grant_once_per_event",
        "UPDATE flags_grant SET organiser_id = NULL, event_id = (SELECT max(id) FROM events_event)",
    ),
    (
        "grant_once_per_organiser",
        "UPDATE flags_grant SET event_id = NULL, organiser_id = (SELECT max(id) FROM accounts_organiser)",
    ),
    ("grant_has_a_reason", "UPDATE flags_grant SET reason = ''"),
    ("grant_switch_known", "UPDATE flags_grant SET switched_off_by = 'somebody'"),
    ("grant_switched_off_stays", "UPDATE flags_grant SET switched_off_by = 'guard'"),
    ("grant_to_one", "UPDATE flags_grant SET event_id = NULL, organiser_id = NULL"),
    (
        "grant_to_one",
        "UPDATE flags_grant SET event_id = (SELECT max(id) FROM events_event),"
        " organiser_id = (SELECT max(id) FROM accounts_organiser)",
    ),
    (
        "prerequisite_once",
        "INSERT INTO flags_prerequisite (flag_id, requires_id) SELECT flag_id, requires_id FROM flags_prerequisite",
    ),
    ("prerequisite_is_another", "UPDATE flags_prerequisite SET requires_id = flag_id"),
    (
        "prerequisite_no_circle",
        "INSERT INTO flags_prerequisite (flag_id, requires_id) SELECT requires_id, flag_id FROM flags_prerequisite",
    ),
    ("evidence_commit_shape", "UPDATE flags_evidence SET commit = 'main'"),
    ("evidence_names_its_rehearsal", "UPDATE flags_evidence SET rehearsal = ''"),
    ("flags_evidence_ticket_types_check", "UPDATE flags_evidence SET ticket_types = -1"),
    ("flags_evidence_requests_per_second_check", "UPDATE flags_evidence SET requests_per_second = -1"),
    ("change_fixed", "UPDATE flags_change SET by = 'somebody else'"),
    ("change_fixed", "DELETE FROM flags_change"),
    *((f"flags_hour_{name}_check", f"UPDATE flags_hour SET {name} = -1") for name in (*SUMS, *WORST)),  # noqa: S608  -- our own names
    (
        "hour_once",
        "INSERT INTO flags_hour (flag_id, event_id, at, requests, queries, rows, milliseconds, worst_queries, worst_ms,"
        " uses) SELECT flag_id, event_id, at, 0, 0, 0, 0, 0, 0, 0 FROM flags_hour",
    ),
    ("rolled_up_one_row", 'INSERT INTO flags_rolledup (id, "window") VALUES (2, 0)'),
    (
        "notice_once",
        'INSERT INTO flags_notice (about, "to", subject, body, created_at, next_attempt_at)'
        ' SELECT about, "to", subject, body, created_at, next_attempt_at FROM flags_notice',
    ),
    ("notice_is_to_somebody", """UPDATE flags_notice SET "to" = ''"""),
    ("notice_is_to_somebody", "UPDATE flags_notice SET subject = ''"),
    ("override_to_one", "UPDATE flags_override SET event_id = NULL"),
    ("override_to_one", "UPDATE flags_override SET organiser_id = (SELECT max(id) FROM accounts_organiser)"),
    ("override_has_a_reason", "UPDATE flags_override SET reason = ''"),
    (
        "override_by_two",
        "UPDATE flags_override SET decided_by_id = asked_by_id, decided_at = now(), is_approved = true",
    ),
    ("override_decided_whole", "UPDATE flags_override SET decided_at = now(), is_approved = true"),
    ("override_decided_whole", "UPDATE flags_override SET decided_at = now()"),
    ("override_decided_whole", "UPDATE flags_override SET is_approved = false"),
    (
        "keep_once",
        "INSERT INTO flags_keep (flag_id, event_id, on_sale_at, reason, kept_at)"
        " SELECT flag_id, event_id, on_sale_at, reason, kept_at FROM flags_keep",
    ),
    ("keep_has_a_reason", "UPDATE flags_keep SET reason = ''"),
    (
        "change_is_signed",
        "INSERT INTO flags_change (at, by, what, flag, after, reason) VALUES (now(), '', 'x', 'x', '{}', '')",
    ),
    (
        "change_of_something",
        "INSERT INTO flags_change (at, by, what, flag, reason) VALUES (now(), 'ada', 'x', 'x', '')",
    ),
    ("override_to_one", "UPDATE flags_override SET event_id = NULL"),
    ("override_to_one", "UPDATE flags_override SET organiser_id = (SELECT max(id) FROM accounts_organiser)"),
    ("override_has_a_reason", "UPDATE flags_override SET reason = ''"),
    (
        "override_by_two",
        "UPDATE flags_override SET decided_by_id = asked_by_id, decided_at = now(), is_approved = true",
    ),
    ("override_decided_whole", "UPDATE flags_override SET is_approved = true"),
    ("override_decided_whole", "UPDATE flags_override SET decided_at = now(), is_approved = true"),
    (
        "keep_once",
        "INSERT INTO flags_keep (flag_id, event_id, on_sale_at, reason, kept_at)"
        " SELECT flag_id, event_id, on_sale_at, reason, kept_at FROM flags_keep",
    ),
    ("keep_has_a_reason", "UPDATE flags_keep SET reason = ''"),
]
RAISED_BY_TRIGGERS = {"flag_stage_step", "prerequisite_no_circle", "change_fixed"}
GUARDING_TRIGGERS = {
    ("flags_flag", "step"),
    ("flags_prerequisite", "no_circle"),
    ("flags_change", "fixed"),
    ("flags_flag", "audit"),
    ("flags_grant", "audit"),
    ("flags_prerequisite", "audit"),
}
# Not waffle's tables between flags, users and groups.
OURS = "conrelid::regclass::text ~ '^flags_(?!flag_)'"


@pytest.fixture
def world(db: None) -> None:
    """Two flags, one of which requires the other, with two grants of one of them; and one row of all else."""
    first, second = make_flag(kind=Kind.OPERATIONS, owner="", budget_ms=None), make_flag()
    event = make_event()
    make_grant(first, event)
    make_grant(first, make_event().organiser)
    Prerequisite.objects.create(flag=first, requires=second)
    Evidence.objects.create(
        flag=first, rehearsal="Rehearsal 4", commit="0123abc", ticket_types=5, requests_per_second=500, at=NOON
    )
    Hour.objects.create(flag=first, event=event, at=NOON)
    Keep.objects.create(flag=first, event=event, on_sale_at=NOON, reason="Proven.", kept_at=NOON)
    Override.objects.create(
        flag=first, event=event, reason="It must be.", refusal="Too large.", asked_by=make_user(), asked_at=NOON,
        open_until=NOON,
    )  # fmt: skip
    notices.write(about="a flag", to=["ada@example.com"], subject="Of a flag", body="It is on.", now=NOON)


def refusal_of(statement: str) -> str:
    """The name of the constraint that refuses a statement; fails if none does."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return str(cause.diag.constraint_name)


@pytest.mark.parametrize(("constraint", "statement"), REFUSED)
def test_database_refuses(world: None, constraint: str, statement: str) -> None:
    refused_by = refusal_of(statement)

    assert refused_by.replace("_uniq", "") == constraint


@pytest.mark.django_db
def test_every_constraint_is_shown_above() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT conname FROM pg_constraint WHERE {OURS} AND contype IN ('c', 'u', 'x')")  # noqa: S608  -- our own names
        found = {row[0] for row in cursor.fetchall()}

    assert found == {constraint for constraint, _ in REFUSED} - RAISED_BY_TRIGGERS


@pytest.mark.django_db
def test_every_guarding_trigger_is_shown_above() -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT tgrelid::regclass::text, tgname FROM pg_trigger
             WHERE tgrelid::regclass::text ~ '^flags_' AND NOT tgisinternal AND tgname NOT LIKE 'bump%'
        """)
        found = set(cursor.fetchall())

    assert found == GUARDING_TRIGGERS
