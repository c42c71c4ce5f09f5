"""The calendar file, parsed back by the library and checked byte by byte where calendars are strict."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest

from checkout import calendar

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
ORDER_URL = "https://tickets.example/orders/abc/"
UID = "order-abc@tickets.example"


@dataclass(frozen=True)
class Facts:
    title: str = "EMF; the camp, 2024\nwith a tent"
    venue: str = "Eastnor, Herefordshire"
    starts_at: datetime = datetime(2024, 5, 30, 10, tzinfo=LONDON)
    ends_at: datetime = datetime(2024, 6, 2, 22, tzinfo=LONDON)
    organiser_name: str = "Electromagnetic Field"
    contact_email: str = "help@emf.example"
    absolute_url: str = "https://tickets.example/emf/emf-2024/"
    is_test: bool = False


def made(event: Facts) -> bytes:
    return calendar.event_calendar(event, order_url=ORDER_URL, uid=UID, now=NOW)


def entry(event: Facts) -> icalendar.Event:
    (only,) = icalendar.Calendar.from_ical(made(event)).events
    return only


def test_event_calendar_reads_back_as_the_event() -> None:
    event = Facts()

    read = entry(event)

    assert read["SUMMARY"] == event.title
    assert read["LOCATION"] == event.venue
    assert read["URL"] == ORDER_URL
    assert read["DESCRIPTION"] == f"Your tickets: {ORDER_URL}\nThe event: {event.absolute_url}"
    assert (read.start, read.end, read.DTSTAMP) == (event.starts_at, event.ends_at, NOW)
    assert read["ORGANIZER"] == "mailto:help@emf.example"
    assert read["ORGANIZER"].params["CN"] == "Electromagnetic Field"


def test_event_calendar_is_published_with_one_stable_uid() -> None:
    first, second = made(Facts()), made(Facts())
    read = icalendar.Calendar.from_ical(first)

    assert first == second
    assert (read["METHOD"], read["VERSION"]) == ("PUBLISH", "2.0")
    assert [event["UID"] for event in read.events] == [UID]


def test_event_calendar_writes_wall_time_with_its_zone() -> None:
    lines = made(Facts()).decode().split("\r\n")

    assert "DTSTART;TZID=Europe/London:20240530T100000" in lines
    assert "DTEND;TZID=Europe/London:20240602T220000" in lines
    assert lines.count("TZID:Europe/London") == 1
    assert {"TZOFFSETTO:+0100", "TZOFFSETTO:+0000"} <= set(lines)


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/Nuuk"])
def test_event_calendar_is_what_the_library_writes(zone: str) -> None:
    starts_at = datetime(2025, 12, 31, 20, tzinfo=ZoneInfo(zone))
    event = replace(
        Facts(),
        title="BEGIN:VEVENT\r\nNight",
        starts_at=starts_at,
        ends_at=starts_at.replace(year=2026, month=1, day=1),
    )
    whole = icalendar.Calendar.from_ical(made(event))
    whole.subcomponents = list(whole.events)

    whole.add_missing_timezones(first_date=date(2024, 1, 1), last_date=date(2027, 12, 31))

    assert len(whole.timezones) == 1
    assert made(event) == whole.to_ical() == made(event)


def test_event_calendar_in_utc_needs_no_zone() -> None:
    event = replace(
        Facts(),
        starts_at=datetime(2024, 5, 30, 10, tzinfo=UTC),
        ends_at=datetime(2024, 5, 30, 11, tzinfo=UTC),
    )

    lines = made(event).split(b"\r\n")

    assert b"DTSTART:20240530T100000Z" in lines
    assert b"BEGIN:VTIMEZONE" not in lines


def test_event_calendar_ends_and_folds_lines_as_the_format_asks() -> None:
    body = made(replace(Facts(), title="Ein Abend über Größe " * 20))

    lines = body.split(b"\r\n")

    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(map(len, lines)) <= 75
    assert b"\n" not in body.replace(b"\r\n", b"")


def test_event_calendar_names_no_organiser_or_place_that_is_not_known() -> None:
    read = entry(replace(Facts(), contact_email="", venue=""))

    assert "ORGANIZER" not in read
    assert "LOCATION" not in read


def test_event_calendar_cannot_be_given_further_lines_by_a_title() -> None:
    read = entry(replace(Facts(), title="Night\r\nATTENDEE:mailto:eve@example.com"))

    assert "ATTENDEE" not in read
