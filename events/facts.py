"""EventFacts: what every page and the checkout need to know of an event, read once and cached.

A copy lives one second in this process and one in Redis, so it is at most two seconds old. A warm read
makes no query.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.utils.safestring import SafeString, mark_safe

from events.models import Event, TicketType
from events.models.events import EventQuerySet
from flags import Snapshot
from flags.queries import snapshot
from kit import moments
from kit.cache import ProcessLayer, get_or_build
from kit.markdown import to_html, to_summary

LAYOUT: Final = 1  # raised when the fields below change, so that a new release does not read old copies


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One event as its pages show it. Times are aware, in the event's zone."""

    id: int
    version: int
    slug: str
    title: str
    description: str
    venue: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    currency: str
    state: str
    accent: str
    hold_minutes: int
    organiser_slug: str
    organiser_name: str
    contact_email: str
    flags: Snapshot
    phase_times: tuple[datetime, ...]
    has_ended: bool

    @classmethod
    def of(cls, event: Event, *, flags: Snapshot, phase_times: tuple[datetime, ...], now: datetime) -> "EventFacts":
        zone = ZoneInfo(event.timezone)
        return cls(
            id=event.pk, version=event.version, slug=event.slug, title=event.title, description=event.description,
            venue=event.venue, timezone=event.timezone, starts_at=event.starts_at.astimezone(zone),
            ends_at=event.ends_at.astimezone(zone), currency=event.currency, state=event.state,
            accent=event.accent, hold_minutes=event.hold_minutes, organiser_slug=event.organiser.slug,
            organiser_name=event.organiser.name, contact_email=event.organiser.contact_email,
            flags=flags, phase_times=phase_times, has_ended=event.ends_at <= now,
        )  # fmt: skip

    @property
    def description_html(self) -> SafeString:
        return mark_safe(to_html(self.description))  # noqa: S308  -- cleaned by nh3

    @property
    def summary(self) -> str:
        return to_summary(self.description)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def when_text(self) -> str:
        return moments.span_text(self.starts_at, self.ends_at)

    @property
    def zone_text(self) -> str:
        return f"{self.starts_at.tzname()}, {self.timezone}"

    @property
    def accent_hex(self) -> str:
        return self.accent.removeprefix("#")

    @property
    def url(self) -> str:
        return f"/{self.organiser_slug}/{self.slug}/"

    @property
    def absolute_url(self) -> str:
        return f"{settings.SITE_URL}{self.url}"

    def phase(self, at: datetime) -> int:
        """How many sale windows have opened or closed by then: a new number is a new page."""
        return sum(moment <= at for moment in self.phase_times)

    def seconds_of_phase_left(self, at: datetime) -> float:
        """Until the next window opens or closes."""
        return min(
            ((moment - at).total_seconds() for moment in self.phase_times if moment > at),
            default=float("inf"),
        )


_process: ProcessLayer[EventFacts | None] = ProcessLayer(most=2048)


def find(organiser_slug: str, event_slug: str, *, now: datetime) -> EventFacts | None:
    """The facts of a live or closed event, or None. No query when warm, two when cold."""
    key = f"facts:{LAYOUT}:{organiser_slug}/{event_slug}"
    if (found := _process.get(key)) is None:
        seconds = settings.EVENT_FACTS_SECONDS
        found = get_or_build(key, _reader(organiser_slug, event_slug, now), seconds=seconds)
        _process.put(key, found, seconds=seconds)
    return found


def forget() -> None:
    """Empties this process's copies."""
    _process.clear()


def _reader(organiser_slug: str, event_slug: str, now: datetime) -> Callable[[], EventFacts | None]:
    def read() -> EventFacts | None:
        return of_one(Event.objects.public().filter(organiser__slug=organiser_slug, slug=event_slug), now=now)

    return read


def of_one(events: EventQuerySet, *, now: datetime) -> EventFacts | None:
    """The facts of the first of these events, or None; two queries, uncached."""
    windows = TicketType.objects.filter(event=OuterRef("pk")).order_by()
    event: Any = (
        events.select_related("organiser")
        .annotate(
            openings=ArraySubquery(windows.exclude(sale_starts_at=None).values(at=F("sale_starts_at")).distinct()),
            closings=ArraySubquery(windows.exclude(sale_ends_at=None).values(at=F("sale_ends_at")).distinct()),
        )
        .first()
    )
    if event is None:
        return None
    times = {moment.astimezone(UTC) for moment in (*event.openings, *event.closings)}
    return EventFacts.of(event, flags=snapshot(event.pk, now=now), phase_times=tuple(sorted(times)), now=now)
