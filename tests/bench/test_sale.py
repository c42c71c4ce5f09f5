"""`make load`: what it sells, and what it judges on a machine that is too slow to be judged by time."""

import json
from typing import Any

import pytest

from bench.house import wares_of_a_sale
from bench.house.sale import NOT_PASSED, NOT_PLAYED, PASSED, exactness
from events import catalogue
from tests.makers import make_organiser


def figures(*failed: str, bought: int = 9) -> dict[str, Any]:
    rules = ("oversell", "ledger", "buyers", "hold", "error: busy", "error: 5xx")
    findings = [{"rule": rule, "mark": "failed" if rule in failed else "passed", "words": ""} for rule in rules]
    return {"verdict": {"findings": findings}, "outcome": {"journeys": {"bought": bought}}}


@pytest.mark.parametrize(
    ("failed", "status"),
    [
        ([], PASSED), (["hold"], PASSED), (["hold", "error: busy"], PASSED), (["oversell"], NOT_PASSED),
        (["ledger"], NOT_PASSED), (["buyers"], NOT_PASSED), (["error: 5xx", "hold"], NOT_PASSED),
    ],
)  # fmt: skip
def test_exactness_is_judged_and_time_is_not(failed: list[str], status: int) -> None:
    assert exactness(figures(*failed)) == status


def test_who_was_cut_off_while_paying_is_not_judged() -> None:
    cut_off = figures("buyers")
    cut_off["outcome"]["partial"] = True

    assert exactness(cut_off) == PASSED


def test_sale_at_which_nobody_bought_proves_nothing() -> None:
    assert exactness(figures(bought=0)) == NOT_PLAYED
    assert exactness({"why": "What ran it has died."}) == NOT_PLAYED


@pytest.mark.django_db
def test_festival_is_a_catalogue_of_twenty_ticket_types_over_four_quotas_free_and_paid() -> None:
    asked = catalogue.read(json.dumps(wares_of_a_sale.catalogue()))

    event = catalogue.apply(asked, organiser=make_organiser(), publish=True).event

    prices = list(event.ticket_types.values_list("price_minor", flat=True))
    assert (len(prices), event.quotas.count()) == (20, 4)
    assert 0 < sum(price == 0 for price in prices) < 20
