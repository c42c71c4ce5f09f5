"""`manage.py make_browse_role`: the database role of the public pages, as BROWSE_DATABASE_URL names it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

# What a public page may know of. No table with a buyer, a password or an address in it.
TABLES = (
    "accounts_organiser", "events_event", "events_tickettype", "events_quota", "events_draw", "events_stock",
    "events_waitinglist", "events_picture", "events_image", "events_question", "events_questionversion",
    "events_questiontarget", "events_code", "events_codeuse", "flags_flag", "flags_grant", "flags_prerequisite",
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
            for statement in _statements(role, password=browse["PASSWORD"], is_new=cursor.fetchone() is None):
                cursor.execute(statement.as_string(cursor.connection))
        self.stdout.write(f"{browse['USER']} may read what the public pages show, for half a second at a time.")


def _statements(role: sql.Identifier, *, password: str, is_new: bool) -> list[sql.Composed]:
    """What makes the role, or brings it up to date. A new role may do nothing by itself, and only a superuser may say
    so of one that exists."""
    tables = sql.SQL(", ").join(sql.Identifier(table) for table in TABLES)
    return [
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            sql.SQL("CREATE" if is_new else "ALTER"), role, sql.Literal(password)
        ),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        sql.SQL("GRANT SELECT ON {} TO {}").format(tables, role),
        *(
            sql.SQL("ALTER ROLE {} SET {} TO {}").format(role, sql.Identifier(name), sql.Literal(value))
            for name, value in SETTINGS.items()
        ),
    ]
