"""A paid conference in Lisbon. Its workshops share quotas: a place takes a unit of its room, its floor and the site."""

from datetime import datetime

from checkout.demo.parts import THURSDAY, Part, at, day, pool, ticket

SITE, FLOOR = "Whole site", "Workshop floor"
WORKSHOPS = (
    ("mapping", "Mapping a street by ear", "Sound room", 18, "Walk, record, and draw what you heard."),
    ("pressing", "Pressing and keeping plants", "Garden room", 24, "Bring nothing; the garden has plenty."),
    ("tides", "Reading a tide table", "Map room", 30, "With the harbour pilot of Cascais."),
    ("letters", "Setting a page in metal type", "Print room", 12, "You take home what you print."),
)


def field_notes(now: datetime) -> Part:
    """Two days of talks and four workshops."""
    date = day(now, weeks=10, weekday=THURSDAY)
    early_ends = at(day(now, weeks=4, weekday=THURSDAY), "23:59")
    return {
        "event": {
            "slug": "field-notes",
            "title": "Field Notes",
            "description": (
                "Two days for people who go out, look closely and write it down: surveyors, botanists, sound "
                "recordists, letter carriers. Sixteen talks in one room, one after the other, with long breaks.\n\n"
                "## Workshops\n\n"
                "Each fills a room of its own, and all four share one floor and its fire exit. That is why a workshop "
                "can be full while its room still has chairs.\n\n"
                "Lunch on both days is included in every ticket. Talks are in English, with live captions."
            ),
            "venue": "Fábrica do Braço de Prata, Lisbon",
            "timezone": "Europe/Lisbon",
            "currency": "EUR",
            "starts_at": at(date, "09:30"),
            "ends_at": at(date, "18:00", plus_days=1),
            "accent": "#0f766e",
            "hold_minutes": 20,
        },
        "pools": [
            pool(SITE, 420),
            pool("Student places", 40),
            pool(FLOOR, 70),
            *(pool(room, places) for _, _, room, places, _ in WORKSHOPS),
            pool("Long table", 120),
        ],
        "ticket_types": [*_tickets(early_ends), *_workshops(), *_extras()],
    }


def _workshops() -> list[Part]:
    return [
        ticket(slug, name, 6500, SITE, FLOOR, room, group="Workshop and that day's talks", max_per_order=2,
               description=f"{room}. {words}")
        for slug, name, room, _, words in WORKSHOPS
    ]  # fmt: skip


def _tickets(early_ends: str) -> list[Part]:
    return [
        ticket("early", "Both days, early", 19500, SITE, group="Conference", sale_ends_at=early_ends),
        ticket("both-days", "Both days", 26000, SITE, group="Conference"),
        ticket("student", "Both days, student", 9000, SITE, "Student places", group="Conference", max_per_order=1,
               description="Bring a student card of this year."),
        ticket("group", "Both days, group of five or more", 22000, SITE, group="Conference", min_per_order=5,
               max_per_order=20),
    ]  # fmt: skip


def _extras() -> list[Part]:
    return [
        ticket("dinner", "Dinner at the long table", 4800, "Long table", group="Extras"),
        ticket("notebook", "The notebook, 96 pages, sewn", 1400, group="Extras"),
        ticket("speaker", "Speaker", 0, SITE, group="Guests", max_per_order=1, secret=True),
    ]
