"""SQL that lives in files: read for migrations, and called for its rows."""

import json
from pathlib import Path
from typing import Any

from django.db import connection, migrations

ROOT = Path(__file__).resolve().parents[1]


def read(room: str, name: str) -> str:
    """The text of `<room>/sql/<name>.sql`."""
    return (ROOT / room / "sql" / f"{name}.sql").read_text()


def install(room: str, name: str, *, undo: str = migrations.RunSQL.noop) -> migrations.RunSQL:
    """A migration step that runs `<room>/sql/<name>.sql`, which must be safe to run again."""
    return migrations.RunSQL(read(room, name), undo)


def value(statement: str, arguments: tuple[Any, ...]) -> Any:
    """The one value that `statement` answers; jsonb comes as Python values, no row as None.

    A statement whose text is the same at each call is planned once per connection.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        row = cursor.fetchone()
    answer = row[0] if row else None
    return json.loads(answer) if isinstance(answer, str) and answer[:1] in {"{", "["} else answer


def let_connection_go() -> None:
    """Give this thread's connection back before speaking to the outside, so that nobody waits for one meanwhile.

    Inside a transaction it has to stay; our acts speak to the outside only between transactions.
    """
    if not connection.in_atomic_block:
        connection.close()
