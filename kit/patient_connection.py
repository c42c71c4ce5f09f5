"""Connections to Postgres that wait for an answer only so long, and notice at once that the server has hung up.

Postgres ends a statement that takes too long by itself (statement_timeout), but a server that is silent, because it
hangs or the network does, ends nothing: the thread would wait for ever. And after Postgres was started anew every pool
is full of connections that are dead without knowing it: each would cost a visitor an error.
"""

import select
from typing import Any, Final

import psycopg
from psycopg.errors import OperationalError

CHECK: Final = ""  # what psycopg_pool sends before it hands a connection out


class ServerSilent(OperationalError):
    """Postgres has not answered for longer than anybody waits."""


class PatientConnection(psycopg.Connection[Any]):
    """Waits `patience` seconds for each answer; the connection is of no use afterwards."""

    patience: float

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as silence:  # noqa: SLF001  -- psycopg has no other name for it
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise ServerSilent(f"no answer within {self.patience} s") from silence

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """The pool's question whether the server is still there is answered by a look at the socket: what can be read
        from an idle connection is its end, or a notice of it."""
        if query == CHECK and not args and not kwargs:
            look = select.poll()
            look.register(self.pgconn.socket, select.POLLIN | select.POLLHUP)
            if not look.poll(0):
                return None
        return super().execute(query, *args, **kwargs)


def patient(seconds: float) -> type[PatientConnection]:
    """The class of connections that wait so long."""
    return type("PatientConnection", (PatientConnection,), {"patience": seconds})
