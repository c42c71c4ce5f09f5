"""The flags of an order's event, asked for only when somebody asks for one.

The answers are those that the event's own pages have (events/facts.py): warm they cost nothing, cold two queries. Where
they cannot be had every flag is off: whoever buys goes on as if there were none.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property

import structlog
from django.db import DatabaseError

from events import facts
from events.models import Event
from flags import Snapshot
from kit.cache import Busy

log = structlog.stdlib.get_logger("flags")


class OrderFlags(Mapping[str, bool]):
    """What `flags.is_on` looks into."""

    def __init__(self, event: Event, *, now: datetime) -> None:
        self._event, self._now = event, now

    def __getitem__(self, name: str) -> bool:
        return self._answers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    @cached_property
    def _answers(self) -> Snapshot:
        try:
            found = facts.find(self._event.organiser.slug, self._event.slug, now=self._now)
        except (Busy, DatabaseError) as fault:
            log.warning("order without its flags", event_id=self._event.pk, fault=repr(fault))
            found = None
        return found.flags if found else {}
