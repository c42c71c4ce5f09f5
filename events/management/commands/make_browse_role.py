"""`manage.py make_browse_role`: the database role of the public pages, as BROWSE_DATABASE_URL names it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

MOST_CONNECTIONS = 50
# What a public page may know of. No table with a buyer, a password or an address in it.
TABLES = (
    "accounts_organiser", "events_event", "events_tickettype", "events_quota", "events_draw", "events_stock",
    "flags_flag", "flags_grant", "flags_prerequisite",
)  # fmt: skip
SETTINGS = {"statement_timeout": "500ms", "default_transaction_read_only": "on", "lock_timeout": "200ms"}


class Command(BaseCommand):
    help = "Makes the role that BROWSE_DATABASE_URL names, or brings it up to date: it may read, briefly, and no more."

    def handle(self, *args: Any, **options: Any) -> None:
        own, browse = settings.DATABASES["default"], settings.DATABASES.get("browse", settings.DATABASES["default"])
        if browse["USER"] == own["USER"]:
            raise CommandError("BROWSE_DATABASE_URL names no role of its own.")
        role = sql.Identifier(browse["USER"])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [browse["USER"]])
            verb = sql.SQL("ALTER ROLE" if cursor.fetchone() else "CREATE ROLE")
            for statement in _statements(verb, role, password=browse["PASSWORD"]):
                cursor.execute(statement.as_string(cursor.connection))
        self.stdout.write(f"{browse['USER']} may read what the public pages show, for half a second at a time.")


def _statements(verb: sql.SQL, role: sql.Identifier, *, password: str) -> list[sql.Composed]:
    """What makes the role; each may be run again."""
    tables = sql.SQL(", ").join(sql.Identifier(table) for table in TABLES)
    can = sql.SQL("{} {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT {} PASSWORD {}")
    return [
        can.format(verb, role, sql.Literal(MOST_CONNECTIONS), sql.Literal(password)),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        sql.SQL("GRANT SELECT ON {} TO {}").format(tables, role),
        *(
            sql.SQL("ALTER ROLE {} SET {} TO {}").format(role, sql.Identifier(name), sql.Literal(value))
            for name, value in SETTINGS.items()
        ),
    ]
