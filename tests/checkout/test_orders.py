"""An order's steps: which the database allows, what each writes, and what it gives back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from checkout import ledger
from checkout.actions import holds, orders
from checkout.actions.orders import Details
from checkout.models import Mail, Order, OrderEvent, State, Ticket
from events.models import Stock
from tests.buyers import ADA, NOON, make_complete_order, make_held_order, stock_of, take_hold, taken_of
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)

ALLOWED = {
    (State.HELD, State.PAYING),
    (State.HELD, State.COMPLETE),
    (State.HELD, State.EXPIRED),
    (State.HELD, State.CANCELLED),
    (State.PAYING, State.COMPLETE),
    (State.PAYING, State.EXPIRED),
    (State.PAYING, State.CANCELLED),
    (State.EXPIRED, State.COMPLETE),
    (State.COMPLETE, State.CANCELLED),
}
STEPS = [(old, new) for old in State for new in State if old != new]


def move(order: Order, state: str) -> None:
    """Put an order into a state by hand, with all that the CHECKs ask of any state."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE checkout_order SET state = %s, full_name = 'Ada', email = 'ada@example.com',"
            " completed_at = now(), closed_at = now() WHERE id = %s",
            (state, order.pk),
        )


def make_order_in(state: str) -> Order:
    """A free order that has come to be in this state."""
    order = make_held_order(price_minor=0)
    if state != State.HELD:
        move(order, state)
    order.refresh_from_db()
    return order


def history_of(order: Order) -> list[tuple[str, Any, str]]:
    return list(order.history.values_list("kind", "at", "by"))


# The database's own rules


@pytest.mark.parametrize(("old", "new"), [step for step in STEPS if step in ALLOWED])
def test_database_allows_the_step(old: str, new: str) -> None:
    order = make_order_in(old)

    move(order, new)

    order.refresh_from_db()
    assert order.state == new


@pytest.mark.parametrize(("old", "new"), [step for step in STEPS if step not in ALLOWED])
def test_database_refuses_the_step(old: str, new: str) -> None:
    order = make_order_in(old)

    with pytest.raises(DatabaseError, match=f"cannot go from {old} to {new}"), transaction.atomic():
        move(order, new)

    order.refresh_from_db()
    assert order.state == old


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkout_orderevent SET note = 'nothing happened'",
        "UPDATE checkout_orderevent SET kind = kind",
        "DELETE FROM checkout_orderevent",
    ],
)
def test_history_can_only_be_added_to(statement: str) -> None:
    order = make_held_order()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert history_of(order) == [("held", NOON, "buyer")]


# Details


def test_details_are_kept() -> None:
    order = make_held_order(quantity=3)

    orders.record_details(order=order, details=Details("Ada Lovelace", "ada@example.com", {2: "Charles"}))

    kept = Order.objects.get()
    assert (kept.full_name, kept.email, kept.state) == ("Ada Lovelace", "ada@example.com", State.HELD)
    assert list(order.tickets.values_list("attendee_name", flat=True)) == ["", "Charles", ""]


def test_details_left_out_keep_the_names_that_were_there() -> None:
    order = make_held_order(quantity=2)
    orders.record_details(order=order, details=Details("Ada", "ada@example.com", {1: "Ada", 2: "Charles"}))

    orders.record_details(order=order, details=Details("Ada", "ada@example.com", {2: "Mary"}))

    assert list(order.tickets.values_list("attendee_name", flat=True)) == ["Ada", "Mary"]


def test_details_name_no_ticket_of_another_order() -> None:
    order, other = make_held_order(), make_held_order(quantity=2)

    orders.record_details(order=order, details=Details("Ada", "ada@example.com", {1: "Ada", 2: "Eve"}))

    assert list(other.tickets.values_list("attendee_name", flat=True)) == ["", ""]


def test_details_are_kept_when_the_hold_has_just_expired() -> None:
    order = make_order_in(State.EXPIRED)

    orders.record_details(order=order, details=Details("Ada King", "king@example.com", {1: "Ada"}))

    kept = Order.objects.get()
    assert (kept.full_name, kept.email, kept.state) == ("Ada King", "king@example.com", State.EXPIRED)
    assert Ticket.objects.get().attendee_name == "Ada"


