"""What `make load` sells, as a catalogue file has it: a festival of 20 ticket types over 4 quotas, free and paid."""

from typing import Any, Final

SLUG: Final = "harbour-festival"
POOLS: Final = {"Whole site": 420, "Workshops": 160, "Camping": 120, "Parking": 60}
DAYS: Final = ("Friday", "Saturday", "Sunday", "All three days")
WHO: Final = (("Adult", 4_800), ("Student", 3_200), ("Child", 0))
WORKSHOPS: Final = ("Knots", "Sails", "Charts", "Oars")
EXTRAS: Final = (("Tent", 1_500, "Camping"), ("Campervan", 4_000, "Camping"), ("Car", 800, "Parking"))


def catalogue() -> dict[str, Any]:
    """Fewer places than a crowd of 600 wants, so that it sells out."""
    return {
        "format": "tito-catalogue/1",
        "event": {
            "slug": SLUG, "title": "Harbour Festival", "venue": "Gloucester Docks", "timezone": "Europe/London",
            "currency": "GBP", "starts_at": "2037-07-03T10:00", "ends_at": "2037-07-05T18:00",
            "description": "Three days of boats, music and **workshops** at the old docks.\n\nDogs are welcome.",
        },
        "pools": [{"name": name, "capacity": capacity} for name, capacity in POOLS.items()],
        "ticket_types": [*_days(), *_workshops(), *_extras()],
    }  # fmt: skip


def _days() -> list[dict[str, Any]]:
    return [_ticket(f"{day} {who}", day, price_minor, "Whole site", most=6) for day in DAYS for who, price_minor in WHO]


def _workshops() -> list[dict[str, Any]]:
    return [_ticket(f"{what} workshop", "Workshops", 0, "Workshops", most=2) for what in WORKSHOPS]


def _extras() -> list[dict[str, Any]]:
    gift = _ticket("Friend of the festival", "Extras", 10_000, most=4)
    return [*(_ticket(name, "Extras", price, pool, most=2) for name, price, pool in EXTRAS), gift]


def _ticket(name: str, group: str, price_minor: int, *pools: str, most: int) -> dict[str, Any]:
    return {
        "slug": name.lower().replace(" ", "-"), "name": name, "group": group, "price_minor": price_minor,
        "pools": list(pools), "max_per_order": most, "description": "Bring this ticket, on paper or on a telephone.",
    }  # fmt: skip
