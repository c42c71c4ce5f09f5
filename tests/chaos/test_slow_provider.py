"""A payment provider that takes its time: those who press Pay wait for it, and nobody else does."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from bench.house import crowd
from bench.house.buyers import BUYER, hold, one_after_another, order_of
from bench.house.crowd import Answer, post
from bench.house.house import House
from embedded import processes

SLUG = "dear"
BUYERS = 30
SECONDS = 2.0
ORDINARY_SECONDS = 1.5  # for any one step of anybody who does not pay; less than one answer of the provider
COMPLETE = """
    SELECT count(*) FROM checkout_order o JOIN events_event e ON e.id = o.event_id
      JOIN checkout_payment p ON p.order_id = o.id AND p.state = 'paid'
      JOIN checkout_ticket t ON t.order_id = o.id WHERE e.slug = %s AND o.state = 'complete'
"""


def control(house: House, path: str, **options: Any) -> None:
    """Steer the fake Stripe."""
    url = f"{house.variables['STRIPE_API_BASE']}/_fake/{path}"
    urllib.request.urlopen(url, data=json.dumps(options).encode(), timeout=20).close()  # noqa: S310  -- our own fake


@pytest.fixture
def paying(house: House) -> Iterator[House]:
    """The house with the fake Stripe and something that costs something; nothing is slow at the end."""
    house.start_fake_stripe()
    assert processes.wait_until(lambda: "ready" in house.parts["fakestripe"].last_words(), within=20)
    house.run("-m", "tests.loadtests.sale", SLUG, "1", "1000", "1250")
    yield house
    house.stop("fakestripe")


def about_to_pay(house: House) -> str:
    """The order of somebody who has only to press Pay."""
    order = order_of(hold(house, SLUG, edge=False))
    assert crowd.ask(house.site_port, post(f"{order}details/", BUYER)).status == 303
    return order


def press_pay(house: House, orders: list[str]) -> list[Answer]:
    return crowd.together(house.site_port, [post(f"{order}payments/", {}) for order in orders]).all


def session_of(answer: Answer) -> str:
    return answer.header("Location").rpartition("/")[2]


def test_slow_payment_provider_keeps_nobody_waiting_who_does_not_pay(paying: House) -> None:
    orders = [about_to_pay(paying) for _ in range(BUYERS)]
    control(paying, "calls/delay", seconds=SECONDS, count=1000, only="POST /v1/checkout/sessions")

    with one_after_another(paying) as others:
        pressed = press_pay(paying, orders)

    assert {answer.status for answer in others} == {200, 303}
    assert len(others) > 60
    assert crowd.Answers(others).slowest() < ORDINARY_SECONDS
    turned_away = [order for order, answer in zip(orders, pressed, strict=True) if answer.status != 303]
    assert all(answer.status == 303 or (answer.status == 503 and answer.header("Retry-After")) for answer in pressed)
    assert len(turned_away) < BUYERS / 2
    control(paying, "calls/clear")
    everybody_gets_what_they_paid(paying, [*pressed, *press_pay(paying, turned_away)])


def everybody_gets_what_they_paid(house: House, pressed: list[Answer]) -> None:
    sessions = [session_of(answer) for answer in pressed if answer.status == 303]
    assert len(sessions) == BUYERS
    for session in sessions:
        control(house, f"sessions/{session}/pay")
    assert processes.wait_until(lambda: house.sql(COMPLETE, SLUG) == [(BUYERS,)], within=20)
    assert "The ledger is clean" in house.manage("check_ledger")
