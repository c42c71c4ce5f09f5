"""Applying a catalogue while buyers hold tickets: whoever comes first, nobody is wronged."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from checkout.models import Ticket
from events import catalogue
from events.models import Event, Stock, TicketType
from tests.buyers import race, take_hold
from tests.events.catalogue_samples import festival, text
from tests.lock_waits import work_beside
from tests.makers import make_organiser

# With its apps named, the flush afterwards cascades to the tables that waffle made for the flag model we swapped out.
pytestmark = [pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS), pytest.mark.race]


@pytest.fixture
def event() -> Event:
    return catalogue.apply(catalogue.read(text(festival())), organiser=make_organiser(), publish=True).event


def hold(event: Event, slug: str, quantity: int) -> None:
    take_hold((event.ticket_types.get(slug=slug), quantity))


def import_beside(event: Event, file: dict[str, Any], *, during: Callable[[], None]) -> object:
    """Apply the file while `during` is done but not committed; answers what that gave."""
    read = catalogue.read(text(file))
    return work_beside(during, lambda: catalogue.apply(read, organiser=event.organiser))


def faults(answer: object) -> tuple[str, ...]:
    assert isinstance(answer, catalogue.Faulty), answer
    return answer.faults


def test_lowering_a_capacity_waits_for_a_hold_and_is_refused(event: Event) -> None:
    lowered = festival()
    lowered["pools"][4]["capacity"] = 5

    answer = import_beside(event, lowered, during=lambda: hold(event, "chair", 8))

    assert faults(answer) == ("pools[4].capacity: must be 8 or more, as many are taken",)
    assert Stock.objects.get(quota__event=event, quota__slug="chair").capacity == 250


def test_dropping_a_ticket_type_waits_for_a_hold_and_is_refused(event: Event) -> None:
    dropped = festival()
    del dropped["ticket_types"][6], dropped["pools"][4]

    answer = import_beside(event, dropped, during=lambda: hold(event, "chair", 8))

    assert faults(answer) == (
        'pools: "chair" is missing, of which 8 are taken',
        'ticket_types: "chair" is missing, of which there are 8 tickets',
    )
    assert Ticket.objects.count() == 8


def test_import_that_meets_a_deadlock_tries_again(event: Event) -> None:
    first, *_, last = event.ticket_types.order_by("pk")
    renamed = festival()
    renamed["ticket_types"][0]["name"] = "Grown-up"

    def lock(row: TicketType) -> None:
        TicketType.objects.select_for_update().get(pk=row.pk)

    answer = work_beside(
        lambda: lock(last),
        lambda: catalogue.apply(catalogue.read(text(renamed)), organiser=event.organiser).updated,
        then=lambda: lock(first),
    )

    assert answer == ('ticket type adult: name "Adult" → "Grown-up"',)


def test_two_imports_of_one_new_event_make_one_event() -> None:
    organiser = make_organiser()
    read = catalogue.read(text(festival()))

    raced = race(*[lambda: catalogue.apply(read, organiser=organiser).changed_nothing] * 4)

    assert sorted(map(str, raced)) == ["False", "True", "True", "True"]
    assert Event.objects.filter(organiser=organiser).count() == 1
