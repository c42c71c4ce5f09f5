"""Finding orders and attendees: by every beginning that people type, of this event alone, fast among 50,000."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from checkout.actions.orders import Details
from checkout.models import Order, Ticket
from events.models import Event
from organise.queries import orders
from organise.queries.orders import Wanted
from tests.buyers import make_held_order
from tests.checkout.sold import make_paid_order
from tests.makers import make_event
from tests.organise.crowd import make_crowd
from tests.plans.faults import nodes

pytestmark = pytest.mark.django_db
ZOE = Details("Zoë O'Brien-Lee", "zoe.obrien@mail.acme.example")


def found(event: Event, typed: str) -> list[Order]:
    return list(orders.orders(event, Wanted(q=typed)))


@pytest.mark.parametrize(
    "typed",
    [
        "zoë", "Zoe", "ZOE o'brien", "brien", "lee zo", "zoe.obrien@mail.acme.example", "zoe.obrien@ma", "zoe.obrien",
        "mail.acme.example", "acme.example", "@acme.example", "acme.ex", "hopper", "grace lee", "obrien", "dangelo",
    ],
)  # fmt: skip
def test_order_is_found_by_its_people(typed: str) -> None:
    event = make_event()
    order = make_paid_order(event, details=ZOE)
    order.tickets.filter(number=1).update(attendee_name="Lee Hopper D’Angelo")  # noqa: RUF001  -- as people type it
    make_paid_order(event)
    if typed == "grace lee":  # words of different people do not make one
        assert found(event, typed) == []
        return

    assert found(event, typed) == [order]


def test_order_is_found_by_reference_and_by_code_typed_in_any_way() -> None:
    event = make_event()
    order, held = make_paid_order(event), make_held_order(event)
    code = str(order.tickets.get(number=2)).lower()

    assert [found(event, typed) for typed in (order.reference.lower(), f"#{order.reference}", code)] == [[order]] * 3
    assert found(event, held.reference) == [held]


@pytest.mark.parametrize("typed", ["Zoe", "acme.example", "reference", "code"])
def test_search_finds_nothing_of_another_event(typed: str) -> None:
    event = make_event()
    theirs = make_paid_order(details=ZOE)
    typed = {"reference": theirs.reference, "code": str(theirs.tickets.get(number=1))}.get(typed, typed)

    assert (found(event, typed), list(orders.attendees(event, Wanted(q=typed)))) == ([], [])


@pytest.mark.parametrize("typed", ["'", "\\", ":*", "& | !", "a' | 'b", "((", "%", "…", "o'", "a:b", "\\'", "@", "."])
def test_search_is_asked_nothing_by_what_is_no_word(typed: str) -> None:
    event = make_event()
    make_paid_order(event, details=ZOE)

    assert found(event, typed) in ([], [Order.objects.get()])


def test_attendee_is_found_by_own_name_and_by_the_buyers() -> None:
    event = make_event()
    order = make_paid_order(event, details=ZOE)
    order.tickets.filter(number=1).update(attendee_name="Lin Chen")

    by_name, by_buyer = (list(orders.attendees(event, Wanted(q=typed))) for typed in ("chen", "acme.example"))

    assert (by_name, len(by_buyer)) == ([order.tickets.get(number=1)], 2)


def plan_of(rows: Any) -> list[dict[str, Any]]:
    """The nodes of what Postgres does to answer these rows."""
    statement, arguments = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", arguments)
        said = cursor.fetchone()[0]
    return [dict(node) for node in nodes(said[0]["Plan"])]


def assert_by_index(rows: Any, *indexes: str) -> None:
    assert set(indexes) <= {str(node.get("Index Name")) for node in plan_of(rows)}


def took_ms(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began)


def test_search_and_lists_are_fast_among_50_000_attendees_and_go_by_their_indexes() -> None:
    event = make_crowd(25_000)
    someone = Order.objects.order_by("pk")[20_000]
    slowest = {}

    for typed in ("ada", someone.full_name, someone.email, "firm-77.example.com", someone.reference, "zo"):
        wanted = Wanted(q=typed)
        slowest[f"orders, {typed}"] = took_ms(lambda: orders.order_page(orders.orders(event, wanted)))  # noqa: B023  -- called at once
        slowest[f"attendees, {typed}"] = took_ms(lambda: orders.attendee_page(orders.attendees(event, wanted)))  # noqa: B023  -- called at once
    for name, wanted in {"all": Wanted(), "refunded": Wanted(money="refunded"), "type": Wanted(type="adult")}.items():
        slowest[f"orders, {name}"] = took_ms(lambda: orders.order_page(orders.orders(event, wanted), after="9000"))  # noqa: B023  -- called at once
    slowest["attendees, all"] = took_ms(lambda: orders.attendee_page(orders.attendees(event, Wanted()), after="9000.1"))

    assert {what: ms for what, ms in slowest.items() if ms >= 300} == {}
    assert_by_index(orders.orders(event, Wanted(q=someone.email)).order_by("-pk")[:51], "order_words", "ticket_words")
    people = orders.attendees(event, Wanted(q=someone.email)).order_by("-order_id", "number")
    assert_by_index(people[:51], "order_words", "ticket_words")


def test_pages_lead_through_all_orders_and_attendees_and_back() -> None:
    event = make_crowd(60)
    everything = list(Order.objects.order_by("-pk"))
    tickets = list(Ticket.objects.order_by("-order_id", "number"))

    first = orders.order_page(orders.orders(event, Wanted()))
    second = orders.order_page(orders.orders(event, Wanted()), after=first.older)
    back = orders.order_page(orders.orders(event, Wanted()), before=second.newer)
    people = [orders.attendee_page(orders.attendees(event, Wanted()))]
    while people[-1].older:
        people.append(orders.attendee_page(orders.attendees(event, Wanted()), after=people[-1].older))
    back_there = orders.attendee_page(orders.attendees(event, Wanted()), before=people[-1].newer)

    assert ([*first.rows, *second.rows], back.rows, back.newer) == (everything, first.rows, "")
    assert [ticket for page in people for ticket in page.rows] == tickets
    assert back_there.rows == people[-2].rows
