"""Numbers counted while buyers buy, in real threads on a real Postgres: nothing is missed and nothing counted twice."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection, transaction

from checkout import ledger
from checkout.actions import holds, numbers, orders
from checkout.models import NumbersMark, Order, OrderEvent, State
from events.models import TicketType
from tests.buyers import ADA, COMMITTED, NOON, make_complete_order, race, take_hold
from tests.checkout.recount import count_all, kept, recounted
from tests.lock_waits import work_beside
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = [COMMITTED, pytest.mark.race]


class Killed(Exception):
    """The worker ended before it could commit."""


def holes() -> tuple[int, int]:
    mark = NumbersMark.objects.get()
    return len(mark.holes), len(mark.old_holes)


def buy_and_count(ticket_type: TicketType) -> Order:
    """What others do meanwhile: somebody buys, and the worker counts."""
    order = take_hold((ticket_type, 3))
    count_all()
    return order


def test_history_that_is_committed_out_of_order_is_counted_when_it_comes() -> None:
    ticket_type = make_ticket_type(price_minor=0)
    event = ticket_type.event
    take_hold((ticket_type, 5))
    count_all()
    count_all()

    work_beside(lambda: take_hold((ticket_type, 1)), partial(buy_and_count, ticket_type))

    before, waited_for = kept(event), sum(holes())
    count_all()
    assert (before, waited_for) == ({"holds": 2, "held": 8}, 1)
    assert kept(event) == {"holds": 3, "held": 9}
    assert sum(holes()) == 0
    assert ledger.check().faults == []


def test_history_that_is_never_committed_is_forgotten() -> None:
    ticket_type = make_ticket_type(price_minor=0)

    def take_and_count() -> None:
        with suppress(Killed), transaction.atomic():
            take_hold((ticket_type, 1))
            raise Killed
        take_hold((ticket_type, 3))

    take_hold((ticket_type, 5))
    count_all()
    count_all()
    take_and_count()
    numbers.count()
    with_a_hole = sum(holes())
    numbers.count()

    assert (with_a_hole, sum(holes())) == (1, 0)
    assert kept(ticket_type.event) == {"holds": 2, "held": 8}


def test_worker_killed_before_its_commit_has_counted_nothing() -> None:
    event = make_complete_order(quantity=2).event
    count_all()
    make_complete_order(event, quantity=3)

    with suppress(Killed), transaction.atomic():
        numbers.count()
        inside = kept(event)
        raise Killed

    after_it = kept(event)
    count_all()
    assert (inside["sold"], after_it["sold"], kept(event)["sold"]) == (5, 2, 5)
    assert ledger.check().faults == []


def test_second_worker_does_not_wait_for_the_first() -> None:
    event = make_complete_order().event

    answered = work_beside(numbers.count, numbers.count)

    assert answered == 0
    assert kept(event)["sold"] == 1


def test_numbers_are_exact_after_a_sale_that_many_counted() -> None:
    event = make_event()
    quota = make_quota(event=event, capacity=90)
    ticket_types = [make_ticket_type(quotas=[quota], price_minor=0) for _ in range(2)]
    is_over = threading.Event()
    faults: list[str] = []

    def live(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(12):
            with suppress(holds.Refused, orders.NotOpen):
                order = take_hold((dice.choice(ticket_types), dice.randint(1, 3)))
                if end := dice.choice([complete, complete_and_void, let_go, None]):
                    end(order)

    def until_over(act: Callable[[], object]) -> None:
        while not is_over.is_set():
            act()

    def die_often() -> None:
        with suppress(Killed), transaction.atomic():
            numbers.count(most=3)
            raise Killed

    def sale() -> None:
        race(*(partial(live, seed) for seed in range(6)))
        is_over.set()

    raced = race(
        sale, partial(until_over, partial(numbers.count, most=7)), partial(until_over, numbers.count),
        partial(until_over, die_often), partial(until_over, lambda: faults.extend(ledger.check().faults)),
    )  # fmt: skip
    count_all()

    assert raced == [None] * 5
    assert faults == []
    assert OrderEvent.objects.count() > 72
    assert kept(event) == recounted(event)
    assert ledger.check().faults == []


def complete(order: Order) -> None:
    orders.complete_free(order=order, details=ADA, now=NOON)


def complete_and_void(order: Order) -> None:
    complete(order)
    orders.void(order=order, by="ada", now=NOON, back_on_sale=True)


def let_go(order: Order) -> None:
    orders.close(order=order, to=State.CANCELLED, by="buyer", now=NOON)


def test_rebuilding_during_a_sale_counts_nothing_twice() -> None:
    ticket_type = make_ticket_type(price_minor=0)
    event_id = ticket_type.event_id
    for _ in range(5):
        complete(take_hold((ticket_type, 1)))

    raced = race(
        *[lambda: complete(take_hold((ticket_type, 2)))] * 4, *[numbers.count] * 3,
        *[partial(numbers.rebuild, event_id=event_id)] * 2,
    )  # fmt: skip
    count_all()
    connection.close()

    assert [answer for answer in raced if isinstance(answer, Exception)] == []
    assert kept(ticket_type.event)["sold"] == 13
    assert ledger.check().faults == []
