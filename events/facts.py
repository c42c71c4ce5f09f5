"""EventFacts: what every page and the checkout need to know of an event, read once and cached.

A copy is fresh for a second, in Redis and in this process; when Postgres cannot say anything new, the old copy stays in
service. A warm read makes no query.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef
from django.utils.safestring import SafeString, mark_safe

from events import pictures, questions
from events.models import Code, Event, TicketType
from events.models.events import EventQuerySet
from events.questions import QuestionFacts
from flags import Snapshot
from flags.queries import snapshot
from kit import moments
from kit.bulkheads import browsing
from kit.cache import Shelf
from kit.markdown import to_html, to_summary
from kit.shared_copies import get_or_build

LAYOUT: Final = 4  # raised when the fields below change, so that a new release does not read old copies


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
    flags_mark: str
    phase_times: tuple[datetime, ...]
    has_ended: bool
    is_rehearsal: bool
    is_test: bool
    refund_policy: str
    has_codes: bool
    picture: pictures.Shown | None
    questions: tuple[QuestionFacts, ...] = ()

    @classmethod
    def of(
        cls, event: Event, *, flags: Snapshot, phase_times: tuple[datetime, ...], now: datetime,
        has_texts: bool = True, picture: pictures.Shown | None = None,
    ) -> "EventFacts":  # fmt: skip
        """What is known of an event; without its long texts where it was read without them. Its `picture` is given
        where it is shown: orders' pages do without."""
        zone = ZoneInfo(event.timezone)
        return cls(
            id=event.pk, version=event.version, slug=event.slug, title=event.title,
            description=event.description if has_texts else "",
            venue=event.venue, timezone=event.timezone, starts_at=event.starts_at.astimezone(zone),
            ends_at=event.ends_at.astimezone(zone), currency=event.currency, state=event.state,
            accent=event.accent, hold_minutes=event.hold_minutes, organiser_slug=event.organiser.slug,
            organiser_name=event.organiser.name, contact_email=event.organiser.contact_email,
            flags=flags, flags_mark=_mark_of(flags) if flags else "", phase_times=phase_times,
            has_ended=event.ends_at <= now, is_rehearsal=event.is_rehearsal, is_test=event.is_test,
            refund_policy=event.refund_policy or event.organiser.refund_policy if has_texts else "",
            has_codes=getattr(event, "has_codes", False),
            picture=picture,
        )  # fmt: skip

    @property
    def description_html(self) -> SafeString:
        return mark_safe(to_html(self.description))  # noqa: S308  -- cleaned by nh3

    @property
    def refund_policy_html(self) -> SafeString:
        return mark_safe(to_html(self.refund_policy))  # noqa: S308  -- cleaned by nh3

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

    def at(self, now: datetime) -> "EventFacts":
        """The same at another moment: the event may have ended since it was read."""
        return replace(self, has_ended=self.ends_at <= now)

    def phase(self, at: datetime) -> int:
        """How many sale windows have opened or closed by then, and the event with them: a new number is a new page."""
        return sum(moment <= at for moment in self.phase_times)

    def next_phase_at(self, at: datetime) -> datetime | None:
        """When the next window opens or closes, or the event ends."""
        return min((moment for moment in self.phase_times if moment > at), default=None)

    def mark(self, at: datetime) -> str:
        """Names all that its pages depend on: pages with the same mark are the same."""
        return f"v{self.version}:p{self.phase(at)}:{self.flags_mark}"


_shelf: Shelf[EventFacts | None] = Shelf("facts", most=2048)


def find(organiser_slug: str, event_slug: str, *, now: datetime) -> EventFacts | None:
    """The facts of a live or closed event, or None. No query when warm, two when cold.

    Raises cache.Busy when there is no copy yet and the database does not answer in time.
    """
    key = f"facts:{LAYOUT}:{organiser_slug}/{event_slug}"

    @browsing()
    def read() -> EventFacts | None:
        return of_one(Event.objects.public().filter(organiser__slug=organiser_slug, slug=event_slug), now=now)

    return _shelf.get(key, lambda _old: get_or_build(key, read, seconds=settings.EVENT_FACTS_SECONDS))


def forget() -> None:
    """Empties this process's copies."""
    _shelf.forget()


def of_one(events: EventQuerySet, *, now: datetime) -> EventFacts | None:
    """The facts of the first of these events, or None; two queries, uncached, and one more if it asks questions."""
    windows = TicketType.objects.filter(event=OuterRef("pk"), is_hidden=False).order_by()
    event: Any = (
        events.select_related("organiser", "picture")
        .annotate(
            openings=ArraySubquery(windows.exclude(sale_starts_at=None).values(at=F("sale_starts_at")).distinct()),
            closings=ArraySubquery(windows.exclude(sale_ends_at=None).values(at=F("sale_ends_at")).distinct()),
            has_codes=Exists(Code.objects.filter(event=OuterRef("pk"), is_on=True)),
        )
        .first()
    )
    if event is None:
        return None
    times = {moment.astimezone(UTC) for moment in (*event.openings, *event.closings, event.ends_at)}
    flags = snapshot(event.pk, organiser_id=event.organiser_id, now=now)
    known = EventFacts.of(event, flags=flags, phase_times=tuple(sorted(times)), now=now, picture=pictures.shown(event))
    return replace(known, questions=questions.of_event(event.pk)) if event.question_count else known


def _mark_of(flags: Snapshot) -> str:
    return blake2b(repr(sorted(flags.items())).encode(), digest_size=6).hexdigest()
