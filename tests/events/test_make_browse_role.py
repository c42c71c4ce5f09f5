"""The public pages' role: what it may read, that it may be made again, also by an account that is no superuser."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import errors, sql

from events.management.commands.make_browse_role import TABLES

ROLE, PASSWORD = "tests_browse", "tests-only"
COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings that name the role; it is gone at the end."""
    own = settings.DATABASES["default"]
    monkeypatch.setitem(settings.DATABASES, "browse", {**own, "USER": ROLE, "PASSWORD": PASSWORD})
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


def as_role() -> psycopg.Connection:
    own = connection.settings_dict
    return psycopg.connect(host=own["HOST"], port=own["PORT"], user=ROLE, password=PASSWORD, dbname=own["NAME"])


@COMMITTED
def test_role_reads_what_pages_show_and_nothing_else(named: None) -> None:
    call_command("make_browse_role")
    call_command("make_browse_role")

    with as_role() as session:
        for table in TABLES:
            session.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        assert session.execute("SHOW statement_timeout").fetchone() == ("500ms",)
    for statement in (
        "SELECT * FROM accounts_user",
        "SELECT * FROM checkout_order",
        "UPDATE events_event SET title = ''",
    ):
        with as_role() as session, pytest.raises((errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)):
            session.execute(statement)


@COMMITTED
def test_role_can_be_made_again_by_whoever_made_it(named: None) -> None:
    """An account that may make roles and is no superuser may not say again what a role may not do."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE tests_maker CREATEROLE")
        cursor.execute("GRANT USAGE ON SCHEMA public TO tests_maker WITH GRANT OPTION")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO tests_maker WITH GRANT OPTION")
        cursor.execute("SET ROLE tests_maker")
    try:
        call_command("make_browse_role")
        call_command("make_browse_role")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY tests_maker CASCADE")
            cursor.execute("DROP ROLE tests_maker")


@pytest.mark.django_db
def test_role_must_have_a_name_of_its_own() -> None:
    with pytest.raises(CommandError, match="no role of its own"):
        call_command("make_browse_role")
