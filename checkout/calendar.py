"""The event as a calendar file (RFC 5545): attached to mail, and linked from order and ticket pages."""

from datetime import date, datetime
from functools import lru_cache
from typing import Final, Protocol

from icalendar import Calendar, Event, Timezone, vCalAddress

ENTRY: Final = b"BEGIN:VEVENT\r\n"


class CalendarEvent(Protocol):
    """What a calendar needs of an event. Times are aware, in the event's own zone."""

    @property
    def title(self) -> str: ...
    @property
    def venue(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def organiser_name(self) -> str: ...
    @property
    def contact_email(self) -> str: ...
    @property
    def absolute_url(self) -> str: ...
    @property
    def is_test(self) -> bool: ...


def event_calendar(event: CalendarEvent, *, order_url: str, uid: str, now: datetime) -> bytes:
    """A complete calendar file with one entry, lines ended by CRLF and folded at 75 bytes.

    `order_url` is the absolute link to the order or to one ticket. `uid` must be the same each time the file
    is made for that order or ticket: a calendar then replaces the entry and does not add a second. `now` is
    when the file is made; the newer of two files with one `uid` wins.
    """
    entry = Event.new(
        uid=uid,
        stamp=now,
        start=event.starts_at,
        end=event.ends_at,
        summary=f"[Test] {event.title}" if event.is_test else event.title,
        location=event.venue or None,
        description=f"Your tickets: {order_url}\nThe event: {event.absolute_url}",
        url=order_url,
        organizer=_organizer(event),
    )
    entry.add("STATUS", "CONFIRMED")
    calendar = Calendar.new(method="PUBLISH", prodid="-//Tito//Tickets//EN", uid=uid, subcomponents=[entry])
    years = event.starts_at.year - 1, event.ends_at.year + 1
    zones = b"".join(_zone(name, *years) for name in sorted(calendar.get_missing_tzids()))
    head, begin, rest = bytes(calendar.to_ical()).partition(ENTRY)
    return head + zones + begin + rest


@lru_cache(maxsize=256)
def _zone(name: str, first_year: int, last_year: int) -> bytes:
    """A time zone's rules as they stand before the entry, or nothing for a zone that is not known.

    Kept, since finding them takes longer than all the rest. Only the years around the event: all since 1970 is ten
    times the bytes, for nothing.
    """
    try:
        rules = Timezone.from_tzid(name, first_date=date(first_year, 1, 1), last_date=date(last_year, 12, 31))
    except ValueError:
        return b""
    return bytes(rules.to_ical())


def _organizer(event: CalendarEvent) -> vCalAddress | None:
    """The organiser, who in a calendar is an e-mail address with a name; None when no address is known."""
    return vCalAddress.new(event.contact_email, cn=event.organiser_name) if event.contact_email else None
