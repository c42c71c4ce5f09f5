"""Counts what the servers were asked, on the servers themselves, without being counted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import redis

OWN_ROLE = "bench_observer"
READ = """
    SELECT calls, total_exec_time, query FROM pg_stat_statements
     WHERE userid <> %s::regrole AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
     ORDER BY calls DESC
"""
# How Postgres itself checks a deferred foreign key when a transaction commits.
OF_FOREIGN_KEYS = re.compile(r"^SELECT (1|\$\d+) FROM ONLY .* FOR KEY SHARE OF x$")
OF_TRANSACTIONS = re.compile(r"^(begin|start transaction|commit|rollback|savepoint|release)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its constants left out, and how often Postgres ran it."""

    calls: int
    milliseconds: float
    text: str

    @property
    def is_sent_by_a_client(self) -> bool:
        return not OF_FOREIGN_KEYS.match(self.text)

    @property
    def only_marks_a_transaction(self) -> bool:
        return bool(OF_TRANSACTIONS.match(self.text))


@dataclass(frozen=True, slots=True)
class Asked:
    """What both servers were asked since a reset."""

    statements: Sequence[Statement]
    commands: int

    @property
    def with_transactions(self) -> int:
        """Statements sent by clients; what a function or Postgres itself runs does not count."""
        return sum(one.calls for one in self.statements if one.is_sent_by_a_client)

    @property
    def without_transactions(self) -> int:
        """The same without BEGIN, COMMIT and their like."""
        marks = sum(one.calls for one in self.statements if one.only_marks_a_transaction)
        return self.with_transactions - marks


class Observer:
    """A connection to each server. Its statements run under a role of its own, which the counts leave out."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._database = psycopg.connect(database_url, autocommit=True)
        self._redis = redis.Redis.from_url(redis_url)
        self._database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self._database.execute(f"CREATE ROLE {OWN_ROLE} SUPERUSER")
        self._database.execute(f"SET ROLE {OWN_ROLE}")
        self._commands_before = 0

    @property
    def backend(self) -> int:
        """The process that serves it."""
        return self._database.info.backend_pid

    def reset(self) -> None:
        self._database.execute("SELECT pg_stat_statements_reset()")
        self._commands_before = self._commands()

    def asked(self) -> Asked:
        rows = self._database.execute(READ, [OWN_ROLE]).fetchall()
        return Asked([Statement(*row) for row in rows], self._commands() - self._commands_before - 1)

    def unsent_mail(self) -> int:
        row = self._database.execute("SELECT count(*) FROM checkout_mail WHERE sent_at IS NULL").fetchone()
        return int(row[0]) if row else 0

    def empty_the_cache(self) -> None:
        self._redis.flushall()

    def close(self) -> None:
        self._database.close()
        self._redis.close()

    def _commands(self) -> int:
        """Counts itself, once."""
        return int(self._redis.info("stats")["total_commands_processed"])
