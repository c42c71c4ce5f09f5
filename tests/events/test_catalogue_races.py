"""Applying a catalogue while buyers hold tickets: whoever comes first, nobody is wronged."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from checkout.models import Ticket
from events import catalogue
from events.models import Event, Stock
from tests.buyers import race, take_hold
from tests.events.catalogue_samples import festival, text
from tests.makers import make_organiser

# With its apps named, the flush afterwards cascades to the tables that waffle made for the flag model we swapped out.
pytestmark = [pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS), pytest.mark.race]


@pytest.fixture
def event() -> Event:
    return catalogue.apply(catalogue.read(text(festival())), organiser=make_organiser(), publish=True).event


def hold(event: Event, slug: str, quantity: int) -> None:
    take_hold((event.ticket_types.get(slug=slug), quantity))


def import_beside(event: Event, file: dict[str, Any], *, during: Callable[[], None]) -> list[object]:
    """Apply the file in another thread while `during` is done but not committed here; answers what that gave."""
    answers: list[object] = []

    def work() -> None:
        try:
            answers.append(catalogue.apply(catalogue.read(text(file)), organiser=event.organiser))
        except Exception as raised:
            answers.append(raised)
        finally:
            connection.close()

    with transaction.atomic():
        during()
        thread = threading.Thread(target=work)
        thread.start()
        wait_until(lambda: answers or someone_waits())
    thread.join(timeout=20)
    return answers


def someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same moment again and again
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def faults(answers: list[object]) -> tuple[str, ...]:
    (answer,) = answers
    assert isinstance(answer, catalogue.Faulty), answer
    return answer.faults


def test_lowering_a_capacity_waits_for_a_hold_and_is_refused(event: Event) -> None:
    lowered = festival()
    lowered["pools"][4]["capacity"] = 5

    answers = import_beside(event, lowered, during=lambda: hold(event, "chair", 8))

    assert faults(answers) == ("pools[4].capacity: must be 8 or more, as many are taken",)
    assert Stock.objects.get(quota__event=event, quota__slug="chair").capacity == 250


def test_dropping_a_ticket_type_waits_for_a_hold_and_is_refused(event: Event) -> None:
    dropped = festival()
    del dropped["ticket_types"][6], dropped["pools"][4]

    answers = import_beside(event, dropped, during=lambda: hold(event, "chair", 8))

    assert faults(answers) == (
        'pools: "chair" is missing, of which 8 are taken',
        'ticket_types: "chair" is missing, of which there are 8 tickets',
    )
    assert Ticket.objects.count() == 8


def test_two_imports_of_one_new_event_make_one_event() -> None:
    organiser = make_organiser()
    read = catalogue.read(text(festival()))

    raced = race(*[lambda: catalogue.apply(read, organiser=organiser).changed_nothing] * 4)

    assert sorted(map(str, raced)) == ["False", "True", "True", "True"]
    assert Event.objects.filter(organiser=organiser).count() == 1
