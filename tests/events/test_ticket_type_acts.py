"""Ticket types and quotas: added, changed, moved, paused, put away, deleted, while people buy."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import LogEntry
from checkout import ledger
from checkout.actions import holds
from checkout.models import Ticket
from events.actions import quotas as quota_acts
from events.actions import ticket_types as acts
from events.actions.events import ChangedMeanwhile
from events.models import Event, Quota, Stock, TicketType
from kit import since
from tests.buyers import take_hold
from tests.makers import make_event, make_quota, make_ticket_type, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
ADULT: dict[str, Any] = {
    "name": "Adult", "description": "", "group_heading": "", "kind": "paid", "price_minor": 1500, "minimum_minor": None,
    "suggested_minor": None, "sale_starts_at": None, "sale_ends_at": None, "min_per_order": 1, "max_per_order": 4,
    "secret": False,
}  # fmt: skip


def by() -> dict[str, Any]:
    return {"by": make_user(), "now": NOW}


def last_said() -> str:
    return LogEntry.objects.latest("pk").said


def edit(row: TicketType, quotas: list[Quota], was: str = "", **over: Any) -> None:
    values = {name: getattr(row, name) for name in acts.EDITED}
    was = was or since.mark(acts.values_of(row))
    acts.edit(ticket_type=row, values={**values, **over}, quotas=quotas, was=was, **by())


def faults(ticket_type: TicketType) -> list[str]:
    with pytest.raises(holds.Refused) as caught:
        take_hold((ticket_type, 1))
    return [fault.code for fault in caught.value.faults]


def order(event: Event) -> list[str]:
    return list(event.ticket_types.order_by("position", "id").values_list("name", flat=True))


def test_added_types_have_addresses_of_their_own_at_the_end_of_the_list() -> None:
    event, quota = make_event(), make_quota()
    drawn = make_quota(event=event)

    first = acts.add(event=event, values=ADULT, quotas=[drawn], **by())
    second = acts.add(event=event, values=ADULT, quotas=[], **by())

    assert [(row.slug, row.position) for row in (first, second)] == [("adult", 0), ("adult-2", 1)]
    assert list(first.draws.values_list("quota_id", flat=True)) == [drawn.pk]
    assert last_said() == "Added the ticket type “Adult”, £15.00."
    with pytest.raises(acts.NotOfThisEvent):
        acts.add(event=event, values=ADULT, quotas=[quota], **by())


def test_changed_type_says_old_and_new_in_money_and_local_time() -> None:
    row = make_ticket_type(price_minor=1000, name="Adult")

    edit(row, [], price_minor=1250, sale_starts_at=datetime(2030, 6, 1, 9, tzinfo=UTC))

    assert last_said() == (
        "Changed “Adult”: price £10.00 → £12.50; start of sale none → Sat 1 Jun 2030, 10:00 BST."
    )  # fmt: skip


def test_second_editor_of_a_type_is_told_and_overwrites_nothing() -> None:
    row = make_ticket_type(price_minor=1000)
    both = since.mark(acts.values_of(row))
    edit(row, [], both, price_minor=1100)

    with pytest.raises(ChangedMeanwhile) as caught:
        edit(row, [], both, price_minor=1200)

    assert caught.value.now == {"price_minor": 1100}
    assert TicketType.objects.get(pk=row.pk).price_minor == 1100


def test_other_quotas_count_for_tickets_to_come_and_those_sold_keep_their_places() -> None:
    event = make_event()
    old, new = make_quota(event=event), make_quota(event=event)
    row = make_ticket_type(event=event, quotas=[old])
    take_hold((row, 2))

    edit(row, [new])
    take_hold((row, 3))

    assert [Stock.objects.get(pk=quota.pk).taken for quota in (old, new)] == [2, 3]
    assert sorted(Ticket.objects.values_list("quota_ids", flat=True)) == [[old.pk]] * 2 + [[new.pk]] * 3
    assert ledger.check().faults == []


def test_moving_swaps_neighbours_and_stops_at_the_ends() -> None:
    event = make_event()
    first, second, third = (make_ticket_type(event=event, name=name) for name in "abc")  # all at place 0

    acts.move(ticket_type=third, up=True, **by())
    acts.move(ticket_type=first, up=True, **by())
    once = order(event)
    acts.move(ticket_type=second, up=False, **by())

    assert (once, order(event)) == (["a", "c", "b"], ["a", "c", "b"])


def test_paused_type_takes_no_hold_until_it_is_resumed() -> None:
    row = make_ticket_type(quotas=[make_quota()])

    acts.pause(ticket_type=row, **by())
    acts.pause(ticket_type=row, **by())
    refused = faults(row)
    acts.resume(ticket_type=row, **by())
    take_hold((row, 1))

    assert refused == ["paused"]
    assert list(LogEntry.objects.order_by("pk").values_list("kind", flat=True)) == [
        "ticket-type-paused", "ticket-type-resumed",
    ]  # fmt: skip


def test_type_put_away_is_unknown_to_buyers_and_comes_back_paused() -> None:
    row = make_ticket_type(quotas=[make_quota()])

    acts.put_away(ticket_type=row, **by())
    away = faults(row)
    acts.resume(ticket_type=row, **by())  # what is not listed is not sold
    acts.bring_back(ticket_type=row, **by())

    assert (away, faults(row)) == (["unknown"], ["paused"])


def test_type_with_tickets_is_not_deleted_and_one_without_is() -> None:
    event = make_event()
    sold, unsold = make_ticket_type(event=event), make_ticket_type(event=event, quotas=[make_quota(event=event)])
    take_hold((sold, 1))

    with pytest.raises(acts.InUse):
        acts.remove(ticket_type=sold, **by())
    acts.remove(ticket_type=unsold, **by())

    assert list(event.ticket_types.all()) == [sold]


def test_old_secret_link_opens_nothing_after_a_new_one() -> None:
    row = make_ticket_type(secret=True)

    acts.renew_secret(ticket_type=row, **by())

    with pytest.raises(holds.Refused) as caught:
        take_hold((row, 1), secret=row.secret_key)
    assert [fault.code for fault in caught.value.faults] == ["unknown"]
    row.refresh_from_db()
    assert take_hold((row, 1), secret=row.secret_key).total_minor == row.price_minor


def test_capacity_is_never_below_what_is_taken_and_says_the_least() -> None:
    quota = make_quota(capacity=10, name="Room")
    take_hold((make_ticket_type(event=quota.event, quotas=[quota]), 4))
    was = since.mark(quota_acts.values_of(quota))

    with pytest.raises(quota_acts.BelowTaken) as caught:
        quota_acts.edit(quota=quota, name="Room", capacity=3, was=was, **by())
    quota_acts.edit(quota=quota, name="Hall", capacity=4, was=was, **by())

    assert caught.value.least == 4
    assert (Quota.objects.get().name, Stock.objects.get().capacity) == ("Hall", 4)
    assert last_said() == "Changed the quota “Room”: name “Room” → “Hall”; capacity 10 → 4."


def test_quota_that_is_drawn_on_is_not_deleted_and_one_that_is_not_is() -> None:
    event = make_event()
    drawn, free = make_quota(event=event), make_quota(event=event)
    make_ticket_type(event=event, quotas=[drawn])

    with pytest.raises(quota_acts.InUse):
        quota_acts.remove(quota=drawn, **by())
    quota_acts.remove(quota=free, **by())

    assert list(event.quotas.all()) == [drawn]
