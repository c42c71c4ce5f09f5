"""Public pages as finished bytes: the same for every visitor, so rendered once and kept.

process (bytes, a second) → Redis (the ticket listing, by version and phase) → Postgres. A warm page makes no
query and no Redis call.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from events import facts, listing
from events.facts import EventFacts
from events.listing import Listing
from events.models import TicketType
from events.queries import event_cards, organiser_cards
from events.summary import summarise
from kit.cache import ProcessLayer, get_or_build
from kit.http import Page

FRAGMENT_SECONDS = 3600

_process: ProcessLayer[Page] = ProcessLayer(most=512)


def forget() -> None:
    """Empties this process's copies."""
    _process.clear()


def event_page(organiser_slug: str, event_slug: str, *, now: datetime, secret: str = "") -> Page | None:
    """The event page, or None when there is no such event or the secret link opens nothing."""
    return _event_bytes("events/event.html", organiser_slug, event_slug, now=now, secret=secret)


def tickets_fragment(organiser_slug: str, event_slug: str, *, now: datetime, secret: str = "") -> Page | None:
    """The ticket listing alone, for the page that swaps it in when a sale opens."""
    return _event_bytes("", organiser_slug, event_slug, now=now, secret=secret)


def organiser_page(slug: str, *, now: datetime) -> Page | None:
    """An organiser's events, or None."""
    return _kept(f"organiser:{slug}", lambda: _render("events/organiser.html", organiser_cards(slug, now=now)))


def front_page(*, now: datetime) -> Page | None:
    """What is coming up, over all organisers."""
    return _kept("front", lambda: _render("events/front.html", event_cards(now=now)))


def listing_of(event: EventFacts, *, now: datetime, secret: str = "") -> Listing | None:
    """The rendered listing from Redis, built on a miss with one query. None for a secret link that opens nothing."""
    flags = blake2b(repr(sorted(event.flags.items())).encode(), digest_size=6).hexdigest()
    key = (
        f"ev:{event.id}:v{event.version}:p{event.phase(now)}:listing:{listing.LAYOUT}:{settings.LANGUAGE_CODE}:{flags}"
    )
    if not secret:
        return get_or_build(key, lambda: _listing(event, now, ""), seconds=FRAGMENT_SECONDS)
    if not TicketType.objects.filter(event_id=event.id, secret=True, secret_key=secret).exists():
        return None
    return get_or_build(f"{key}:{secret}", lambda: _listing(event, now, secret), seconds=FRAGMENT_SECONDS)


def _listing(event: EventFacts, now: datetime, secret: str) -> Listing:
    rows = listing.rows_of(event, now=now, secret=secret)
    summary = summarise(event, rows)
    html = render_to_string(
        "events/_listing.html",
        {
            "event": event,
            "secret": secret,
            "groups": listing.groups_of(rows),
            "has_buyable": any(row.is_buyable for row in rows),
            "listing": summary,
            "server_now": now,
        },
    )
    return Listing(mark_safe(html), summary)  # noqa: S308  -- a rendered template


def _event_bytes(template: str, organiser_slug: str, event_slug: str, *, now: datetime, secret: str) -> Page | None:
    key = f"{template}:{organiser_slug}/{event_slug}:{secret}"
    if page := _process.get(key):
        return page
    event = facts.find(organiser_slug, event_slug, now=now)
    found = listing_of(event, now=now, secret=secret) if event else None
    if event is None or found is None:
        return None
    context = {"event": event, "listing": found.summary, "listing_html": found.html, "server_now": now}
    page = Page.of(render_to_string(template, context) if template else found.html)
    seconds = min(settings.EVENT_FACTS_SECONDS, event.seconds_of_phase_left(now))
    _process.put(key, page, seconds=seconds)
    return page


def _kept(key: str, build: Callable[[], Page | None]) -> Page | None:
    page = _process.get(key)
    if page is None:
        page = get_or_build(f"page:{listing.LAYOUT}:{key}", build, seconds=settings.EVENT_FACTS_SECONDS)
        if page:
            _process.put(key, page, seconds=settings.EVENT_FACTS_SECONDS)
    return page


def _render(template: str, context: dict[str, Any] | None) -> Page | None:
    return None if context is None else Page.of(render_to_string(template, context))
