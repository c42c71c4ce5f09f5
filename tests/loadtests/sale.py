"""Puts a sale into the house: `python -m tests.loadtests.sale SLUG TYPES CAPACITY PRICE_MINOR [OPENS_AT]`."""

import sys
from datetime import datetime

import django

django.setup()

from bench import wares  # noqa: E402  -- models need what the line above does
from events.models import Kind  # noqa: E402  -- as above


def main(slug: str, types: str, capacity: str, price_minor: str, opens_at: str = "") -> None:
    """An event of the organiser `bench`; every other of its ticket types costs so much, the rest are free."""
    event = wares.make_event(slug, types=int(types), capacity=int(capacity))
    if int(price_minor):
        paid = [one.pk for one in event.ticket_types.order_by("position")[::2]]
        event.ticket_types.filter(pk__in=paid).update(kind=Kind.PAID, price_minor=int(price_minor))
    if opens_at:
        event.ticket_types.update(sale_starts_at=datetime.fromisoformat(opens_at))


if __name__ == "__main__":
    main(*sys.argv[1:])
