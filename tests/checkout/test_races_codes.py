"""Many buyers after the uses of one code: exactly as many as it has, held, abandoned, cancelled or paid."""

import random
import uuid
from datetime import timedelta
from functools import partial

import pytest

from checkout import ledger
from checkout.actions import holds, orders
from checkout.models import Order, State, Ticket
from events.models import Code, CodeUse, TicketType
from tests.buyers import ADA, COMMITTED, NOON, race, take_hold
from tests.makers import make_code, make_event, make_quota, make_ticket_type

pytestmark = [COMMITTED, pytest.mark.race]


def used(code: Code) -> int:
    return CodeUse.objects.get(code=code).used


def test_64_buyers_use_exactly_10_of_10() -> None:
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=1000)], price_minor=1000)
    code = make_code(event=ticket_type.event, percent=50, capacity=10)

    raced = race(*[partial(take_hold, (ticket_type, 1), code=code.text)] * 64)

    held = [result for result in raced if isinstance(result, Order)]
    refused = [result for result in raced if isinstance(result, holds.Refused)]
    assert (len(held), len(refused)) == (10, 54)
    assert {fault.code for refusal in refused for fault in refusal.faults} == {"code_short"}
    assert list(Ticket.objects.values_list("price_minor", "discount_minor")) == [(500, 500)] * 10
    assert used(code) == 10
    assert ledger.check().faults == []


def test_double_click_races_for_the_last_use_and_has_it() -> None:
    ticket_type = make_ticket_type()
    code = make_code(event=ticket_type.event, capacity=1)

    raced = race(*[partial(take_hold, (ticket_type, 1), code=code.text, key=uuid.uuid4())] * 24)

    assert raced == [Order.objects.get()] * 24
    assert used(code) == 1
    assert ledger.check().faults == []


def use_and_end(types: list[TicketType], codes: list[Code], seed: int) -> int:
    """Hold with one of the codes again and again, and end each hold in one of the ways that there are. Answers how many
    uses have stayed."""
    dice = random.Random(seed)
    kept = 0
    for _ in range(12):
        wanted = [(ticket_type, dice.randint(1, 2)) for ticket_type in dice.sample(types, dice.randint(1, 2))]
        at = dice.choice([NOON, NOON - timedelta(hours=1)])
        try:
            order = take_hold(*wanted, code=dice.choice(codes).text, now=at)
        except holds.Refused as refused:
            if not refused.is_shortfall:
                raise
            continue
        try:
            if dice.random() < 0.5:
                orders.complete_free(order=order, details=ADA, now=NOON)
                kept += sum(quantity for _, quantity in wanted)
            else:
                orders.close(order=order, to=State.CANCELLED, by="buyer", now=NOON)
        except orders.NotOpen:
            continue  # swept meanwhile
        if order.state == State.COMPLETE and dice.random() < 0.5:
            orders.void(order=order, by="staff", now=NOON, back_on_sale=dice.random() < 0.5)
            kept -= sum(quantity for _, quantity in wanted)
    return kept


def sweep_often() -> list[str]:
    faults = []
    for _ in range(15):
        holds.sweep(now=NOON)
        faults += ledger.check().faults
    return faults


def test_uses_add_up_while_holds_end_in_every_way() -> None:
    event = make_event()
    quotas = [make_quota(event=event, capacity=60) for _ in range(2)]
    types = [make_ticket_type(event=event, quotas=order, price_minor=100) for order in (quotas, quotas[::-1])]
    codes = [make_code(event=event, percent=100, capacity=capacity) for capacity in (9, 14)]

    *kept, seen = race(*(partial(use_and_end, types, codes, seed) for seed in range(16)), sweep_often)
    holds.sweep(now=NOON)

    assert seen == []
    assert [result for result in kept if not isinstance(result, int)] == []
    assert sum(result for result in kept if isinstance(result, int)) == sum(used(code) for code in codes)
    assert ledger.check().faults == []
