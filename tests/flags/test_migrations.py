"""A database from before flags had a life: what was on stays on, what was off stays off, grants stay as they were."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from flags.models import Change, Flag, Grant, Stage
from flags.queries import snapshot
from tests.flags.makers import NOON
from tests.plans.world import _maintain, _quoted, _swap

BEFORE = [("flags", "0002_indexes"), ("events", "0004_indexes")]

OLD = """
    INSERT INTO accounts_organiser (id, slug, name, contact_email, created_at)
    VALUES (1, 'fair', 'Fair', 'help@example.com', now());
    INSERT INTO events_event (id, organiser_id, slug, title, description, venue, timezone, local_starts_at,
                              local_ends_at, currency, state, hold_minutes, accent, version, created_at)
    SELECT n, 1, 'event-' || n, 'Event', '', '', 'Europe/London', '2030-06-01 10:00', '2030-06-01 18:00', 'GBP', 'live',
           15, '#4338ca', 1, now() FROM generate_series(1, 2) AS n;
    INSERT INTO flags_flag (id, name, everyone, testing, superusers, staff, authenticated, languages, rollout, note,
                            created, modified)
    SELECT n, 'flag-' || n, (ARRAY[true, false, NULL])[n], false, true, false, false, '', false, '', now(), now()
      FROM generate_series(1, 3) AS n;
    INSERT INTO flags_grant (is_on, reason, created_at, expires_at, event_id, flag_id)
    VALUES (true, 'For good', now(), NULL, 1, 3), (false, 'For an hour', now(), '2030-05-01 13:00+00', 1, 1),
           (true, 'Over', now(), '2030-05-01 11:00+00', 1, 2);
"""


@pytest.fixture
def old_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """An empty database of its own, with the tables as they were then and rows in them."""
    with django_db_blocker.unblock():
        now_in = str(connection.settings_dict["NAME"])
        old = f"{now_in}_old"
        _swap(now_in)
        _maintain(f"DROP DATABASE IF EXISTS {_quoted(old)} WITH (FORCE)", f"CREATE DATABASE {_quoted(old)}")
        try:
            _swap(old)
            MigrationExecutor(connection).migrate(BEFORE)
            with connection.cursor() as cursor:
                cursor.connection.execute(OLD)  # as one string, as tests/plans/world.py does
            yield
        finally:
            _swap(now_in)
            _maintain(f"DROP DATABASE {_quoted(old)} WITH (FORCE)")


def test_old_flags_answer_as_they_did(old_database: None) -> None:
    executor = MigrationExecutor(connection)

    executor.migrate(executor.loader.graph.leaf_nodes())

    found = [snapshot(event_id, organiser_id=1, now=NOON) for event_id in (1, 2)]
    assert found == [
        {"flag-1": False, "flag-2": False, "flag-3": True}, {"flag-1": True, "flag-2": False, "flag-3": False},
    ]  # fmt: skip
    assert set(Flag.objects.values_list("stage", "is_killed", "is_declared")) == {(Stage.UNSTAGED, False, False)}
    assert Grant.objects.filter(organiser=None).count() == Grant.objects.count() == 3
    assert Change.objects.count() == 0
    Grant.objects.update(is_on=False)
    assert Change.objects.count() == 2
