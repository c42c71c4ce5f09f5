"""Journeys: how each of them ends, and what is kept of a payment that nobody confirmed."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from loadtests.journeys import play
from tests.loadtests.shop import BUY, SCRIPT, Reply, Shop

GONE: Reply = (409, "<title>Check your tickets</title>")


def played(over: dict[str, Reply | list[Reply | str]] | None = None, **manner: Any) -> Shop:
    shop = Shop({**SCRIPT, **(over or {})})
    play(shop.visitor(**manner))
    return shop


def ending(shop: Shop) -> list[str]:
    return list(shop.tally.journeys)


def test_buyer_gets_from_the_event_page_to_the_ticket() -> None:
    shop = played()

    assert ending(shop) == ["bought"]
    assert [name for name in shop.names() if name not in SCRIPT] == []
    assert shop.names()[-1] == "GET /tickets/1/"
    assert shop.tally.faults == {}
    (receipt,) = shop.receipts
    assert (receipt["order"], receipt["reference"], receipt["tickets"]) == ("/orders/1/done/", "UHMF", 1)
    assert (receipt["total_text"], receipt["paid"], receipt["confirmed"]) == ("£5", True, True)


@pytest.mark.parametrize("reply", [(500, ""), (303, "", {"location": "/orders/1/"}), (200, "<title>Sorry</title>")])
def test_payment_that_was_made_and_never_confirmed_is_kept(reply: Reply) -> None:
    shop = played({"GET /orders/1/return/": reply})

    assert ending(shop) == ["failed"]
    assert [(one["order"], one["paid"], one["confirmed"]) for one in shop.receipts] == [("/orders/1/", True, False)]
    assert sum(fault.count for fault in shop.tally.faults.values()) == 1


def test_visitor_told_twice_that_tickets_are_gone_leaves_without_an_error() -> None:
    shop = played({"POST /a/fair/orders/": GONE})

    assert ending(shop) == ["sold_out"]
    assert shop.names().count("GET /a/fair/") == 2
    assert shop.names().count("POST /a/fair/orders/") <= 2
    assert shop.tally.faults == {}
    assert shop.tally.total("sold_out") == 1


def test_visitor_tries_another_type_when_the_first_is_gone() -> None:
    other = BUY.replace("quantity-day", "quantity-night")
    shop = played({
        "GET /a/fair/": [(200, BUY), (200, other)], "POST /a/fair/orders/": [GONE, SCRIPT["POST /a/fair/orders/"]],
    })  # fmt: skip

    tried = [parse_qs(body) for name, body, _ in shop.asked if name == "POST /a/fair/orders/"]

    assert ending(shop) == ["bought"]
    assert tried[0]["quantity-day"] != ["0"]
    assert tried[1]["quantity-night"] == ["1"]


@pytest.mark.parametrize(("has_javascript", "keys"), [(True, 1), (False, 0)])
def test_key_is_written_by_the_pages_script_and_not_without(has_javascript: bool, keys: int) -> None:
    shop = played(has_javascript=has_javascript)

    sent = next(parse_qs(body) for name, body, _ in shop.asked if name == "POST /a/fair/orders/")

    assert len(sent.get("key", [])) == keys


def test_same_visitor_of_another_run_does_not_send_the_same_key() -> None:
    sent = [body for _ in range(2) for name, body, _ in played().asked if name == "POST /a/fair/orders/"]

    assert len(set(sent)) == 2


def test_double_click_sends_the_same_twice() -> None:
    shop = played(double_clicks=True)

    sent = [body for name, body, _ in shop.asked if name == "POST /a/fair/orders/"]
    assert ending(shop) == ["bought"]
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_double_click_that_makes_two_orders_is_a_wrong_answer() -> None:
    replies: list[Reply | str] = [(303, "", {"location": f"/orders/{number}/details/"}) for number in (1, 2)]
    shop = played({"POST /a/fair/orders/": replies}, double_clicks=True)

    assert ending(shop) == ["failed"]
    assert list(shop.tally.faults) == [("hold", "wrong answer", 303)]


def test_page_without_what_a_person_looks_for_is_a_wrong_answer() -> None:
    shop = played({"GET /orders/1/details/": (200, "<title>Empty</title>")})

    assert ending(shop) == ["failed"]
    assert list(shop.tally.faults) == [("details", "wrong answer", 200)]


def test_fault_of_ours_does_not_pass_for_the_sites() -> None:
    shop = Shop({name: reply for name, reply in SCRIPT.items() if name != "GET /orders/1/details/"})

    play(shop.visitor())

    assert ending(shop) == ["failed"]
    assert [kind for _, kind, _ in shop.tally.faults] == ["fault of the generator"]
