"""Express checkout: a free order's details and confirmation at one address, where the flag is on and nowhere else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import DjangoAssertNumQueries

from checkout.actions import orders
from checkout.actions.orders import Details
from checkout.models import Order, State
from events import facts, pages
from events.models import Event, Kind, TicketType
from flags import costs
from flags.models import Flag, Grant
from kit.cache import Busy
from tests.buyers import take_hold
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
BUYER = {"full_name": "Ada Lovelace", "email": "ada@example.com"}


@pytest.fixture
def seat() -> TicketType:
    """A free ticket type of an event with the flag on."""
    facts.forget()
    pages.forget()
    event = make_event()
    grant(event)
    return make_free(event)


def make_free(event: Event) -> TicketType:
    return make_ticket_type(event=event, kind=Kind.FREE, price_minor=0, quotas=[make_quota(event=event, capacity=50)])


def grant(event: Event) -> None:
    flag, _ = Flag.objects.get_or_create(name="express-checkout", defaults={"stage": "beta"})
    Grant.objects.create(flag=flag, event=event, reason="A trial.")


def hold(ticket_type: TicketType, quantity: int = 2) -> Order:
    return take_hold((ticket_type, quantity), now=now())


def details_of(order: Order) -> str:
    return f"{order.get_absolute_url()}details/"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_confirmation_takes_the_place_of_the_form(client: Client, seat: TicketType) -> None:
    order = hold(seat)

    form = client.get(details_of(order))
    sent = client.post(details_of(order), BUYER)
    confirmation = client.get(sent.headers["Location"])

    assert "Get my 2 tickets" in text(form)
    assert 'class="steps"' not in text(form)
    assert (sent.status_code, sent.headers["Location"]) == (303, details_of(order))
    assert "is complete" in text(confirmation)
    assert Order.objects.get().state == State.COMPLETE


def test_second_click_and_the_orders_own_address_show_the_same_confirmation(client: Client, seat: TicketType) -> None:
    order = hold(seat)
    client.post(details_of(order), BUYER)

    again = client.post(details_of(order), {**BUYER, "email": "eve@example.com"})
    here, there = client.get(details_of(order)), client.get(order.get_absolute_url())

    assert again.headers["Location"] == details_of(order)
    assert text(here) == text(there)
    assert Order.objects.get().email == "ada@example.com"


def test_what_was_typed_is_kept_when_something_is_wrong(client: Client, seat: TicketType) -> None:
    order = hold(seat)

    answer = client.post(details_of(order), {**BUYER, "email": "ada@", "attendee_2": "Grace Hopper"})

    assert answer.status_code == 422
    assert "Get my 2 tickets" in text(answer)
    assert 'value="Grace Hopper"' in text(answer)


def test_hold_that_lapses_while_somebody_types_keeps_what_was_typed(client: Client, seat: TicketType) -> None:
    order = hold(seat)
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())

    sent = client.post(details_of(order), BUYER)

    assert sent.headers["Location"] == order.get_absolute_url()
    assert Order.objects.get().full_name == "Ada Lovelace"


def test_order_completed_in_another_tab_is_shown(client: Client, seat: TicketType) -> None:
    order = hold(seat)
    orders.complete_free(order=order, details=Details("Ada", "ada@example.com"), now=now())

    assert "is complete" in text(client.get(details_of(order)))


def test_without_the_flag_the_pages_are_as_they_were(client: Client) -> None:
    order = hold(make_free(make_event()))

    form, sent = client.get(details_of(order)), client.post(details_of(order), BUYER)

    assert "Confirm free order" in text(form)
    assert 'class="steps"' in text(form)
    assert sent.headers["Location"] == order.get_absolute_url()
    assert client.get(details_of(order)).headers["Location"] == order.get_absolute_url()


@pytest.mark.parametrize("path", ["", "details/", "cancellation/"])
def test_paid_order_has_the_same_pages_with_the_flag_and_without(client: Client, path: str) -> None:
    dear = make_ticket_type(price_minor=1800)
    order, shown = hold(dear), []

    for _ in range(2):
        facts.forget()
        cache.clear()
        shown.append(re.sub(r"\d+ minutes?|left=\"\d+\"", "…", text(client.get(f"{order.get_absolute_url()}{path}"))))
        if not Grant.objects.exists():
            grant(dear.event)

    assert shown[0] == shown[1]


def test_warm_page_asks_nothing_more_with_the_flag(
    client: Client, seat: TicketType, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = hold(seat)
    client.get(seat.event.get_absolute_url())

    with django_assert_num_queries(1):
        client.get(details_of(order))


@pytest.mark.parametrize("fault", [Busy("facts"), None])
def test_buyer_goes_on_without_flags_when_they_cannot_be_had(
    client: Client, seat: TicketType, monkeypatch: pytest.MonkeyPatch, fault: Exception | None
) -> None:
    def find(*_: Any, **__: Any) -> None:
        if fault:
            raise fault

    order = hold(seat)
    monkeypatch.setattr("events.facts.find", find)

    form, sent = client.get(details_of(order)), client.post(details_of(order), BUYER)

    assert "Confirm free order" in text(form)
    assert sent.status_code == 303
    assert Order.objects.get().state == State.COMPLETE


def test_completed_express_order_is_a_use_and_any_other_is_none(client: Client, seat: TicketType) -> None:
    costs.forget()
    express, other = hold(seat), hold(make_free(make_event()))

    for order in (express, express, other):
        client.post(details_of(order), BUYER)

    uses = {of.event_id: cost.uses for window in costs._windows.values() for of, cost in window.items() if cost.uses}
    assert uses == {seat.event_id: 1}


def test_grant_that_ends_meanwhile_leads_back_to_the_ordinary_way(client: Client, seat: TicketType) -> None:
    order = hold(seat)
    Grant.objects.update(expires_at=now() - timedelta(seconds=1))
    facts.forget()

    sent = client.post(details_of(order), BUYER)

    assert client.get(sent.headers["Location"], follow=True).status_code == 200
    assert Order.objects.get().state == State.COMPLETE
