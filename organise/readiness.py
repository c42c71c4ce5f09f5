"""An event's readiness for its sale, line by line: what keeps it from being published, and what we would look at.

What blocks is judged where it is published (events/readiness.py); here each line has its words and where it is mended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q

from events import pictures, readiness
from events.models import Event, TicketType
from organise import words
from organise.queries import features
from surge.models import RehearsalRun, RunState
from surge.queries import differs

ALL_WELL: Final[dict[str, str]] = {
    "times": "It has a date that is still to come.",
    "tickets": "There is something to be sold.",
    "quotas": "Every quota that is drawn on has a capacity.",
    "payments": "Payments are connected, or nothing costs money.",
}
TITLES: Final[dict[str, str]] = {
    "times": "Date", "tickets": "Ticket types", "quotas": "Quotas", "payments": "Payments",
}  # fmt: skip
MENDED_AT: Final[dict[str, tuple[str, str]]] = {
    "times": ("edit/#id_local_starts_at", "Change the date"), "tickets": ("tickets/", "Ticket types"),
    "quotas": ("tickets/#quotas", "Quotas"), "payments": ("../-/money/", "Connect payments"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `look` is good, warn (advice) or bad (blocks publishing). `path` is where it is mended."""

    title: str
    look: str
    said: str
    path: str = ""
    link: str = ""

    @property
    def word(self) -> str:
        return {"good": "Done", "warn": "Look at this", "bad": "Missing"}[self.look]


def lines(event: Event, *, base: str, now: datetime) -> list[Line]:
    """All lines; `base` is where the event's own pages begin. About twenty queries, on a page that few open."""
    return [*_blocking(event, base, now), *_shown(event, base), *_endless(event, base), *_sale(event, base, now)]


def _blocking(event: Event, base: str, now: datetime) -> Iterable[Line]:
    missing = readiness.missing(event, now=now)
    for code in dict.fromkeys([*TITLES, *(reason.code for reason in missing)]):
        said = [reason.said for reason in missing if reason.code == code]
        noun, link = MENDED_AT.get(code, ("", ""))
        path = f"{base}{noun}" if noun else ""
        yield Line(TITLES.get(code, code), "bad" if said else "good", " ".join(said) or ALL_WELL[code], path, link)


def _shown(event: Event, base: str) -> Iterable[Line]:
    """What a page is poorer without."""
    bare = [name for name, is_there in (("a description", event.description), ("a venue", event.venue)) if not is_there]
    if bare:
        yield Line(
            "Page", "warn", f"The page has no {' and no '.join(name[2:] for name in bare)}.", f"{base}edit/", "Edit"
        )
    else:
        yield Line("Page", "good", "It has a description and a venue.")
    if pictures.shown(event) is None:
        said = "The page has no picture, and what others post of it shows none."
        yield Line("Picture", "warn", said, f"{base}picture/", "Add one")
    else:
        yield Line("Picture", "good", "It has a picture.")


def _endless(event: Event, base: str) -> Iterable[Line]:
    """Ticket types that never run out: on purpose, or forgotten."""
    listed = TicketType.objects.filter(event=event, is_hidden=False).annotate(drawn=Count("draws"))
    names = list(listed.filter(drawn=0).values_list("name", flat=True)[:5])
    if names:
        named = ", ".join(f"“{name}”" for name in names)
        yield Line(
            "Endless tickets",
            "warn",
            f"Without a quota these never run out: {named}.",
            f"{base}tickets/",
            "Ticket types",
        )


def _sale(event: Event, base: str, now: datetime) -> Iterable[Line]:
    """What matters where an on-sale is ahead: rehearsed, and nothing on that is not proven."""
    ahead = features.next_on_sale_at(event, now=now)
    if ahead is not None:
        run = RehearsalRun.objects.filter(event=event).exclude(state=RunState.RUNNING).order_by("-pk").first()
        if run is None:
            said, look = "It has not been rehearsed. If you expect a crowd, ask us a week ahead.", "warn"
        else:
            told = words.rehearsal(run, differs(run, now=now), zone=event.zone)
            said, look = f"{told.verdict} {told.stale}".strip(), "warn" if told.stale else told.look
            look = "warn" if look == "bad" else look
        yield Line("Rehearsal", look, said, f"{base}rehearsals/", "Rehearsals")
    tried = features.features(event, now=now).tried
    if tried:
        named = "; ".join(standing.flag.purpose or standing.name for standing in tried)
        yield Line("Features", "warn", f"On, and not everyone's yet: {named}", f"{base}flags/", "Features")
    else:
        yield Line("Features", "good", "Nothing is on that has not been proven.")


def openings(event: Event, *, now: datetime) -> list[TicketType]:
    """The ticket types of which the sale opens or ends at a time of its own, by that time."""
    timed = TicketType.objects.filter(event=event, is_hidden=False)
    timed = timed.filter(Q(sale_starts_at__isnull=False) | Q(sale_ends_at__isnull=False))
    return list(timed.order_by("sale_starts_at", "position", "id")[:50])
