"""What is left, in words: plenty, few left, all held, sold out; written only when the word changes."""

from datetime import timedelta
from typing import Any

import pytest

from checkout.actions import availability, holds, orders
from checkout.models import Order, State
from events.models import Availability, Event, Stock, TicketType
from events.models import State as EventState
from tests.buyers import ADA, NOON, take_hold
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db


def word_of(ticket_type: TicketType) -> str:
    """The word for a ticket type, fresh from the ticker."""
    availability.refresh()
    return TicketType.objects.get(pk=ticket_type.pk).availability


def make_type(capacity: int, *, taken: int = 0, **over: Any) -> TicketType:
    """A ticket type with a quota of its own of which so many are gone."""
    return make_ticket_type(quotas=[make_quota(capacity=capacity, taken=taken)], **over)


@pytest.mark.parametrize(
    ("capacity", "taken", "word"),
    [
        (100, 0, Availability.PLENTY),
        (100, 89, Availability.PLENTY),
        (100, 90, Availability.FEW),
        (100, 99, Availability.FEW),
        (100, 100, Availability.SOLD_OUT),
        (1000, 899, Availability.PLENTY),
        (1000, 900, Availability.FEW),
        (20, 14, Availability.PLENTY),
        (20, 15, Availability.FEW),
        (6, 0, Availability.PLENTY),
        (5, 0, Availability.FEW),
        (1, 0, Availability.FEW),
        (0, 0, Availability.SOLD_OUT),
    ],
)
def test_word_says_what_is_left(capacity: int, taken: int, word: str) -> None:
    ticket_type = make_type(capacity, taken=taken)

    assert word_of(ticket_type) == word


def test_word_is_sold_out_when_less_than_the_smallest_order_is_left() -> None:
    ticket_type = make_type(10, taken=7, min_per_order=4)

    assert word_of(ticket_type) == Availability.SOLD_OUT


def test_word_is_of_the_tightest_quota() -> None:
    event = make_event()
    wide, tight = make_quota(event=event, capacity=1000), make_quota(event=event, capacity=1000, taken=950)
    both = make_ticket_type(event=event, quotas=[wide, tight])
    easy = make_ticket_type(event=event, quotas=[wide])

    assert (word_of(both), word_of(easy)) == (Availability.FEW, Availability.PLENTY)


def test_word_is_plenty_without_a_quota() -> None:
    ticket_type = make_ticket_type()
    TicketType.objects.update(availability=Availability.SOLD_OUT)

    assert word_of(ticket_type) == Availability.PLENTY


@pytest.mark.parametrize("state", [State.HELD, State.PAYING])
def test_word_is_all_held_while_somebody_has_not_paid(state: str) -> None:
    ticket_type = make_type(10)
    take_hold((ticket_type, 10))
    Order.objects.update(state=state)

    assert word_of(ticket_type) == Availability.ALL_HELD


def test_word_follows_an_order_from_held_to_sold_and_back() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=10)], price_minor=0)
    words = [word_of(ticket_type)]
    order = take_hold((ticket_type, 10))
    words.append(word_of(ticket_type))
    orders.complete_free(order=order, details=ADA, now=NOON)
    words.append(word_of(ticket_type))

    orders.void(order=order, by="ada", now=NOON, back_on_sale=True)

    assert [*words, word_of(ticket_type)] == ["plenty", "all_held", "sold_out", "plenty"]


def test_word_follows_a_lapsed_hold() -> None:
    ticket_type = make_type(10)
    take_hold((ticket_type, 10))
    held = word_of(ticket_type)

    holds.sweep(now=NOON + timedelta(hours=1))

    assert (held, word_of(ticket_type)) == ("all_held", "plenty")


def test_holds_on_one_quota_do_not_make_another_look_held() -> None:
    event = make_event()
    sold, held = make_quota(event=event, capacity=5, taken=5), make_quota(event=event, capacity=5)
    sold_type = make_ticket_type(event=event, quotas=[sold])
    held_type = make_ticket_type(event=event, quotas=[held])
    take_hold((held_type, 5))

    assert (word_of(sold_type), word_of(held_type)) == (Availability.SOLD_OUT, Availability.ALL_HELD)


def test_word_is_sold_out_when_one_of_its_quotas_is_though_another_is_held() -> None:
    event = make_event()
    sold, held = make_quota(event=event, capacity=5, taken=5), make_quota(event=event, capacity=5)
    both = make_ticket_type(event=event, quotas=[sold, held])
    take_hold((make_ticket_type(event=event, quotas=[held]), 5))

    assert word_of(both) == Availability.SOLD_OUT


def test_refresh_counts_what_changed_and_writes_nothing_else() -> None:
    event = make_event()
    quota = make_quota(event=event, capacity=10)
    for _ in range(3):
        make_ticket_type(event=event, quotas=[quota])
    steady = make_type(10)
    version = Event.objects.get(pk=steady.event_id).version
    Stock.objects.filter(quota=quota).update(taken=10)

    changed = [availability.refresh(), availability.refresh()]

    assert changed == [3, 0]
    assert Event.objects.get(pk=steady.event_id).version == version


def test_refresh_raises_the_version_when_a_word_changes_and_only_then() -> None:
    ticket_type = make_type(10)
    before = Event.objects.get().version
    availability.refresh()
    same = Event.objects.get().version

    take_hold((ticket_type, 10))
    availability.refresh()

    assert same == before
    assert Event.objects.get().version > before


def test_refresh_of_one_event_leaves_others_alone() -> None:
    here, there = make_type(10, taken=10), make_type(10, taken=10)

    changed = availability.refresh(event_id=here.event_id)

    here.refresh_from_db()
    there.refresh_from_db()
    assert changed == 1
    assert (here.availability, there.availability) == (Availability.SOLD_OUT, Availability.PLENTY)


@pytest.mark.parametrize("state", [EventState.DRAFT, EventState.CLOSED])
def test_refresh_leaves_events_alone_that_are_not_live(state: str) -> None:
    ticket_type = make_type(10, taken=10)
    Event.objects.update(state=state)

    assert word_of(ticket_type) == Availability.PLENTY
