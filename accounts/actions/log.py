"""The audit log: writes a line, in the transaction of what it tells of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from accounts.models import LogEntry, Organiser
from accounts.models.log import MOST_SAID

SYSTEM: Final = "the system"


def record(  # noqa: PLR0913  -- a line of a log has that many facts
    *,
    organiser: Organiser,
    kind: str,
    said: str,
    now: datetime,
    by: Any = None,
    event: Any = None,
    details: Mapping[str, Any] | None = None,
) -> LogEntry:
    """Add a line: `kind` is a noun and what became of it ("quota-changed"), `said` a sentence for people.

    `by` is a user, or None for the system; `event` one of the organiser's, if it is about one. A sentence that is too
    long is cut; whatever must not be lost goes into `details`, which no secret may be in.
    """
    return LogEntry.objects.create(
        organiser=organiser,
        event_id=event.pk if event else None,
        event_title=event.title if event else "",
        at=now,
        by_id=by.pk if by else None,
        by=by.get_full_name()[:200] if by else SYSTEM,
        kind=kind,
        said=said if len(said) <= MOST_SAID else f"{said[: MOST_SAID - 1]}…",
        details=dict(details or {}),
    )