@pytest.mark.parametrize("state", [State.COMPLETE, State.CANCELLED])
def test_details_are_refused_once_the_order_is_over(state: str) -> None:
    order = make_order_in(state)

    with pytest.raises(orders.NotOpen):
        orders.record_details(order=order, details=Details("Eve", "eve@example.com", {1: "Eve"}))

    assert Order.objects.get().full_name == "Ada"
    assert Ticket.objects.get().attendee_name == ""


# Completing


def test_free_order_completes_with_its_names_its_history_and_its_mail() -> None:
    order = make_held_order(quantity=2, price_minor=0)

    orders.complete_free(order=order, details=Details("Ada", "ada@example.com", {1: "Ada"}), now=LATER)

    kept = Order.objects.get()
    assert (kept.state, kept.completed_at, kept.full_name, kept.email) == (
        State.COMPLETE,
        LATER,
        "Ada",
        "ada@example.com",
    )
    assert history_of(order) == [("held", NOON, "buyer"), ("completed", LATER, "buyer")]
    assert list(Mail.objects.values_list("kind", "to", "next_attempt_at")) == [
        (Mail.Kind.TICKETS, "ada@example.com", LATER)
    ]
    assert taken_of(order) == 2
    assert ledger.check().faults == []


def test_order_that_costs_something_does_not_complete_for_free() -> None:
    order = make_held_order()

    with pytest.raises(orders.NotFree):
        orders.complete_free(order=order, details=ADA, now=LATER)

    assert Order.objects.get().state == State.HELD


@pytest.mark.parametrize("state", [State.PAYING, State.COMPLETE, State.EXPIRED, State.CANCELLED])
def test_free_order_completes_only_while_it_is_held(state: str) -> None:
    order = make_order_in(state)

    with pytest.raises(orders.NotOpen):
        orders.complete_free(order=order, details=Details("Eve", "eve@example.com", {1: "Eve"}), now=LATER)

    assert Order.objects.get().full_name == "Ada"
    assert Ticket.objects.get().attendee_name == ""
    assert not Mail.objects.exists()


def test_completion_that_fails_half_way_leaves_nothing_behind() -> None:
    order = make_held_order(price_minor=0)
    nameless = Details("", "ada@example.com")

    with pytest.raises(DatabaseError, match="order_complete_has_a_buyer"), transaction.atomic():
        orders.complete_free(order=order, details=nameless, now=LATER)

    assert Order.objects.get().state == State.HELD
    assert OrderEvent.objects.count() == 1
    assert not Mail.objects.exists()


# Closing


@pytest.mark.parametrize("old", [State.HELD, State.PAYING])
@pytest.mark.parametrize("new", [State.EXPIRED, State.CANCELLED])
def test_closing_an_open_order_gives_its_stock_back(old: State, new: State) -> None:
    quota = make_quota()
    ticket_type = make_ticket_type(quotas=[quota])
    order, other = take_hold((ticket_type, 3)), take_hold((ticket_type, 2))
    Order.objects.filter(pk=order.pk).update(state=old)

    orders.close(order=order, to=new, by="ada", now=LATER, note="because")

    order.refresh_from_db()
    assert (order.state, order.closed_at) == (new, LATER)
    assert list(order.history.values_list("kind", "by", "note"))[1:] == [(new, "ada", "because")]
    assert stock_of(quota).taken == 2
    assert Order.objects.get(pk=other.pk).state == State.HELD
    assert ledger.check().faults == []


@pytest.mark.parametrize("state", [State.COMPLETE, State.EXPIRED, State.CANCELLED])
def test_closing_a_closed_order_changes_nothing(state: str) -> None:
    order = make_held_order(price_minor=0, quantity=2)
    if state == State.COMPLETE:
        orders.complete_free(order=order, details=ADA, now=NOON)
    else:
        orders.close(order=order, to=State(state), by="ada", now=NOON)
    taken = taken_of(order)

    with pytest.raises(orders.NotOpen):
        orders.close(order=order, to=State.CANCELLED, by="eve", now=LATER)

    assert Order.objects.get().state == state
    assert taken_of(order) == taken
    assert not OrderEvent.objects.filter(by="eve").exists()


