"""A trade fair in Stockholm with 300 ticket types: stands in four halls, workshops, days and extras."""

from datetime import datetime

from django.utils.text import slugify

from checkout.demo.parts import FRIDAY, Part, at, day, pool, ticket

HALLS = {"A": "wood", "B": "cloth", "C": "clay and glass", "D": "paper and print"}
STANDS_PER_HALL = 56
SIZES = ((6, 390_000), (9, 540_000), (12, 690_000))
DAYS = ("Friday", "Saturday", "Sunday")
VISITORS = (("Adult", 18_000), ("Student or senior", 12_000), ("Child up to 15", 0), ("Trade visitor", 9_000))
CRAFTS = (
    "Spoon carving", "Birch bark weaving", "Chair caning", "Wood turning", "Shaker boxes",
    "Band weaving", "Natural dyes", "Darning", "Felted slippers", "Visible mending",
    "Pinch pots", "Raku firing", "Glass beads", "Glaze chemistry", "Tile making",
    "Bookbinding", "Linocut", "Marbled paper", "Letterpress", "Paper lamps",
)  # fmt: skip
LUNCHES = ("Lunch", "Lunch without meat")
TOURS = ("in Swedish", "in English", "in sign language", "for children")


def craft_fair(now: datetime) -> Part:
    """Three days, 224 stands, 40 workshops, 12 kinds of day ticket and 24 extras."""
    date = day(now, weeks=16, weekday=FRIDAY)
    return {
        "event": {
            "slug": "nordic-craft-fair",
            "title": "Nordic Craft Fair",
            "description": (
                "Four halls of people who make things by hand, and sell, show and teach them. Stands are let here, and "
                "so are workshops, tours and lunches: each has its own ticket, and each stand is there just once.\n\n"
                "Stand holders set up on Thursday from noon. Electricity (10 A) and one table are included."
            ),
            "venue": "Frihamnen, Magasin 9, Stockholm",
            "timezone": "Europe/Stockholm",
            "currency": "SEK",
            "starts_at": at(date, "10:00"),
            "ends_at": at(date, "17:00", plus_days=2),
            "accent": "#be123c",
            "hold_minutes": 30,
        },
        "pools": [*_day_pools(), *_stand_pools(), *_workshop_pools(), *_extra_pools()],
        "ticket_types": [*_day_tickets(), *_workshops(), *_extras(), *_stands()],
    }


def _day_pools() -> list[Part]:
    return [pool(f"{name} visitors", 2_400) for name in DAYS]


def _day_tickets() -> list[Part]:
    return [
        ticket(f"{name}-{slugify(who)}".lower(), who, price, f"{name} visitors", group=f"{name} visitors")
        for name in DAYS
        for who, price in VISITORS
    ]


def _stand_pools() -> list[Part]:
    return [pool(f"Stand {hall}-{number:02}", 1) for hall in HALLS for number in _numbers()]


def _stands() -> list[Part]:
    return [_stand(hall, number) for hall in HALLS for number in _numbers()]


def _stand(hall: str, number: int) -> Part:
    metres, price = SIZES[number % len(SIZES)]
    name = f"Stand {hall}-{number:02}"
    return ticket(
        f"stand-{hall}-{number:02}".lower(), f"{name}, {metres} m²", price, name,
        group=f"Hall {hall}, {HALLS[hall]}", max_per_order=1,
    )  # fmt: skip


def _numbers() -> range:
    return range(1, STANDS_PER_HALL + 1)


def _workshop_pools() -> list[Part]:
    return [pool(f"{craft}, {name}", 12) for name in DAYS[1:] for craft in CRAFTS]


def _workshops() -> list[Part]:
    return [
        ticket(slugify(f"{craft} {name}"), craft, 45_000, f"{craft}, {name}", f"{name} visitors",
               group=f"{name} workshops", max_per_order=2, description="Materials and entry for the day included.")
        for name in DAYS[1:]
        for craft in CRAFTS
    ]  # fmt: skip


def _extra_pools() -> list[Part]:
    parking = [pool(f"{name} {kind} parking", 150) for name in DAYS for kind in ("car", "van")]
    return [
        *parking,
        *(pool(f"{name} lunches", 300) for name in DAYS),
        *(pool(f"{name} tour {words}", 20) for name in DAYS for words in TOURS),
    ]


def _extras() -> list[Part]:
    parking = [
        ticket(f"{name}-{kind}".lower(), f"Parking, {kind}, {name}", 15_000, f"{name} {kind} parking", group="Parking")
        for name in DAYS
        for kind in ("car", "van")
    ]
    lunches = [
        ticket(slugify(f"{name} {lunch}"), f"{lunch}, {name}", 14_500, f"{name} lunches", group="Lunch")
        for name in DAYS
        for lunch in LUNCHES
    ]
    tours = [
        ticket(slugify(f"{name} tour {words}"), f"Tour {words}, {name}", 0, f"{name} tour {words}", group="Tours")
        for name in DAYS
        for words in TOURS
    ]
    return [*parking, *lunches, *tours]
