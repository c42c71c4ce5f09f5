"""Public pages as finished bytes: the same for every visitor, so rendered once and kept.

process (bytes, until the event's mark changes) → Redis (the ticket listing, by version and phase) → Postgres. A warm
page makes no query and no Redis call; the old page is served while a new one is made, and when none can be.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, cast

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

import flags
from events import codes, facts, listing
from events.facts import EventFacts
from events.given import NOTHING, Given
from events.listing import Listing, ListingSummary, Row
from events.models import WaitingList
from events.queries import event_cards, organiser_cards
from events.summary import summarise
from kit.bulkheads import browsing
from kit.cache import Made, OldOnly, Shelf
from kit.http import Page
from kit.shared_copies import get_or_build, leave, left

LAYOUT: Final = 3  # raised when what a shared copy holds changes
FRAGMENT_SECONDS: Final = 3600.0
LIST_SECONDS: Final = 1.0
EVENT, TICKETS, AVAILABILITY = "events/event.html", "", "events/_availability.html"

_shelf: Shelf[Page | None] = Shelf("pages", most=256)
# Codes may be ten thousand, each with a page: theirs push no other out, and fill no Redis.
_of_codes: Shelf[Page | None] = Shelf("pages of codes", most=64)


def forget() -> None:
    """Empties this process's copies."""
    _shelf.forget()
    _of_codes.forget()
    codes.forget()


def event_page(organiser_slug: str, event_slug: str, *, now: datetime, given: Given = NOTHING) -> Page | None:
    """The event page, or None when there is no such event or the secret link opens nothing."""
    return _event_bytes(EVENT, organiser_slug, event_slug, now=now, given=given)


def tickets_fragment(organiser_slug: str, event_slug: str, *, now: datetime, given: Given = NOTHING) -> Page | None:
    """The ticket listing alone, for a page whose own has changed meanwhile."""
    return _event_bytes(TICKETS, organiser_slug, event_slug, now=now, given=given)


def availability_fragment(
    organiser_slug: str, event_slug: str, *, now: datetime, given: Given = NOTHING
) -> Page | None:
    """How the sale stands, in words, and the mark of the listing: small, and asked for by every open page."""
    return _event_bytes(AVAILABILITY, organiser_slug, event_slug, now=now, given=given)


def one_buyers_page(event: EventFacts, *, now: datetime, given: Given) -> str | None:
    """The event page for one visitor, with what they have chosen, made for this once."""
    found = _listing(event, now, given)
    return None if found is None else _text(EVENT, event, found, given)


def organiser_page(slug: str, *, now: datetime) -> Page | None:
    """An organiser's events, or None."""
    return _shared(f"organiser:{slug}", lambda: _render("events/organiser.html", organiser_cards(slug, now=now)))


def front_page(*, now: datetime) -> Page | None:
    """What is coming up, over all organisers."""
    return _shared("front", lambda: _render("events/front.html", event_cards(now=now)))


def listing_of(event: EventFacts, *, now: datetime, given: Given = NOTHING) -> Listing | None:
    """The rendered listing, from Redis where no code is given, built on a miss with one query. None for a secret link
    that opens nothing."""
    if given.code_text:
        return _listing(event, now, given)
    key = f"ev:{event.id}:{event.mark(now)}:listing:{listing.LAYOUT}:{settings.LANGUAGE_CODE}:{given.secret}"

    try:
        return get_or_build(key, lambda: _listing(event, now, given), seconds=FRAGMENT_SECONDS).value
    except OldOnly as found:  # of the same version, so it is as good as new
        return cast("Listing | None", found.value)


@browsing()
def _listing(event: EventFacts, now: datetime, given: Given) -> Listing | None:
    rows = listing.rows_of(event, now=now, given=given)
    if given.secret and not any(row.is_secret for row in rows):
        return None
    summary = summarise(event, rows)
    plain = [row.plain or row for row in rows]
    said = repr((plain, summarise(event, plain), event.url, event.currency, event.hold_minutes))
    mark = blake2b(said.encode(), digest_size=6).hexdigest()
    context = {
        "event": event, "given": given, "listing": summary, "mark": mark, "spread_ms": listing.SPREAD_MS,
        "groups": listing.groups_of(rows), "folded": listing.is_long(rows),
        "has_buyable": any(row.is_buyable for row in rows), **_of_code(event, given, rows),
        **({} if given.path else _waiting(event, summary)),
    }  # fmt: skip
    return Listing(mark_safe(render_to_string("events/_listing.html", context)), summary, mark)  # noqa: S308  -- a rendered template


def _of_code(event: EventFacts, given: Given, rows: Sequence[Row]) -> dict[str, Any]:
    """What the listing says of the code that applies, if any."""
    if given.code is None:
        return {}
    works = any(row.was_text or (row.is_secret and given.code.reveals_secret) for row in rows)
    return {"code_terms": given.code.terms_text(event.currency), "changes_any": works}


def may_wait(event: EventFacts, summary: ListingSummary) -> bool:
    """Whether the event's page offers its waiting list."""
    return summary.is_gone and not event.has_ended and flags.is_on("waiting-list", event)


def _waiting(event: EventFacts, summary: ListingSummary) -> dict[str, Any]:
    """What the listing says of the waiting list, if it offers it. One query then."""
    if not may_wait(event, summary):
        return {}
    with flags.region("waiting-list", event):
        return {"may_wait": True, "people_text": WaitingList.objects.people_text(event.id)}


def _event_bytes(template: str, organiser_slug: str, event_slug: str, *, now: datetime, given: Given) -> Page | None:
    event = facts.find(organiser_slug, event_slug, now=now)
    if event is None:
        return None
    key = f"{LAYOUT}:{template}:{organiser_slug}/{event_slug}:{given.secret}"

    def make(_old: Page | None) -> Made[Page | None]:
        page = _made(template, event.at(now), now, given)
        if page is not None and not given.code_text:
            leave(key, page.squeezed())
        return Made(page, FRAGMENT_SECONDS if page is not None else LIST_SECONDS)

    if given.code_text:
        return _of_codes.get(f"{key}:{given.code_text}", make, mark=f"{event.mark(now)}:{given.mark(now)}")
    return _shelf.get(key, make, mark=event.mark(now), elsewhere=lambda: Page.unsqueezed(left(key)))


def _made(template: str, event: EventFacts, now: datetime, given: Given) -> Page | None:
    found = listing_of(event, now=now, given=given)
    if found is None:
        return None
    changes_at = event.next_phase_at(now)
    text = _text(template, event, found, given) if template else found.html
    return Page.of(text, changes_at=changes_at.timestamp() if changes_at else None)


def _text(template: str, event: EventFacts, found: Listing, given: Given) -> str:
    context = {
        "event": event, "listing": found.summary, "listing_html": found.html, "mark": found.mark, "given": given,
    }  # fmt: skip
    return render_to_string(template, context)


def _shared(key: str, build: Callable[[], Page | None]) -> Page | None:
    """A page of many events, made once a second for all processes."""
    browse = browsing()(build)
    return _shelf.get(key, lambda _old: get_or_build(f"page:{LAYOUT}:{key}", browse, seconds=LIST_SECONDS))


def _render(template: str, context: dict[str, Any] | None) -> Page | None:
    return None if context is None else Page.of(render_to_string(template, context))
