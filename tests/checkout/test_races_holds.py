"""Many buyers after the same tickets, in real threads on a real Postgres: not one too many, not one too few."""

import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError
from django.http import QueryDict

from checkout import choice, ledger
from checkout.actions import availability, holds, orders
from checkout.choice import Line
from checkout.models import Order, OrderEvent, State, Ticket
from events.models import Availability, Quota, Stock, TicketType
from tests.buyers import ADA, COMMITTED, NOON, race, stock_of, take_hold
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = [COMMITTED, pytest.mark.race]
LATER = NOON + timedelta(hours=1)
Wanted = tuple[TicketType, ...]


def take_until_gone(choices: list[Wanted], seed: int) -> int:
    """A buyer who takes 1 to 4 of one of the choices again and again, fewer when there are not enough, and
    stops when not one of any is left. Answers how many tickets they completed."""
    dice = random.Random(seed)
    bought = 0
    while choices:
        wanted = dice.choice(choices)
        quantity = dice.randint(len(wanted), 4)
        while quantity >= len(wanted):
            try:
                bought += buy(wanted, quantity)
                break
            except holds.Refused as refused:
                if not refused.is_shortfall:
                    raise
                quantity -= 1
        else:
            choices = [other for other in choices if other != wanted]
    return bought


def buy(wanted: Wanted, quantity: int) -> int:
    """Take and complete `quantity` tickets spread over the ticket types, in the order given."""
    shares = [quantity // len(wanted) + (place < quantity % len(wanted)) for place in range(len(wanted))]
    order = take_hold(*zip(wanted, shares, strict=True))
    orders.complete_free(order=order, details=ADA, now=NOON)
    return quantity


def audit(times: int) -> list[str]:
    """Reads the whole ledger again and again while others work; answers every fault ever seen."""
    return [fault for _ in range(times) for fault in ledger.check().faults]


def test_64_buyers_buy_exactly_500_of_500() -> None:
    event = make_event()
    site, adults, children = (make_quota(event=event, capacity=capacity) for capacity in (500, 330, 290))
    adult = make_ticket_type(event=event, quotas=[site, adults], price_minor=0)
    child = make_ticket_type(event=event, quotas=[children, site], price_minor=0)
    camper = make_ticket_type(event=event, quotas=[adults, site, children], price_minor=0)
    choices = [(adult,), (child,), (adult, child), (child, adult), (camper, child), (adult, camper)]

    raced = race(*(partial(take_until_gone, choices, seed) for seed in range(64)))

    assert [result for result in raced if not isinstance(result, int)] == []
    assert sum(result for result in raced if isinstance(result, int)) == 500
    assert Ticket.objects.filter(order__state=State.COMPLETE).count() == 500
    assert stock_of(site).taken == 500
    assert not Order.objects.exclude(state=State.COMPLETE).exists()
    assert ledger.check().faults == []


def test_last_ticket_goes_to_one_of_many() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=1)])

    raced = race(*[lambda: take_hold((ticket_type, 1))] * 32)

    refused = [result for result in raced if isinstance(result, holds.Refused)]
    assert [fault for refusal in refused for fault in refusal.faults] == [
        choice.Fault(ticket_type.slug, "short", 0)
    ] * 31
    assert Order.objects.count() == 1
    assert ledger.check().faults == []


def test_last_lapsed_hold_goes_to_one_of_many() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=1)])
    lapsed = take_hold((ticket_type, 1))

    raced = race(*[lambda: take_hold((ticket_type, 1), now=LATER)] * 24)

    assert sum(isinstance(result, Order) for result in raced) == 1
    assert sum(isinstance(result, holds.Refused) for result in raced) == 23
    lapsed.refresh_from_db()
    assert lapsed.state == State.EXPIRED
    assert ledger.check().faults == []


@pytest.mark.parametrize("capacity", [100, 2])
def test_double_submit_makes_one_order_and_everyone_hears_of_it(capacity: int) -> None:
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=capacity)])
    line = Line(ticket_type.slug, 2, None)
    click = partial(
        holds.take, event_id=ticket_type.event_id, lines=[line], secret="", key=uuid.uuid4(), now=NOON
    )  # fmt: skip

    raced = race(*[click] * 32)

    order = Order.objects.get()
    assert raced == [order.token] * 32
    assert Stock.objects.get().taken == 2
    assert ledger.check().faults == []


def test_other_choice_under_the_same_key_is_another_order() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota()])
    forms = [QueryDict(f"quantity-{ticket_type.slug}={quantity}&key={uuid.UUID(int=7)}") for quantity in (1, 2, 3)]

    def submit(form: QueryDict) -> str:
        chosen = choice.read(form, "GBP")
        return holds.take(
            event_id=ticket_type.event_id, lines=chosen.lines, secret=chosen.secret, key=chosen.key, now=NOON
        )

    raced = race(*[partial(submit, form) for form in forms] * 6)

    assert raced[:3] * 6 == raced
    assert len({str(token) for token in raced}) == 3
    assert Stock.objects.get().taken == 1 + 2 + 3
    assert ledger.check().faults == []


