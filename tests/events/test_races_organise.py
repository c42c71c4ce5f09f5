"""Organisers change what is sold in the middle of a sale, several of them at once: nobody is wronged."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings

from checkout import ledger
from checkout.actions import holds
from checkout.models import Ticket
from events.actions import events as event_acts
from events.actions import quotas, ticket_types
from events.actions.events import ChangedMeanwhile
from events.models import Event, Stock
from kit import since
from tests.buyers import race, take_hold
from tests.makers import make_event, make_quota, make_ticket_type, make_user

pytestmark = [pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS), pytest.mark.race]
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def by() -> dict[str, Any]:
    return {"by": make_user(), "now": NOW}


def test_two_managers_edit_one_quota_while_buyers_race_for_it() -> None:
    quota = make_quota(capacity=40)
    ticket_type = make_ticket_type(event=quota.event, quotas=[quota])
    was, managers = since.mark(quotas.values_of(quota)), [by(), by()]

    def buy() -> str:
        return take_hold((ticket_type, 1)).token

    def lower(manager: dict[str, Any], capacity: int) -> str:
        quotas.edit(quota=quota, name=quota.name, capacity=capacity, was=was, **manager)
        return "saved"

    raced = race(*[buy] * 12, lambda: lower(managers[0], 20), *[buy] * 12, lambda: lower(managers[1], 30))

    edits = [raced[12], raced[25]]
    sold = [one for place, one in enumerate(raced) if place not in {12, 25} and not isinstance(one, Exception)]
    stock = Stock.objects.get(pk=quota.pk)
    assert edits.count("saved") == 1  # 30 always has room, and who comes second is told
    assert all(isinstance(edit, ChangedMeanwhile | quotas.BelowTaken) for edit in edits if edit != "saved")
    assert stock.taken == len(sold) == Ticket.objects.count()
    assert stock.taken <= stock.capacity
    assert ledger.check().faults == []


def test_pause_lets_no_hold_through_once_it_is_committed() -> None:
    ticket_type = make_ticket_type(quotas=[])
    manager = by()
    done: list[bool] = []

    def pause() -> None:
        ticket_types.pause(ticket_type=ticket_type, **manager)
        done.append(True)

    def buy() -> bool:
        """Whether it was paused when this hold began."""
        was_paused = bool(done)
        take_hold((ticket_type, 1))
        return was_paused

    raced = race(*[buy] * 10, pause, *[buy] * 10)

    refused = [one for one in raced if isinstance(one, Exception)]
    assert True not in raced
    assert all(isinstance(one, holds.Refused) for one in refused)
    assert Ticket.objects.count() == raced.count(False)


def test_draft_that_is_published_and_deleted_at_once_is_one_or_the_other() -> None:
    event = make_event(state="draft")
    make_ticket_type(event=event, price_minor=0)
    one, other = by(), by()

    raced = race(
        lambda: event_acts.publish(event=event, **one),
        lambda: event_acts.delete(event=event, **other),
    )

    is_there = Event.objects.filter(pk=event.pk).exists()
    assert [raced[0] is None, raced[1] is None] == [is_there, not is_there]


def test_moves_by_two_managers_leave_each_type_in_one_place() -> None:
    event = make_event()
    rows = [make_ticket_type(event=event) for _ in range(5)]
    managers = [by(), by()]

    raced = race(*[
        lambda row=row, up=up, manager=manager: ticket_types.move(ticket_type=row, up=up, **manager)
        for row in rows for up, manager in zip((True, False), managers, strict=True)
    ])  # fmt: skip

    assert raced == [None] * 10
    assert sorted(event.ticket_types.values_list("position", flat=True)) == [0, 1, 2, 3, 4]
