"""What Postgres really did: each statement with its plan, those inside functions and triggers too."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from psycopg.errors import Diagnostic

# auto_explain is told of every statement as it ends, with the plan it had and the rows that went through each node.
# Loaded into this session alone, it needs no setting of the server's.
SETTINGS: Final = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "auto_explain.log_parameter_max_length": "0",
    "client_min_messages": "log",
    "track_functions": "all",
}


# Postgres ends a statement, and tells of it, when the next takes its portal. So this is sent when the place changes.
TURN: Final = "SELECT 'the place changes'"


@dataclass(frozen=True)
class Statement:
    """One statement as it was executed. `place` is the route, duty or act that asked it."""

    place: str
    text: str
    plan: dict[str, Any]


@dataclass
class Watch:
    """Collects statements, under the name of the place that is being visited; of no place, none."""

    place: str = ""
    statements: list[Statement] = field(default_factory=list)

    def hear(self, notice: Diagnostic) -> None:
        message = notice.message_primary or ""
        if not (self.place and message.startswith("duration:")):
            return
        said = json.loads(message[message.index("{") :])
        if said["Query Text"] == TURN:
            return
        self.statements.append(Statement(self.place, " ".join(said["Query Text"].split()), said["Plan"]))

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Whatever is asked meanwhile, `place` has asked."""
        before = self.place
        self._turn_to(place)
        yield
        self._turn_to(before)

    def _turn_to(self, place: str) -> None:
        with connection.cursor() as cursor:
            cursor.connection.execute(TURN)
        self.place = place

    def places(self) -> set[str]:
        return {statement.place for statement in self.statements}


@contextmanager
def watching() -> Iterator[Watch]:
    """Watches this thread's connection, which must stay the same: so inside a transaction."""
    assert connection.in_atomic_block
    watch = Watch()
    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'")
        for name, setting in SETTINGS.items():
            cursor.execute(f"SET LOCAL {name} = '{setting}'")
        driver = cursor.connection
    driver.add_notice_handler(watch.hear)
    try:
        yield watch
    finally:
        driver.remove_notice_handler(watch.hear)
