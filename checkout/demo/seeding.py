"""Makes the demo, and keeps it fresh: doing it again changes only what time has spoilt."""

import json
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from accounts.actions import addresses
from accounts.models import Membership, Organiser, Role, User
from checkout.actions import availability, holds, orders
from checkout.actions.orders import Details
from checkout.choice import Line
from checkout.demo import waiting
from checkout.demo.programme import DEMOS, OPENING, ORGANISERS, SOLD_OUT, Demo, opening
from checkout.models import Order
from events import catalogue
from events.models import Event

STAFF: Final = ("staff@example.com", "demo-staff")
OWNER: Final = ("owner@example.com", "demo-owner")
WALKERS: Final = ("Aroha Ngata", "Tom Whitfield", "Mere Parata", "Jonas Berg")
PLACES_EACH: Final = 3


@transaction.atomic
def seed(*, now: datetime) -> dict[Demo, Event]:
    """Make what is missing, move what is over, and let the opening sale open two minutes after `now`.

    What is there and upcoming stays as it is, also where somebody has changed it. Answers the events.
    """
    found = {
        (event.organiser.slug, event.slug): event
        for event in Event.objects.filter(organiser__slug__in=ORGANISERS).select_related("organiser")
    }
    _make_people()
    events = {}
    for demo in DEMOS:
        event = found.get((demo.organiser, demo.slug))
        events[demo] = _renewed(event, demo, now) if event else _made(demo, now)
    _let_it_open(events[OPENING], now)
    return events


def _make_people() -> None:
    people = User.objects.filter(email__in=(STAFF[0], OWNER[0]))
    known = dict(people.values_list("email", "emailaddress__verified"))
    if STAFF[0] not in known:
        User.objects.create_superuser(*STAFF, full_name="Sam Staff")
    if OWNER[0] not in known:
        User.objects.create_user(*OWNER, full_name="Olive Owner")
    if not all(known.get(email) for email, _ in (STAFF, OWNER)):
        for user in people:
            addresses.confirm(user=user)  # nobody reads their mail


def _made(demo: Demo, now: datetime) -> Event:
    name, contact_email = ORGANISERS[demo.organiser]
    organiser, is_new = Organiser.objects.get_or_create(
        slug=demo.organiser, defaults={"name": name, "contact_email": contact_email}
    )
    if is_new:
        Membership.objects.create(organiser=organiser, user=User.objects.get(email=OWNER[0]), role=Role.OWNER)
    read = catalogue.read(json.dumps(demo.catalogue(now)))
    event = catalogue.apply(read, organiser=organiser, publish=True).event
    if demo == SOLD_OUT:
        _sell_out(event, now)
        waiting.open_list(event, now=now)
    return event


def _sell_out(event: Event, now: datetime) -> None:
    """Take and confirm every place as four buyers would."""
    for name in WALKERS:
        token = holds.take(
            event_id=event.pk, lines=[Line("lantern", PLACES_EACH, None)], secret="",
            key=uuid5(NAMESPACE_URL, f"{event.get_absolute_url()}{name}"), now=now,
        )  # fmt: skip
        details = Details(full_name=name, email=f"{name.lower().replace(' ', '.')}@example.com")
        orders.complete_free(order=Order.objects.get(token=token), details=details, now=now)
    availability.refresh(event_id=event.pk)


def _renewed(event: Event, demo: Demo, now: datetime) -> Event:
    """The event as it stands; once it is over, on the dates that a new one would have."""
    if event.ends_at > now:
        return event
    fresh = catalogue.read(json.dumps(demo.catalogue(now)))
    current = catalogue.read(catalogue.dump(catalogue.write(event)))
    there = catalogue.moved(current, local_starts_at=fresh.event.local_starts_at)
    event = catalogue.apply(there, organiser=event.organiser).event
    if demo == OPENING:
        event.ticket_types.filter(sale_starts_at__isnull=False).update(sale_starts_at=opening(now))
    return event


def _let_it_open(event: Event, now: datetime) -> None:
    """Move the opening to two minutes from now, if it is past and nobody has bought."""
    opened = event.ticket_types.filter(sale_starts_at__lte=now)
    if opened.exists() and not Order.objects.filter(event=event).exists():
        opened.update(sale_starts_at=opening(now))
