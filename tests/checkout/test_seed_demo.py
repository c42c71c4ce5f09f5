"""seed_demo: what it makes is as it says, and doing it again changes only what time has spoilt."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, Organiser, Role, User
from checkout import ledger
from checkout.demo import seeding
from checkout.demo.programme import DEMOS, OPENING, SOLD_OUT
from checkout.models import Order
from events import catalogue
from events.models import Availability, Event, Stock, TicketType
from tests.buyers import take_hold

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


def everything() -> dict[str, Any]:
    """All that seeding makes, as rows."""
    models = (User, Organiser, Membership, Event, TicketType, Stock, Order)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def test_seed_makes_each_kind_of_event() -> None:
    events = seeding.seed(now=NOON)

    assert list(events) == list(DEMOS)
    assert {event.state for event in events.values()} == {"live"}
    assert all(event.starts_at > NOON + timedelta(weeks=1) for event in events.values())
    assert {event.currency for event in events.values()} == {"GBP", "EUR", "SEK", "NZD", "USD", "JPY"}
    assert len({event.timezone for event in events.values()}) == len({event.accent for event in events.values()}) == 6
    sizes = {event.slug: event.ticket_types.count() for event in events.values()}
    assert sizes["nordic-craft-fair"] == 300
    assert set(events[OPENING].ticket_types.values_list("kind", flat=True)) == {"paid"}


def test_seed_shares_quotas_between_workshops() -> None:
    seeding.seed(now=NOON)

    workshops = TicketType.objects.filter(event__slug="field-notes", group_heading__startswith="Workshop")
    drawn = [set(workshop.quotas.values_list("slug", flat=True)) for workshop in workshops]
    assert len(drawn) == 4
    assert set.intersection(*drawn) == {"whole-site", "workshop-floor"}
    assert {len(quotas) for quotas in drawn} == {3}


def test_seed_sells_one_event_out_with_real_orders() -> None:
    event = seeding.seed(now=NOON)[SOLD_OUT]

    assert event.ticket_types.get().availability == Availability.SOLD_OUT
    assert event.quotas.get().stock.left == 0
    assert set(event.orders.values_list("state", flat=True)) == {"complete"}
    assert ledger.check().is_clean


def test_seed_again_changes_nothing_in_a_handful_of_queries() -> None:
    seeding.seed(now=NOON)
    before = everything()

    with CaptureQueriesContext(connection) as queries:
        seeding.seed(now=NOON + timedelta(seconds=30))

    assert everything() == before
    assert len(queries) == 5


def test_seed_again_keeps_what_somebody_changed() -> None:
    seeding.seed(now=NOON)
    Event.objects.filter(slug="reading-aloud").update(title="Reading Quietly")
    User.objects.get(email="staff@example.com").delete()

    seeding.seed(now=NOON + timedelta(days=1))

    assert Event.objects.get(slug="reading-aloud").title == "Reading Quietly"
    assert User.objects.filter(email="staff@example.com", is_superuser=True).exists()


def test_seed_lets_the_sale_open_anew_while_nobody_has_bought() -> None:
    seeding.seed(now=NOON)
    later = NOON + timedelta(minutes=10)

    event = seeding.seed(now=later)[OPENING]

    assert set(event.ticket_types.values_list("sale_starts_at", flat=True)) == {later + timedelta(minutes=2)}


def test_seed_leaves_the_sale_open_once_somebody_has_bought() -> None:
    event = seeding.seed(now=NOON)[OPENING]
    later = NOON + timedelta(minutes=10)
    first = event.ticket_types.first()
    assert first
    take_hold((first, 1), now=later)

    seeding.seed(now=later)

    assert set(event.ticket_types.values_list("sale_starts_at", flat=True)) == {NOON + timedelta(minutes=2)}


def test_seed_moves_events_that_are_over() -> None:
    first = {demo: event.starts_at for demo, event in seeding.seed(now=NOON).items()}
    later = NOON + timedelta(weeks=60)

    events = seeding.seed(now=later)

    assert all(event.starts_at > later for event in events.values())
    assert {events[demo].starts_at - began > timedelta(weeks=59) for demo, began in first.items()} == {True}
    early = events[DEMOS[1]].ticket_types.get(slug="early")
    assert early.sale_ends_at
    assert later < early.sale_ends_at < events[DEMOS[1]].starts_at
    opening = events[OPENING].ticket_types.first()
    assert opening
    assert opening.sale_starts_at == later + timedelta(minutes=2)


def test_demo_events_can_be_written_as_catalogues() -> None:
    events = seeding.seed(now=NOON)

    for event in events.values():
        outcome = catalogue.apply(catalogue.read(catalogue.dump(catalogue.write(event))), organiser=event.organiser)
        assert outcome.changed_nothing


def test_seed_makes_log_ins_that_work() -> None:
    seeding.seed(now=NOON)

    staff, owner = (authenticate(username=email, password=word) for email, word in (seeding.STAFF, seeding.OWNER))

    assert isinstance(staff, User)
    assert staff.is_superuser
    assert isinstance(owner, User)
    assert not owner.is_staff
    assert owner.memberships.filter(role=Role.OWNER).count() == Organiser.objects.count() == 4


def test_command_lists_addresses_and_log_ins() -> None:
    said = StringIO()

    call_command("seed_demo", stdout=said)

    lines = said.getvalue().splitlines()
    assert lines[1] == (
        "  http://127.0.0.1:8000/riverside-makers/soldering-night/  a free meet-up, with a secret ticket type"
    )
    assert lines[8] == "  staff@example.com  password demo-staff  staff, at /admin/"
    assert len(lines) == 10


@pytest.mark.parametrize("module", ["tito.settings.production", "their.own", ""])
def test_command_refuses_to_run_anywhere_but_in_development(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", module)

    with pytest.raises(CommandError, match="development's settings only"):
        call_command("seed_demo")

    assert not User.objects.exists()
