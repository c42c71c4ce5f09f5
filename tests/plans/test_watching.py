"""The guard sees what it is there for: a missing index, a careless query, inside functions too; and names it."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection

from checkout.models import Order
from events.models import TicketType
from kit import sql
from tests.plans.faults import Fault, faults_of
from tests.plans.guide import Guide, path_of
from tests.plans.visits import VISITS
from tests.plans.watching import Statement

pytestmark = pytest.mark.django_db

ORDER, HOLDS = "/orders/<token:token>/", "/<slug:organiser_slug>/<slug:event_slug>/orders/"


def faults_on(guide: Guide, rows_of: Mapping[str, float]) -> list[Fault]:
    return [fault for statement in guide.watch.statements for fault in faults_of(statement, rows_of)]


def drop(constraint: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def test_guard_names_the_page_that_misses_an_index(guide: Guide, rows_of: dict[str, float]) -> None:
    order = guide.held()
    drop("order_token_once", "checkout_order")

    with guide.watch.at(ORDER):
        guide.get(path_of(order))

    faults = faults_on(guide, rows_of)
    assert {(fault.place, fault.node, fault.table) for fault in faults} == {
        (ORDER, "Seq Scan checkout_order", "checkout_order")
    }
    assert "reads all of checkout_order, 120," in str(faults[0])
    assert "SELECT" in str(faults[0])


def test_guard_sees_inside_the_functions_that_take_a_hold(guide: Guide, rows_of: dict[str, float]) -> None:
    drop("ticket_type_slug_once_per_event", "events_tickettype")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX ticket_type_to_judge")
        cursor.execute("ALTER TABLE events_tickettype DROP CONSTRAINT ticket_type_secret_key_once")

    with guide.watch.at(HOLDS):
        VISITS[HOLDS](guide)

    seen = {fault.text for fault in faults_on(guide, rows_of) if fault.node == "Seq Scan events_tickettype"}
    assert any(text.startswith("SELECT t.id, t.secret, t.secret_key") for text in seen)


@pytest.mark.parametrize(
    ("careless", "what"),
    [
        (lambda: list(Order.objects.filter(email="buyer-77@example.com").order_by()), "reads all of checkout_order"),
        (
            lambda: list(TicketType.objects.order_by("position", "id").values("id")[5000:5010]),
            "most of events_tickettype",
        ),
        (lambda: Order.objects.filter(event_id=1).exclude(state="complete").order_by().count(), "throws"),
    ],
)
def test_guard_sees_a_careless_query(guide: Guide, rows_of: dict[str, float], careless: Any, what: str) -> None:
    with guide.watch.at("somewhere"):
        careless()

    assert any(what in fault.what for fault in faults_on(guide, rows_of))


def test_guard_lets_a_good_query_pass(guide: Guide, rows_of: dict[str, float]) -> None:
    with guide.watch.at("somewhere"):
        Order.objects.get(token="order-77")

    assert [statement.place for statement in guide.watch.statements] == ["somewhere"]
    assert faults_on(guide, rows_of) == []


def test_watch_tells_each_statement_to_the_place_that_asked_it(guide: Guide) -> None:
    for place in ("here", "", "there"):
        with guide.watch.at(place):
            sql.value("SELECT %s::text", (place,))

    texts = [(statement.place, statement.text) for statement in guide.watch.statements]
    assert texts == [("here", "SELECT $1::text"), ("there", "SELECT $1::text")]


def test_a_scan_that_was_planned_and_not_needed_is_a_fault_too() -> None:
    plan = {"Node Type": "Seq Scan", "Relation Name": "checkout_ticket", "Actual Rows": 0.0, "Actual Loops": 0}

    faults = list(faults_of(Statement("somewhere", "SELECT 1", plan), {}))

    assert [fault.table for fault in faults] == ["checkout_ticket"]
