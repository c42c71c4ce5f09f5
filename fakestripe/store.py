"""What the fake Stripe remembers: tables of objects under one lock, kept in a file if so asked."""

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

from fakestripe.objects import Json

TABLES = ("sessions", "payment_intents", "charges", "refunds", "events", "deliveries", "keys", "webhook_endpoints")
FILE = "fakestripe.json"
NEVER = float("inf")


class Store:
    """Tables of JSON objects by id, in the order in which they were made.

    Read and write inside `transaction()`. The courier sleeps on `lock`; `changed()` wakes it.
    """

    def __init__(self, directory: Path | None) -> None:
        self.lock = threading.Condition()
        self.path = directory / FILE if directory else None
        self.holding = False
        self.due_at = NEVER
        self._version = self._saved = 0
        self._saving = threading.Lock()
        self.tables: dict[str, dict[str, Json]] = {name: {} for name in TABLES}
        if self.path and self.path.exists():
            self.tables |= json.loads(self.path.read_text())
            self.due_at = 0.0
        elif directory:
            directory.mkdir(parents=True, exist_ok=True)

    def __getitem__(self, table: str) -> dict[str, Json]:
        return self.tables[table]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock, then (lock given back) write what changed. Not to be nested."""
        try:
            with self.lock:
                yield
        finally:
            self._save()

    def put(self, table: str, record: Json) -> Json:
        """Add a new object, or note that one has changed."""
        self.tables[table][record["id"]] = record
        self.changed()
        return record

    def changed(self) -> None:
        """Say that something changed: it will be saved, and the courier looks again."""
        self._version += 1
        self.lock.notify_all()

    def wake_by(self, moment: float) -> None:
        """A session has something to do at this moment of the fake's clock (seconds since the epoch)."""
        self.due_at = min(self.due_at, moment)

    def clear(self) -> None:
        """Forget everything, held webhooks included."""
        for table in self.tables.values():
            table.clear()
        self.holding, self.due_at = False, NEVER
        self.changed()

    def _save(self) -> None:
        """Write the state beside the file and swap it in; who waited finds its change already written."""
        if self.path is None:
            return
        with self._saving:
            with self.lock:
                if self._version == self._saved:
                    return
                text, version = json.dumps(self.tables), self._version
            draft = self.path.with_suffix(".draft")
            draft.write_text(text)
            draft.replace(self.path)
            self._saved = version
