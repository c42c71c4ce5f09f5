"""Makes what tests need, with sensible values for all that a test does not say.

Every name and slug is new at each call. What is made is saved, and as valid as a form would have it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from accounts.actions import addresses
from accounts.models import Membership, Organiser, Role, User
from events.models import Code, CodeUse, Draw, Event, Image, Kind, Picture, Quota, State, Stock, TicketType

numbers = count(10_001)  # beyond those of the big world (tests/plans/world.sql)


def make_user(**over: Any) -> User:
    """A user with the password `password` and a confirmed address; `make_user(is_staff=True, is_superuser=True)` for
    staff."""
    number = next(numbers)
    over = {"email": f"user-{number}@example.com", "full_name": f"User {number}", "password": "password", **over}
    user = User.objects.create_user(**over)
    addresses.confirm(user=user)
    return user


def make_organiser(*, owner: User | None = None, **over: Any) -> Organiser:
    """An organiser, with `owner` as its member when given."""
    number = next(numbers)
    values = {"slug": f"organiser-{number}", "name": f"Organiser {number}", "contact_email": "help@example.com"}
    organiser = Organiser.objects.create(**{**values, **over})
    if owner:
        Membership.objects.create(organiser=organiser, user=owner, role=Role.OWNER)
    return organiser


def make_event(**over: Any) -> Event:
    """A live event in pounds, on 1 June 2030 in London, of an organiser of its own."""
    number = next(numbers)
    values = {
        "slug": f"event-{number}",
        "title": f"Event {number}",
        "venue": "The Old Fire Station, Oxford",
        "local_starts_at": datetime(2030, 6, 1, 10),
        "local_ends_at": datetime(2030, 6, 1, 18),
        "state": State.LIVE,
        **over,
    }
    event = Event.objects.create(**{"organiser": over.get("organiser") or make_organiser(), **values})
    event.refresh_from_db()
    return event


def make_quota(*, event: Event | None = None, capacity: int = 100, taken: int = 0, **over: Any) -> Quota:
    """A quota with its stock. `taken` units are gone without an order, so keep it 0 where the ledger is checked."""
    number = next(numbers)
    values = {"slug": f"quota-{number}", "name": f"Quota {number}", **over}
    quota = Quota.objects.create(event=event or make_event(), **values)
    Stock.objects.create(quota=quota, capacity=capacity, taken=taken)
    return quota


def make_picture(*, event: Event | None = None, **over: Any) -> Picture:
    """A picture of 1600 by 900 pixels, whose files hold no such thing."""
    at = datetime(2030, 1, 1, tzinfo=UTC)
    files = {
        name: Image.objects.create(sha256=f"{next(numbers):064x}", format=ending, content=b"image", created_at=at)
        for name, ending in {"small": "webp", "medium": "webp", "large": "webp", "shared": "jpg"}.items()
    }
    return Picture.objects.create(event=event or make_event(), **{"width": 1600, "height": 900, **files, **over})


def make_ticket_type(*, event: Event | None = None, quotas: Iterable[Quota] = (), **over: Any) -> TicketType:
    """A paid ticket type (10.00), on sale now, that draws on `quotas`: without any it never runs out.

    `price_minor=0` makes it free; `kind=Kind.PAY_WHAT_YOU_WANT` one from 0 with 5.00 suggested.
    """
    quotas = list(quotas)
    number = next(numbers)
    values = {"slug": f"type-{number}", "name": f"Ticket type {number}", **_price(over), **over}
    event = event or (quotas[0].event if quotas else make_event())
    ticket_type = TicketType.objects.create(event=event, **values)
    Draw.objects.bulk_create(Draw(ticket_type=ticket_type, quota=quota) for quota in quotas)
    return ticket_type


def make_code(
    *, event: Event, capacity: int | None = None, used: int = 0, only: Iterable[TicketType] = (), **over: Any
) -> Code:
    """A code that takes a tenth off every ticket, as often as one likes; `only` some types. `used` is without an order,
    so keep it 0 where the ledger is checked."""
    number = next(numbers)
    takes_off = {"amount_minor", "percent", "reveals_secret"} & set(over)
    values = {"text": f"CODE-{number}", "percent": None if takes_off else 10, **over}
    ids = [ticket_type.pk for ticket_type in only]
    code = Code.objects.create(event=event, ticket_type_ids=ids or None, **values)
    CodeUse.objects.create(code=code, capacity=capacity, used=used)
    return code


def _price(over: dict[str, Any]) -> dict[str, Any]:
    if over.get("kind") == Kind.PAY_WHAT_YOU_WANT:
        return {"minimum_minor": 0, "suggested_minor": 500}
    if over.get("kind") == Kind.FREE or over.get("price_minor") == 0:
        return {"kind": Kind.FREE, "price_minor": 0}
    return {"kind": Kind.PAID, "price_minor": 1000}
