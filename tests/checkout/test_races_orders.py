"""An order pulled two ways at once, in real threads on a real Postgres: one way wins, and the stock agrees."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.core import mail as outbox
from django.db.models import F

from checkout import ledger
from checkout.actions import holds, mail, orders
from checkout.models import Mail, Order, OrderEvent, State
from events.models import Quota, Stock, TicketType
from tests.buyers import ADA, COMMITTED, NOON, make_complete_order, make_held_order, race, stock_of, take_hold
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = [COMMITTED, pytest.mark.race]
LATER = NOON + timedelta(hours=1)


def make_orders(count: int, *, quantity: int = 2) -> tuple[Quota, list[Order]]:
    """So many held orders of a free ticket, and the quota they draw on."""
    quota = make_quota(capacity=count * quantity)
    ticket_type = make_ticket_type(quotas=[quota], price_minor=0)
    return quota, [take_hold((ticket_type, quantity)) for _ in range(count)]


def complete(order: Order) -> str:
    """Confirm an order from a page of its own; answers how it ended."""
    try:
        orders.complete_free(order=Order.objects.get(pk=order.pk), details=ADA, now=LATER)
    except orders.NotOpen:
        return "too late"
    return "complete"


def cancel(order: Order) -> str:
    """Let an order go from a page of its own; answers how it ended."""
    try:
        orders.close(order=Order.objects.get(pk=order.pk), to=State.CANCELLED, by="buyer", now=LATER)
    except orders.NotOpen:
        return "too late"
    return "cancelled"


def endings() -> Counter[str]:
    """How the orders ended, by their histories."""
    return Counter(OrderEvent.objects.exclude(kind="held").values_list("kind", flat=True))


def test_expiry_and_completion_of_one_order_have_one_winner() -> None:
    quota, held = make_orders(24)

    raced = race(*(partial(complete, order) for order in held), *[lambda: holds.sweep(now=LATER, most=7)] * 6)

    states = Counter(Order.objects.values_list("state", flat=True))
    completed = raced.count("complete")
    assert raced.count("too late") == 24 - completed
    assert (states["complete"], states["expired"]) == (completed, 24 - completed)
    assert endings() == Counter(completed=completed, expired=24 - completed)
    assert stock_of(quota).taken == 2 * completed
    assert Mail.objects.count() == completed
    assert ledger.check().faults == []


def test_cancellation_and_completion_of_one_order_have_one_winner() -> None:
    quota, held = make_orders(12)

    raced = race(*(partial(act, order) for order in held for act in (complete, cancel)))

    pairs = [set(raced[place : place + 2]) for place in range(0, 24, 2)]
    assert all(pair in ({"complete", "too late"}, {"cancelled", "too late"}) for pair in pairs)
    assert stock_of(quota).taken == 2 * raced.count("complete")
    assert endings() == Counter(completed=raced.count("complete"), cancelled=raced.count("cancelled"))
    assert ledger.check().faults == []


def test_cancellation_pressed_many_times_gives_the_stock_back_once() -> None:
    quota, (order, other) = make_orders(2)

    raced = race(*[partial(cancel, order)] * 8)

    assert sorted(map(str, raced)) == ["cancelled"] + ["too late"] * 7
    assert stock_of(quota).taken == 2
    assert other.tickets.count() == 2
    assert ledger.check().faults == []


def test_confirmation_pressed_many_times_completes_once_and_owes_one_mail() -> None:
    order = make_held_order(price_minor=0)

    raced = race(*[partial(complete, order)] * 8)

    assert sorted(map(str, raced)) == ["complete"] + ["too late"] * 7
    assert endings() == Counter(completed=1)
    assert Mail.objects.count() == 1
    assert ledger.check().faults == []


def test_sweeps_at_once_expire_each_hold_once() -> None:
    quota, held = make_orders(150)

    raced = race(*[lambda: holds.sweep(now=LATER, most=100)] * 2, *[lambda: holds.sweep(now=LATER, most=20)] * 2)

    assert sum(result for result in raced if isinstance(result, int)) == 150
    assert endings() == Counter(expired=150)
    assert stock_of(quota).taken == 0
    assert len(held) == 150
    assert ledger.check().faults == []


def test_sweep_leaves_alone_what_is_not_over_while_others_take() -> None:
    quota = make_quota(capacity=60)
    ticket_type = make_ticket_type(quotas=[quota])
    for _ in range(10):
        take_hold((ticket_type, 2), now=NOON - timedelta(hours=1))

    raced = race(
        *[lambda: holds.sweep(now=NOON, most=3)] * 4,
        *[lambda: take_hold((ticket_type, 2), now=NOON)] * 20,
    )

    swept = sum(result for result in raced if isinstance(result, int))
    taken = sum(isinstance(result, Order) for result in raced)
    assert (swept, taken) == (10, 20)
    assert stock_of(quota).taken == 40
    assert ledger.check().faults == []


def test_order_cancelled_and_swept_at_once_gives_back_once() -> None:
    quota, held = make_orders(16)

    raced = race(*(partial(cancel, order) for order in held), *[lambda: holds.sweep(now=LATER)] * 4)

    ended = endings()
    assert ended == Counter(cancelled=raced.count("cancelled"), expired=raced.count("too late"))
    assert stock_of(quota).taken == 0
    assert ledger.check().faults == []


def make_nested_types() -> tuple[list[Quota], list[TicketType]]:
    """Three free ticket types over three nested quotas: the outer one, the outer two, and all three."""
    event = make_event()
    quotas = [make_quota(event=event, capacity=200) for _ in range(3)]
    draws = (quotas[2:], quotas[1:], quotas)
    return quotas, [make_ticket_type(event=event, quotas=drawn, price_minor=0) for drawn in draws]


def test_orders_voided_at_once_shrink_their_quotas_without_locking_each_other_out() -> None:
    quotas, ticket_types = make_nested_types()
    complete_orders = [take_hold((ticket_type, 1)) for ticket_type in ticket_types for _ in range(8)]
    for order in complete_orders:
        orders.complete_free(order=order, details=ADA, now=NOON)

    raced = race(
        *(partial(orders.void, order=order, by="ada", now=LATER, back_on_sale=False) for order in complete_orders)
    )

    assert raced == [None] * 24
    assert [(stock_of(quota).taken, stock_of(quota).capacity) for quota in quotas] == [(0, 192), (0, 184), (0, 176)]
    assert ledger.check().faults == []


def test_orders_voided_while_capacities_change_and_others_buy() -> None:
    quotas, ticket_types = make_nested_types()
    bought = [take_hold((ticket_type, 1)) for ticket_type in ticket_types for _ in range(6)]
    for order in bought:
        orders.complete_free(order=order, details=ADA, now=NOON)

    def widen() -> None:
        for quota in reversed(quotas * 5):
            Stock.objects.filter(quota=quota).update(capacity=F("capacity") + 1)

    def buy() -> None:
        for ticket_type in reversed(ticket_types * 2):
            take_hold((ticket_type, 1))

    voids = (partial(orders.void, order=order, by="ada", now=LATER, back_on_sale=False) for order in bought)
    raced = race(widen, widen, buy, buy, *voids)

    assert raced == [None] * 22
    assert [stock_of(quota).taken for quota in quotas] == [4, 8, 12]
    assert ledger.check().faults == []


def test_order_voided_twice_at_once_is_voided_once() -> None:
    order = make_complete_order(quantity=3)

    raced = race(
        *[lambda: orders.void(order=Order.objects.get(), by="ada", now=LATER, back_on_sale=True)] * 6
    )  # fmt: skip

    assert raced.count(None) == 1
    assert sum(isinstance(result, orders.NotOpen) for result in raced) == 5
    assert Stock.objects.get().taken == 0
    assert Mail.objects.filter(order=order, kind=Mail.Kind.CANCELLED).count() == 1
    assert ledger.check().faults == []


def test_workers_that_drain_mail_at_once_send_each_message_once() -> None:
    quota = make_quota()
    ticket_type = make_ticket_type(quotas=[quota], price_minor=0)
    for number in range(40):
        order = take_hold((ticket_type, 1))
        details = orders.Details("Ada Lovelace", f"ada-{number}@example.com")
        orders.complete_free(order=order, details=details, now=NOON)

    raced = race(*[lambda: mail.drain(now=LATER)] * 3)

    sent = [message.to for message in outbox.outbox]
    assert sum(result for result in raced if isinstance(result, int)) == 40
    assert sorted(sent) == sorted([f"ada-{number}@example.com"] for number in range(40))
    assert mail.drain(now=LATER) == 0
    assert not Mail.objects.filter(sent_at=None).exists()
    assert ledger.check().faults == []
