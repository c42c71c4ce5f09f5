"""The small demo events: a free meet-up, a walk that is sold out, a reading at any price, a sale about to open."""

from datetime import UTC, datetime

from checkout.demo.parts import FRIDAY, SATURDAY, SUNDAY, THURSDAY, Part, at, day, pool, ticket


def soldering_night(now: datetime) -> Part:
    """A free meet-up in Bristol."""
    date = day(now, weeks=2, weekday=THURSDAY)
    return {
        "event": {
            "slug": "soldering-night",
            "title": "Soldering Night",
            "description": (
                "Bring something broken, or come empty-handed and build a small radio from our box of parts. "
                "There are irons for everyone, two people who have done it before at each table, and tea.\n\n"
                "* Doors at half past six, irons hot at seven\n"
                "* Children are welcome with an adult at their side\n"
                "* Step-free from Weir Lane; the bell is at wheelchair height\n\n"
                "It costs nothing. Please cancel if you cannot come, so that somebody else gets the bench."
            ),
            "venue": "The Boathouse, 14 Weir Lane, Bristol",
            "timezone": "Europe/London",
            "currency": "GBP",
            "starts_at": at(date, "18:30"),
            "ends_at": at(date, "21:30"),
            "accent": "#b45309",
        },
        "pools": [pool("Benches", 24), pool("Chairs", 30)],
        "ticket_types": [
            ticket("bench", "Seat at a bench", 0, "Benches", max_per_order=2, description="With an iron of your own."),
            ticket("watch", "Come and watch", 0, "Chairs", description="Tea, talk, and a good view."),
            ticket("helper", "Helper", 0, max_per_order=1, secret=True, description="You know who you are. Thank you."),
        ],
    }


def lantern_walk(now: datetime) -> Part:
    """A free walk in Wellington with few places; seeding takes them all."""
    date = day(now, weeks=3, weekday=SATURDAY)
    return {
        "event": {
            "slug": "lantern-walk",
            "title": "The Lantern Walk",
            "description": (
                "Up through the bush above Oriental Bay by the light of lanterns that we make on the spot, with a "
                "fiddle at the front and a slow last walker at the back. About two hours; steep in places.\n\n"
                "In rain we walk all the same. In a storm we write to you by noon."
            ),
            "venue": "The bandstand, Oriental Parade, Wellington",
            "timezone": "Pacific/Auckland",
            "currency": "NZD",
            "starts_at": at(date, "19:00"),
            "ends_at": at(date, "21:00"),
            "accent": "#1d4ed8",
        },
        "pools": [pool("Lanterns", 12)],
        "ticket_types": [ticket("lantern", "A place with a lantern", 0, "Lanterns", max_per_order=4)],
    }


def reading_aloud(now: datetime) -> Part:
    """A reading in New York for whatever one wants to give."""
    date = day(now, weeks=5, weekday=FRIDAY)
    return {
        "event": {
            "slug": "reading-aloud",
            "title": "Reading Aloud",
            "description": (
                "Six people read for ten minutes each from a book that they wish more people knew. No questions "
                "afterwards, no signing table: just the reading, a break with soup, and more reading.\n\n"
                "**Give what you like.** Twelve dollars cover the room and the soup. What is above buys books for the "
                "branch on Ninth Street."
            ),
            "venue": "Open Stacks, 118 East 9th Street, New York",
            "timezone": "America/New_York",
            "currency": "USD",
            "starts_at": at(date, "19:30"),
            "ends_at": at(date, "22:00"),
            "accent": "#7c3aed",
        },
        "pools": [pool("Chairs", 80)],
        "ticket_types": [
            ticket("seat", "Seat", 0, "Chairs", kind="pwyw", minimum_minor=0, suggested_minor=1200),
            ticket("patron", "Seat, and a book for the branch", 0, "Chairs", kind="pwyw", minimum_minor=2500,
                   suggested_minor=4000, description="We put your name in the book, if you like."),
        ],
    }  # fmt: skip


def small_books(now: datetime, *, opens_at: datetime) -> Part:
    """A book fair in Tokyo whose sale opens at a given moment."""
    date = day(now, weeks=8, weekday=SATURDAY)
    sale = {"sale_starts_at": opens_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return {
        "event": {
            "slug": "small-books",
            "title": "Small Books Tokyo",
            "description": (
                "Ninety makers of books that fit in a coat pocket, for two days in an old bath house in Yanaka. Buy, "
                "swap, and print a page of your own on the press in the boiler room.\n\n"
                "The house is small, so each morning and each afternoon has its own tickets."
            ),
            "venue": "Asahi-yu, Yanaka, Taito City, Tokyo",
            "timezone": "Asia/Tokyo",
            "currency": "JPY",
            "starts_at": at(date, "10:00"),
            "ends_at": at(date, "18:00", plus_days=(SUNDAY - SATURDAY)),
            "accent": "#0e7490",
        },
        "pools": [pool(f"{name} {half}", 60) for name in ("Saturday", "Sunday") for half in ("morning", "afternoon")],
        "ticket_types": [
            ticket(f"{name}-{half}".lower(), f"{name} {half}", 1500, f"{name} {half}", group=name, **sale)
            for name in ("Saturday", "Sunday")
            for half in ("morning", "afternoon")
        ],
    }
