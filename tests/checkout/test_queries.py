"""The read behind the checkout's pages: what the models would read, in one statement that is prepared once."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from checkout.actions import orders
from checkout.actions.orders import Details
from checkout.models import Order, Ticket
from checkout.queries import order_for_mail, order_view, ticket_page
from events.models import Event, TicketType
from tests.buyers import NOON, make_complete_order, make_held_order, take_hold
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
LONG = ("description", "refund_policy")  # read where they are shown


def order_of_two_types() -> Order:
    """Three tickets of two types, the first with an attendee; every kind of column has something in it."""
    event = make_event(description="Long.", timezone="Asia/Kolkata", accent="#aa2200")
    quota = make_quota(event=event)
    first, second = (
        make_ticket_type(event=event, quotas=[quota, make_quota(event=event)], price_minor=0, description="Long.")
        for _ in range(2)
    )
    order = take_hold((first, 2), (second, 1))
    orders.complete_free(order=order, details=Details("Ada", "ada@example.com", {1: "Grace"}), now=NOON)
    return order


def columns(row: Model, *, without: Sequence[str] = ()) -> dict[str, object]:
    """What each of the model's columns holds, with its type, and how the row came to be."""
    names = [field.attname for field in row._meta.concrete_fields if field.name not in without]
    held = {name: (type(row.__dict__[name]), row.__dict__[name]) for name in names}
    return held | {"state": (row._state.db, row._state.adding)}


def test_order_view_has_every_column_as_the_models_read_it() -> None:
    order = order_of_two_types()

    view = order_view(order.token, now=NOON)

    assert view is not None
    event = Event.objects.get(pk=order.event_id)
    assert columns(view.order) == columns(Order.objects.get(pk=order.pk))
    assert columns(view.order.event, without=LONG) == columns(event, without=LONG)
    assert columns(view.order.event.organiser, without=LONG) == columns(event.organiser, without=LONG)
    for ticket, stored in zip(view._tickets, Ticket.objects.filter(order=order).order_by("number"), strict=True):
        ticket_type = TicketType.objects.get(pk=stored.ticket_type_id)
        assert columns(ticket) == columns(stored)
        assert columns(ticket.ticket_type, without=LONG) == columns(ticket_type, without=LONG)
        assert ticket.order is view.order


def test_order_view_leaves_long_descriptions_where_they_are() -> None:
    order = order_of_two_types()

    view = order_view(order.token, now=NOON)

    assert view is not None
    assert view.event.description == ""
    assert {frozenset(ticket.ticket_type.get_deferred_fields()) for ticket in view._tickets} == {
        frozenset({"description"})
    }


def test_what_was_read_can_be_saved_and_read_again() -> None:
    order = make_held_order(price_minor=0)
    view = order_view(order.token, now=NOON)
    assert view is not None

    view.order.full_name = "Grace Hopper"
    view.order.save()

    assert Order.objects.get(pk=order.pk).full_name == "Grace Hopper"
    view.order.refresh_from_db()
    assert view.order.full_name == "Grace Hopper"


def test_order_view_is_one_query_with_all_that_pages_show() -> None:
    order = order_of_two_types()

    with CaptureQueriesContext(connection) as queries:
        view = order_view(order.token, now=NOON)
        assert view is not None
        shown = (view.event.organiser_name, view.total_text, view.hold, [t.type_name for t in view.tickets], view.lines)

    assert len(queries) == 1
    assert len(shown[3]) == 3


def test_the_statement_is_prepared_once_for_every_order() -> None:
    for _ in range(4):
        order_view(make_held_order(price_minor=0).token, now=NOON)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s",
            ("%WHERE checkout_order.token = $1%",),
        )
        prepared = cursor.fetchone()

    assert prepared == (1,)


def test_order_view_finds_one_order_or_nothing() -> None:
    ours, other = make_held_order(quantity=2), make_held_order()

    view = order_view(ours.token, now=NOON)

    assert view is not None
    assert (view.order.pk, len(view.tickets)) == (ours.pk, 2)
    assert order_view(other.token[:-1], now=NOON) is None
    assert order_view("' OR true --", now=NOON) is None


def test_order_for_mail_finds_by_number_or_raises() -> None:
    order = make_complete_order(quantity=2)

    view = order_for_mail(order.pk, now=NOON)

    assert [ticket.number for ticket in view.tickets] == [1, 2]
    with pytest.raises(Order.DoesNotExist):
        order_for_mail(order.pk + 1000, now=NOON)


def test_ticket_page_holds_that_ticket_alone() -> None:
    order = make_complete_order(quantity=3)
    second = order.tickets.get(number=2)

    view = ticket_page(second.code, now=NOON)

    assert view is not None
    assert ([ticket.code for ticket in view.tickets], view.order.pk) == ([str(second)], order.pk)
    assert ticket_page("0" * 12, now=NOON) is None
