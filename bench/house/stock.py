"""What the house sells: run as `python -m bench.house.stock` against its own database, once."""

from datetime import UTC, datetime, timedelta

import django

django.setup()

from bench import wares  # noqa: E402  -- models need what the line above does

EVENTS = {"fair": 300, "big": 300, "cold": 300, "first": 300, "new": 300, "meetup": 1}


def main() -> None:
    """Events of the organiser `bench`: most with 300 types, meetup with one, and soon, which opens in a year."""
    for slug, types in EVENTS.items():
        wares.make_event(slug, types=types)
    opens = datetime.now(UTC) + timedelta(days=365)
    wares.make_event("soon").ticket_types.update(sale_starts_at=opens)


if __name__ == "__main__":
    main()