def lower_until_refused(quota: Quota) -> int:
    """Take one place after the other off sale until the database says that somebody has it."""
    while True:
        capacity = stock_of(quota).capacity
        try:
            Stock.objects.filter(quota=quota).update(capacity=capacity - 1)
        except IntegrityError:
            return capacity


def take_while_there_are(ticket_type: TicketType, most: int) -> int:
    """Hold pairs until refused or `most` are held; answers how many tickets are."""
    for held in range(0, most, 2):
        try:
            take_hold((ticket_type, 2))
        except holds.Refused:
            return held
    return most


def test_capacity_lowered_during_a_sale_stops_at_what_is_taken() -> None:
    quota = make_quota(capacity=240)
    ticket_type = make_ticket_type(quotas=[quota])
    take_hold((ticket_type, 10))

    raced = race(
        partial(lower_until_refused, quota),
        *[partial(take_while_there_are, ticket_type, 20)] * 12,
    )

    stock = stock_of(quota)
    capacity, *taken = (result for result in raced if isinstance(result, int))
    assert len(taken) == 12
    assert stock.taken == 10 + sum(taken)
    assert stock.taken <= stock.capacity <= stock.taken + 1
    assert stock.capacity <= capacity
    assert ledger.check().faults == []


def test_capacities_changed_in_any_order_do_not_stop_the_sale() -> None:
    event = make_event()
    quotas = [make_quota(event=event, capacity=1000) for _ in range(6)]
    ticket_type = make_ticket_type(event=event, quotas=quotas)

    def change() -> None:
        for capacity in range(1000, 1010):
            for quota in reversed(quotas):
                Stock.objects.filter(quota=quota).update(capacity=capacity)

    def buyer() -> None:
        for _ in range(30):
            take_hold((ticket_type, 1))

    raced = race(change, change, *[buyer] * 6)

    assert raced == [None] * 8
    assert {stock_of(quota).taken for quota in quotas} == {180}
    assert ledger.check().faults == []


def test_ledger_is_clean_at_every_moment_of_a_sale() -> None:
    quota = make_quota(capacity=120)
    ticket_type = make_ticket_type(quotas=[quota], price_minor=0)

    def hold_and_end(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(20):
            try:
                end(take_hold((ticket_type, dice.randint(1, 4)), now=NOON - timedelta(minutes=20)), dice)
            except (holds.Refused, orders.NotOpen):  # none left, or another's sweep was faster
                holds.sweep(now=NOON)

    raced = race(partial(audit, 40), partial(audit, 40), *(partial(hold_and_end, seed) for seed in range(8)))

    assert raced == [[], [], *[None] * 8]
    assert ledger.check().faults == []


def end(order: Order, dice: random.Random) -> None:
    """Leave the order held, cancel it or complete it."""
    way = dice.randint(0, 2)
    if way == 1:
        orders.close(order=order, to=State.CANCELLED, by="buyer", now=NOON)
    elif way == 2:
        orders.complete_free(order=order, details=ADA, now=NOON)


def test_availability_is_told_in_words_during_a_sale_and_ends_with_the_truth() -> None:
    quota = make_quota(capacity=40)
    ticket_type = make_ticket_type(quotas=[quota], price_minor=0)

    def tick() -> set[str]:
        seen = set()
        for _ in range(30):
            availability.refresh(event_id=ticket_type.event_id)
            availability.refresh()
            seen.add(TicketType.objects.get().availability)
        return seen

    ticks: list[Callable[[], object]] = [tick, tick]
    raced = race(*ticks, *(partial(take_until_gone, [(ticket_type,)], seed) for seed in range(12)))

    assert [result for result in raced if isinstance(result, Exception)] == []
    availability.refresh()
    ticket_type.refresh_from_db()
    assert ticket_type.availability == Availability.SOLD_OUT
    assert ledger.check().faults == []


def test_renewals_pressed_at_once_stop_at_the_cap() -> None:
    order = take_hold((make_ticket_type(quotas=[make_quota()]), 1))

    raced = race(*[lambda: holds.renew(order=Order.objects.select_related("event").get(), now=LATER)] * 8)

    assert raced.count(None) == 3
    assert sum(isinstance(result, holds.CannotRenew) for result in raced) == 5
    order.refresh_from_db()
    assert (order.renewals, order.expires_at) == (3, LATER + timedelta(minutes=15))
    assert OrderEvent.objects.filter(kind="renewed").count() == 3
    assert ledger.check().faults == []


def test_expired_order_held_again_from_two_tabs_is_one_order() -> None:
    order = take_hold((make_ticket_type(quotas=[make_quota(capacity=2)]), 2))
    holds.sweep(now=LATER)

    raced = race(*[lambda: holds.take_again(order=Order.objects.get(pk=order.pk), now=LATER)] * 16)

    new = Order.objects.get(state=State.HELD)
    assert raced == [new.token] * 16
    assert ledger.check().faults == []