def test_closing_gives_back_to_every_quota_of_every_ticket() -> None:
    event = make_event()
    site, adults, children = (make_quota(event=event) for _ in range(3))
    adult = make_ticket_type(event=event, quotas=[adults, site])
    child = make_ticket_type(event=event, quotas=[site, children])
    free_for_all = make_ticket_type(event=event)
    order = take_hold((adult, 2), (child, 3), (free_for_all, 4))
    before = [stock_of(quota).taken for quota in (site, adults, children)]

    orders.close(order=order, to=State.CANCELLED, by="buyer", now=LATER)

    assert before == [5, 2, 3]
    assert [stock_of(quota).taken for quota in (site, adults, children)] == [0, 0, 0]
    assert ledger.check().faults == []


# Voiding


def test_voiding_puts_the_places_back_on_sale() -> None:
    order = make_complete_order(quantity=4)

    orders.void(order=order, by="ada", now=LATER, back_on_sale=True, note="moved house")

    stock = Stock.objects.get(quota_id=Ticket.objects.all()[0].quota_ids[0])
    assert (stock.taken, stock.capacity) == (0, 100)
    assert list(order.history.values_list("kind", "by", "note"))[2:] == [("cancelled", "ada", "moved house")]
    assert ledger.check().faults == []


def test_voiding_without_going_back_on_sale_shrinks_the_quotas() -> None:
    event = make_event()
    site, own = make_quota(event=event, capacity=10), make_quota(event=event, capacity=5)
    ticket_type = make_ticket_type(event=event, quotas=[site, own], price_minor=0)
    order, other = take_hold((ticket_type, 3)), take_hold((ticket_type, 1))
    orders.complete_free(order=order, details=ADA, now=NOON)

    orders.void(order=order, by="ada", now=LATER, back_on_sale=False)

    assert [(stock_of(quota).taken, stock_of(quota).capacity) for quota in (site, own)] == [(1, 7), (1, 2)]
    assert Order.objects.get(pk=other.pk).state == State.HELD
    assert ledger.check().faults == []


def test_voided_tickets_no_longer_admit_and_the_buyer_is_told() -> None:
    order = make_complete_order(quantity=2)

    orders.void(order=order, by="ada", now=LATER, back_on_sale=True)

    order.refresh_from_db()
    assert (order.state, order.closed_at) == (State.CANCELLED, LATER)
    assert list(order.tickets.values_list("voided_at", flat=True)) == [LATER, LATER]
    assert not order.tickets.live().exists()
    assert list(Mail.objects.values_list("kind", "to")) == [
        (Mail.Kind.TICKETS, ADA.email),
        (Mail.Kind.CANCELLED, ADA.email),
    ]


@pytest.mark.parametrize("back_on_sale", [True, False])
@pytest.mark.parametrize("state", [State.HELD, State.PAYING, State.EXPIRED, State.CANCELLED])
def test_voiding_is_for_complete_orders_only(state: str, back_on_sale: bool) -> None:
    order = make_order_in(state)
    taken = taken_of(order)

    with pytest.raises(orders.NotOpen):
        orders.void(order=order, by="ada", now=LATER, back_on_sale=back_on_sale)

    assert Order.objects.get().state == state
    assert (taken_of(order), Ticket.objects.get().voided_at) == (taken, None)


def test_voided_twice_gives_back_once() -> None:
    order = make_complete_order(quantity=4)
    orders.void(order=order, by="ada", now=LATER, back_on_sale=True)

    with pytest.raises(orders.NotOpen):
        orders.void(order=order, by="ada", now=LATER, back_on_sale=True)

    assert taken_of(order) == 0
    assert Mail.objects.filter(kind=Mail.Kind.CANCELLED).count() == 1
    assert ledger.check().faults == []


def test_places_of_a_voided_order_can_be_taken_by_others() -> None:
    quota = make_quota(capacity=2)
    ticket_type = make_ticket_type(quotas=[quota], price_minor=0)
    order = take_hold((ticket_type, 2))
    orders.complete_free(order=order, details=ADA, now=NOON)
    with pytest.raises(holds.Refused):
        take_hold((ticket_type, 1))

    orders.void(order=order, by="ada", now=LATER, back_on_sale=True)

    assert take_hold((ticket_type, 2)).state == State.HELD
    assert ledger.check().faults == []
