"""What an order asks of its event beyond its own query: flags and questions, from the copy of the event's pages."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import structlog
from django.db import Error

import flags
from events import facts, questions
from events.facts import EventFacts
from events.models import Event
from events.questions import QuestionFacts
from flags import registry
from kit.cache import Busy

log = structlog.stdlib.get_logger("checkout")


class EventFlags(Mapping[str, bool]):
    """The flags of an order's event, looked up when one is first asked for: in the copy that the event's own pages are
    made of, so without a query while that is fresh.

    Where there is no copy and none can be had, as of an event that is a draft again or while the database is busy, all
    are off: no flag stands between a buyer and an order.
    """

    def __init__(self, event: Event, now: datetime) -> None:
        self._event, self._now = event, now

    @cached_property
    def copy(self) -> EventFacts | None:
        """The copy that the event's own pages are made of, if there is one or can be."""
        try:
            return facts.find(self._event.organiser.slug, self._event.slug, now=self._now)
        except (Busy, Error) as fault:
            log.warning("flags not known", event_id=self._event.pk, fault=repr(fault))
            return None

    def questions(self) -> Sequence[QuestionFacts]:
        return self.copy.questions if self.copy else questions.of_event(self._event.pk)

    @cached_property
    def _answers(self) -> flags.Snapshot:
        return self.copy.flags if self.copy else dict.fromkeys(registry.declared(), False)

    def __getitem__(self, name: str) -> bool:
        return self._answers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)
