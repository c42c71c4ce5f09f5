"""Applying a catalogue: what is made, changed, deleted, kept and refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organiser
from checkout.actions import holds
from checkout.choice import Line
from events import catalogue
from events.models import Event, Stock, TicketType
from tests.events.catalogue_samples import festival, text, ticket_type
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db


def applied(file: dict[str, Any], organiser: Organiser, *, publish: bool = False) -> catalogue.Outcome:
    return catalogue.apply(catalogue.read(text(file)), organiser=organiser, publish=publish)


def faults_of(file: dict[str, Any], organiser: Organiser) -> list[str]:
    with pytest.raises(catalogue.Faulty) as refusal:
        applied(file, organiser)
    return list(refusal.value.faults)


def take(event: Event, pool: str, units: int) -> None:
    Stock.objects.filter(quota__event=event, quota__slug=pool).update(taken=units)


def test_apply_makes_everything_the_file_says() -> None:
    outcome = applied(festival(), make_organiser())

    event = outcome.event
    assert (event.title, event.starts_at) == ("Marsh Lights 2031", datetime(2031, 7, 4, 11, tzinfo=UTC))
    assert list(event.quotas.values_list("name", "slug", "stock__capacity", "stock__taken")) == [
        ("Whole site", "whole-site", 900, 0),
        ("campervan", "campervan", 40, 0),
        ("campervan", "campervan-2", 30, 0),
        ("Day", "day", 0, 0),
        ("chair", "chair", 250, 0),
    ]
    van = event.ticket_types.get(slug="van")
    assert (van.kind, van.price_minor, van.group_heading) == ("paid", 5000, "Vehicles")
    assert set(van.quotas.values_list("slug", flat=True)) == {"whole-site", "campervan", "campervan-2"}
    assert len(outcome.created) == 14


def test_apply_twice_changes_nothing_and_says_so() -> None:
    organiser = make_organiser()
    before = applied(festival(), organiser).event.version

    outcome = applied(festival(), organiser)

    assert outcome.changed_nothing
    assert outcome.event.version == before
    assert len(outcome.unchanged) == 14


def test_apply_twice_writes_nothing() -> None:
    organiser = make_organiser()
    applied(festival(), organiser)

    with CaptureQueriesContext(connection) as queries:
        applied(festival(), organiser)

    statements = [query["sql"].split()[0] for query in queries]
    assert statements == ["SAVEPOINT", "SELECT", "SELECT", "SELECT", "SELECT", "SELECT", "RELEASE"]


@pytest.mark.parametrize("size", [1, 300])
def test_apply_makes_any_number_of_ticket_types_in_the_same_statements(size: int) -> None:
    file = festival(ticket_types=[ticket_type(f"t{n}", price_minor=1, pools=["Day"]) for n in range(size)])
    organiser = make_organiser()

    with CaptureQueriesContext(connection) as queries:
        applied(file, organiser)

    # a savepoint and its release, the event looked up, five inserts, the event read again
    assert len(queries) == 9


def test_apply_changes_parts_by_their_slug_and_says_how() -> None:
    organiser = make_organiser()
    event = applied(festival(), organiser).event
    old = dict(event.ticket_types.values_list("slug", "pk"))
    changed = festival()
    changed["event"]["venue"] = "Elsewhere"
    changed["pools"][1]["capacity"] = 44
    changed["ticket_types"][0] |= {"price_minor": 9500, "name": "Grown-up"}
    changed["ticket_types"][7]["pools"] = ["chair"]

    outcome = applied(changed, organiser)

    assert outcome.updated == (
        'event marsh-lights: venue "Wicken Lode, Cambridgeshire" → "Elsewhere"',
        'ticket type adult: name "Adult" → "Grown-up", price_minor 9000 → 9500',
        "pool campervan: capacity 40 → 44",
        "ticket type donation: now draws on chair",
    )
    assert (outcome.created, outcome.deleted) == ((), ())
    assert len(outcome.unchanged) == 10
    assert dict(event.ticket_types.values_list("slug", "pk")) == old


def test_apply_adds_and_deletes_what_the_file_adds_and_drops() -> None:
    organiser = make_organiser()
    event = applied(festival(), organiser).event
    changed = festival()
    del changed["pools"][4], changed["ticket_types"][6]
    changed["ticket_types"].insert(0, ticket_type("first", price_minor=1, pools=["Whole site"]))

    outcome = applied(changed, organiser)

    assert outcome.created == ("ticket type first",)
    assert outcome.deleted == ("pool chair", "ticket type chair")
    slugs = list(event.ticket_types.values_list("slug", flat=True))
    assert slugs == ["first", "adult", "child", "van", "van-crew", "van-late", "day", "donation"]


def test_apply_keeps_positions_that_are_in_the_files_order() -> None:
    organiser = make_organiser()
    event = applied(festival(), organiser).event
    for row in event.ticket_types.all():
        TicketType.objects.filter(pk=row.pk).update(position=row.position * 10 + 5)

    assert applied(festival(), organiser).changed_nothing


def test_apply_leaves_secret_keys_as_they_are() -> None:
    organiser = make_organiser()
    event = applied(festival(), organiser).event
    before = dict(event.ticket_types.values_list("slug", "secret_key"))
    changed = festival()
    changed["ticket_types"][3]["name"] = "Crew"

    applied(changed, organiser)

    assert dict(event.ticket_types.values_list("slug", "secret_key")) == before


@pytest.mark.parametrize(
    ("before", "stated", "publish", "after"),
    [
        (None, None, False, "draft"),
        (None, "closed", False, "closed"),
        (None, "draft", True, "live"),
        ("live", None, False, "live"),
        ("closed", None, False, "closed"),
        ("live", "draft", False, "draft"),
        ("draft", None, True, "live"),
    ],
)
def test_apply_sets_the_state_only_when_told(before: str | None, stated: str | None, publish: bool, after: str) -> None:
    organiser = make_organiser()
    if before:
        make_event(organiser=organiser, slug="marsh-lights", state=before)
    file = festival()
    file["event"]["state"] = stated

    assert applied(file, organiser, publish=publish).event.state == after


def test_apply_refuses_a_capacity_below_what_is_taken() -> None:
    organiser = make_organiser()
    event = applied(festival(), organiser).event
    take(event, "campervan-2", 21)
    lowered = festival()
    lowered["event"]["title"] = "Not to be"
    lowered["pools"][2]["capacity"] = 20

    found = faults_of(lowered, organiser)

    assert found == ["pools[2].capacity: must be 21 or more, as many are taken"]
    event.refresh_from_db()
    assert event.title == "Marsh Lights 2031"


def test_apply_lowers_a_capacity_to_what_is_taken() -> None:
    organiser = make_organiser()
    event = applied(festival(), organiser).event
    take(event, "campervan-2", 21)
    lowered = festival()
    lowered["pools"][2]["capacity"] = 21

    applied(lowered, organiser)

    assert event.quotas.get(slug="campervan-2").stock.left == 0


def test_apply_refuses_to_drop_what_is_in_use() -> None:
    organiser = make_organiser()
    event = applied(festival(), organiser, publish=True).event
    holds.take(event_id=event.pk, lines=[Line("chair", 3, None)], secret="", key=uuid4(), now=timezone.now())
    dropped = festival()
    del dropped["pools"][4], dropped["ticket_types"][6]
    dropped["event"]["currency"] = "EUR"

    found = faults_of(dropped, organiser)

    assert found == [
        'pools: "chair" is missing, of which 3 are taken',
        'ticket_types: "chair" is missing, of which there are 3 tickets',
        "event.currency: cannot change once there are orders",
    ]


def test_apply_touches_no_other_event() -> None:
    organiser = make_organiser()
    other = make_event(organiser=organiser, slug="marsh-lights-too")
    make_ticket_type(quotas=[make_quota(event=other, slug="chair", name="chair")], slug="chair")
    before = catalogue.write(other)

    applied(festival(), organiser)

    assert catalogue.write(other) == before


def test_apply_makes_an_organiser_that_was_not_saved() -> None:
    read = catalogue.read(text(festival(organiser="fen-folk")))

    outcome = catalogue.apply(read, organiser=catalogue.organiser_for(read))

    assert outcome.created[:2] == ("organiser fen-folk", "event marsh-lights")
    assert outcome.event.organiser.slug == "fen-folk"


def test_organiser_is_the_one_asked_for_then_the_files_then_the_only_one_then_one_of_the_events_name() -> None:
    own, plain = catalogue.read(text(festival(organiser="fen-folk"))), catalogue.read(text(festival()))

    nobody = catalogue.organiser_for(plain)
    first = make_organiser(slug="first")
    only = catalogue.organiser_for(plain)
    make_organiser(slug="second")

    assert not nobody.pk
    assert (nobody.slug, nobody.name) == ("marsh-lights", "Marsh Lights 2031")
    assert only == first
    assert catalogue.organiser_for(own, asked="second").slug == "second"
    assert catalogue.organiser_for(own).slug == "fen-folk"
    assert catalogue.organiser_for(plain).slug == "marsh-lights"


def test_organiser_that_is_asked_for_must_exist() -> None:
    with pytest.raises(catalogue.Faulty, match='there is no organiser with the slug "nobody"'):
        catalogue.organiser_for(catalogue.read(text(festival())), asked="nobody")


def test_organiser_cannot_take_an_address_of_the_site() -> None:
    file = festival()
    file["event"]["slug"] = "orders"

    with pytest.raises(catalogue.Faulty, match="This address belongs to the site"):
        catalogue.organiser_for(catalogue.read(text(file)))
