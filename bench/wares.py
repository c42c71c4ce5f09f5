"""The events that are measured, and the books: emptied before a measurement, counted after it."""

from datetime import datetime
from io import StringIO

from django.core.management import call_command
from django.db import connection

from accounts.models import Organiser
from checkout import ledger
from events.models import Draw, Event, Kind, Quota, State, Stock, TicketType

ORGANISER = "bench"
PLENTY = 10_000_000
TYPES_PER_HEADING = 25
NUMBERS = "checkout_number, checkout_counted"  # what was counted goes with the orders


def prepare() -> None:
    """Bring the database and the static files up to date, as `make run` does."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("make_browse_role", stdout=StringIO())
    call_command("collectstatic", interactive=False, verbosity=0)


def clear() -> None:
    """Empty every table of the shop."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE accounts_organiser, checkout_order, {NUMBERS} CASCADE")


def clear_orders() -> None:
    """Give every measured round the same start: no orders, full stock, nothing left to be written to disk."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE checkout_order, {NUMBERS} CASCADE")
        cursor.execute("UPDATE events_stock SET taken = 0")
        cursor.execute("VACUUM events_stock")
        cursor.execute("CHECKPOINT")


def make_event(slug: str, *, types: int = 1, quotas: int = 1, capacity: int = PLENTY) -> Event:
    """A live event with so many free ticket types, all of which draw on the same `quotas` quotas."""
    organiser, _ = Organiser.objects.get_or_create(slug=ORGANISER, name="Bench", contact_email="bench@example.com")
    event = Event.objects.create(
        organiser=organiser, slug=slug, title=f"Event {slug}", state=State.LIVE, venue="The Old Fire Station, Oxford",
        description="Two days of talks, workshops and time to meet.\n\n**Everything** is on one floor.",
        local_starts_at=datetime(2030, 6, 1, 10), local_ends_at=datetime(2030, 6, 2, 18),  # noqa: DTZ001  -- wall time
    )  # fmt: skip
    pools = [Quota.objects.create(event=event, slug=f"quota-{number}", name="Places") for number in range(quotas)]
    Stock.objects.bulk_create(Stock(quota=pool, capacity=capacity) for pool in pools)
    listed = TicketType.objects.bulk_create(_ticket_type(event, number) for number in range(types))
    Draw.objects.bulk_create(Draw(ticket_type=one, quota=pool) for one in listed for pool in pools)
    return event


def _ticket_type(event: Event, number: int) -> TicketType:
    return TicketType(
        event=event, slug=f"type-{number}", name=f"Workshop {number}", kind=Kind.FREE, position=number,
        description="An hour and a half in a small room, with something to take home.",
        group_heading=f"Part {number // TYPES_PER_HEADING + 1}",
    )  # fmt: skip


def faults_in_books() -> list[str]:
    """What the ledger finds; nothing is as it should be."""
    return ledger.check().faults


def count_of(table: str) -> int:
    """Rows in a table of ours."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  -- quoted by Django
        return int(cursor.fetchone()[0])
