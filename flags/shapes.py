"""An event's shape as flags look at it: how large it is, and when it goes on sale.

Flags import no room above them, so events are found through Django's registry.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Count, Min, Q

from flags.models.grants import Recipient
from kit.moments import moment_text

AHEAD: Final = timedelta(hours=48)  # how long before an on-sale nothing unproven is turned on any more
OF_AN_EVENT: Final = ("pk", "organiser_id", "title", "timezone", "organiser__contact_email")


@dataclass(frozen=True, slots=True)
class Shape:
    """One event. `ticket_types` counts all, secret ones too; `opens_at` is its first on-sale within 48 hours."""

    event_id: int
    organiser_id: int
    title: str
    timezone: str
    contact: str
    ticket_types: int
    opens_at: datetime | None

    def moment(self, at: datetime) -> str:
        """In words, as the clock at the venue shows it."""
        return moment_text(at.astimezone(ZoneInfo(self.timezone)))


@dataclass(frozen=True, slots=True)
class OnSale:
    """A moment at which something of an event goes on sale."""

    event: Shape
    at: datetime


def of(to: Recipient, *, now: datetime) -> list[Shape]:
    """The event; or those of the organiser that are not over, in the order of their numbers. One query."""
    return _shapes(_whose(to, now), now)


def on_sales(*, now: datetime, until: datetime) -> list[OnSale]:
    """The public on-sales of live events from now on, the next ones first. Two queries, however many there are.

    Not those of rehearsals, which are there to prove what is not proven.
    """
    found = list(
        _openings(now, until)
        .filter(secret=False, event__state="live", event__rehearsal_of=None)
        .order_by("sale_starts_at", "event")
        .values_list("event_id", "sale_starts_at")
        .distinct()
    )
    events = {one.event_id: one for one in _shapes(Q(pk__in={event_id for event_id, _ in found}), now)} if found else {}
    return [OnSale(events[event_id], at) for event_id, at in found if event_id in events]


def openings_of(to: Recipient, *, now: datetime) -> set[tuple[int, datetime]]:
    """Event and moment of each on-sale within 48 hours, those of drafts and secret ones too."""
    events = Q(event=to.event_id) if to.event_id else Q(event__organiser=to.organiser_id)
    return set(_openings(now, now + AHEAD).filter(events).order_by().values_list("event_id", "sale_starts_at"))


def _whose(to: Recipient, now: datetime) -> Q:
    return Q(pk=to.event_id) if to.event_id else Q(organiser=to.organiser_id, ends_at__gt=now)


def _shapes(which: Q, now: datetime) -> list[Shape]:
    # A closed event sells nothing any more; a draft may be live in a minute.
    soon = Q(ticket_types__sale_starts_at__gt=now, ticket_types__sale_starts_at__lte=now + AHEAD) & ~Q(state="closed")
    rows = (
        _model("Event").filter(which).order_by("pk").values_list(*OF_AN_EVENT)
        .annotate(size=Count("ticket_types"), opens_at=Min("ticket_types__sale_starts_at", filter=soon))
    )  # fmt: skip
    return [Shape(*row) for row in rows]


def _openings(now: datetime, until: datetime) -> Any:
    return _model("TicketType").filter(sale_starts_at__gt=now, sale_starts_at__lte=until)


def _model(name: str) -> Any:
    model: Any = apps.get_model("events", name)
    return model.objects
