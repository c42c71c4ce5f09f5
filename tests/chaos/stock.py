"""What the house sells: run as `python -m tests.chaos.stock` against its own database, once."""

from datetime import UTC, datetime, timedelta

import django

django.setup()

from events.models import Draw, TicketType  # noqa: E402  -- models need what the line above does
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type  # noqa: E402  -- as above


def main() -> None:
    """Events of the organiser `house`: most with 300 types, meetup with one, and soon, which opens in a year."""
    organiser = make_organiser(slug="house", name="House")
    for slug, types in (("fair", 300), ("big", 300), ("cold", 300), ("first", 300), ("new", 300), ("meetup", 1)):
        event = make_event(organiser=organiser, slug=slug, title=f"The {slug}")
        quota = make_quota(event=event, capacity=100_000)
        made = TicketType.objects.bulk_create(
            TicketType(event=event, slug=f"type-{n}", name=f"Ticket {n}", kind="free", position=n) for n in range(types)
        )
        Draw.objects.bulk_create(Draw(ticket_type=one, quota=quota) for one in made)
    soon = make_event(organiser=organiser, slug="soon", title="The soon")
    opens = datetime.now(UTC) + timedelta(days=365)
    make_ticket_type(event=soon, slug="type-0", price_minor=0, sale_starts_at=opens, quotas=[make_quota(event=soon)])


if __name__ == "__main__":
    main()
