"""Express checkout: one page for a free order, the same rules as ever, and nothing else on the site the wiser."""

import re
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from checkout import ledger
from checkout.actions import holds
from checkout.models import Mail, Order, State
from checkout.queries import OrderView, order_view
from events import facts
from events.models import Event, TicketType
from flags import costs
from flags.models import Flag
from flags.spending import Cost
from tests.buyers import COMMITTED, race, take_hold
from tests.flags.makers import make_flag, make_grant
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
ADA: Final = {"full_name": "Ada Lovelace", "email": "ada@example.com"}
CHANGING: Final = re.compile(
    r"/orders/[\w-]+|/tickets/\w+|\b\w{4}-\w{4}-\w{4}\b|[BCDFGHJKLMNPQRSTVWXZ]{4}\b|seconds-left=\"\d+"
)
DETAILS: Final = "orders/<token:token>/details/"


@pytest.fixture(autouse=True)
def _costs_from_nothing(settings: Settings) -> Iterator[None]:
    settings.EVENT_FACTS_SECONDS = 60.0  # so that a slow machine finds its copies warm
    costs.forget()
    yield
    costs.forget()


def make_free(*, express: bool = True, **over: Any) -> TicketType:
    """A free ticket type, of an event with the flag unless told otherwise."""
    event = make_event()
    if express:
        grant(event)
    return make_ticket_type(event=event, quotas=[make_quota(event=event)], **{"price_minor": 0, **over})


def grant(event: Event) -> None:
    flag = Flag.objects.filter(name="express-checkout").first() or make_flag("express-checkout")
    make_grant(flag, event)


def held(ticket_type: TicketType, quantity: int = 1) -> Order:
    """A hold of just now, by a buyer who has seen the event's page."""
    facts.find(ticket_type.event.organiser.slug, ticket_type.event.slug, now=now())
    return take_hold((ticket_type, quantity), now=now())


def details_of(order: Order) -> str:
    return f"{order.get_absolute_url()}details/"


def page(path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    """The status and text of an answer."""
    response = Client().get(path) if form is None else Client().post(path, form)
    return response.status_code, response.content.decode()


def heading(text: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


class Buyer:
    """Follows every redirect, and counts what is asked of the site, and by it of the database."""

    def __init__(self) -> None:
        self.client, self.requests, self.statements = Client(), 0, 0

    def go(self, path: str, form: dict[str, str] | None = None) -> str:
        self.requests += 1
        with connection.execute_wrapper(self._count):
            response = self.client.get(path) if form is None else self.client.post(path, form)
        if response.status_code == 303:
            return self.go(response.headers["Location"])
        self.path = path
        return response.content.decode()

    def _count(self, execute: Any, statement: str, *rest: Any) -> Any:
        self.statements += not statement.startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))
        return execute(statement, *rest)


def buy(ticket_type: TicketType, answers: dict[str, str] = ADA) -> tuple[int, int, str]:
    """From the event's page to the confirmation: requests, statements, and the last heading."""
    path = ticket_type.event.get_absolute_url()
    Client().get(path)  # as anybody's visit does for everybody after
    buyer = Buyer()
    buyer.go(path)
    buyer.go(f"{path}orders/", {f"quantity-{ticket_type.slug}": "1", "key": str(uuid.uuid4())})
    last = buyer.go(buyer.path, answers)
    return buyer.requests, buyer.statements, heading(last)


# The way


def test_express_order_takes_one_request_less_and_no_statement_more() -> None:
    ordinary, express = make_free(express=False), make_free()

    costs_of = [buy(ordinary), buy(express)]

    assert costs_of == [
        (5, 7, f"Your tickets to {ordinary.event.title}"),
        (4, 7, f"Your tickets to {express.event.title}"),
    ]


def test_details_are_the_only_page_and_say_so() -> None:
    status, text = page(details_of(held(make_free(), 2)))

    assert (status, heading(text)) == (200, "Get your tickets")
    assert "Get my 2 tickets</button>" in text
    assert "Your way to the tickets" not in text


def test_confirmation_is_at_the_address_of_the_details() -> None:
    order = held(make_free())

    answer = page(details_of(order), ADA)

    assert [answer[0], heading(answer[1])] == [200, f"Your tickets to {order.event.title}"]
    assert heading(page(details_of(order))[1]) == f"Your tickets to {order.event.title}"
    assert heading(page(order.get_absolute_url())[1]) == f"Your tickets to {order.event.title}"


def test_only_the_answer_to_the_form_asks_the_browser_not_to_send_it_again() -> None:
    order = held(make_free())

    texts = [page(details_of(order), ADA)[1], page(details_of(order))[1]]

    assert ["answered" in text for text in texts] == [True, False]


def test_form_sent_again_shows_the_same_tickets_and_does_nothing() -> None:
    order = held(make_free())
    first = page(details_of(order), ADA)

    again = page(details_of(order), {"full_name": "Eve", "email": "eve@example.com"})
    faulty = page(details_of(order), {})

    assert [again, faulty] == [first, first]
    assert list(order.history.values_list("kind", flat=True)) == ["held", "completed"]
    assert Mail.objects.count() == 1
    assert order_now(order).full_name == "Ada Lovelace"


def order_now(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


@COMMITTED
def test_two_clicks_at_once_make_one_order_and_both_see_it() -> None:
    order = held(make_free())

    answers = race(*[lambda: page(details_of(order), ADA)] * 4)

    assert [heading(answer[1]) for answer in answers if isinstance(answer, tuple)] == [
        f"Your tickets to {order.event.title}"
    ] * 4
    assert list(order.history.values_list("kind", flat=True)) == ["held", "completed"]
    assert ledger.check().faults == []


# What is wrong or late


@pytest.mark.parametrize("box", [{"use_buyer_name": "on"}, {}])
def test_faulty_address_is_refused_and_nothing_typed_is_lost(box: dict[str, str]) -> None:
    order = held(make_free())

    status, text = page(details_of(order), {"full_name": "Ada Lovelace", "email": "ada@", "attendee_1": "Grace", **box})

    assert (status, heading(text)) == (422, "Get your ticket")
    assert "<title>Error: Get your ticket," in text
    assert ('value="Ada Lovelace"' in text, 'value="ada@"' in text, 'value="Grace"' in text) == (True, True, True)
    assert box_is_ticked(text) == bool(box)
    assert order_now(order).state == State.HELD


def box_is_ticked(text: str) -> bool:
    box = re.search(r"<input[^>]*name=\"use_buyer_name\"[^>]*>", text)
    return box is not None and " checked" in box[0]


def test_hold_that_lapses_while_somebody_types_keeps_what_was_typed() -> None:
    order = held(make_free())
    Order.objects.filter(pk=order.pk).update(expires_at=now() - timedelta(seconds=1))
    holds.sweep(now=now())

    buyer = Buyer()
    lapsed = heading(buyer.go(details_of(order), ADA))
    again = buyer.go(f"{order.get_absolute_url()}holds/", {})

    assert (lapsed, heading(again)) == ("Your time ran out", "Get your ticket")
    assert ('value="Ada Lovelace"' in again, 'value="ada@example.com"' in again) == (True, True)


def test_renewal_keeps_what_was_typed_on_the_express_page() -> None:
    order = held(make_free())

    status, text = page(f"{order.get_absolute_url()}renewals/", {"full_name": "Ada", "email": ""})
    ticked = page(f"{order.get_absolute_url()}renewals/", {"full_name": "Ada", "email": "", "use_buyer_name": "on"})[1]

    assert (status, heading(text), 'value="Ada"' in text) == (200, "Get your ticket", True)
    assert [box_is_ticked(text), box_is_ticked(ticked)] == [False, True]


# Who comes


@pytest.mark.parametrize(("quantity", "express", "ticked"), [(1, True, True), (2, True, False), (1, False, False)])
def test_one_ticket_is_the_buyers_own_unless_said_otherwise(quantity: int, express: bool, ticked: bool) -> None:
    text = page(details_of(held(make_free(express=express), quantity)))[1]

    assert box_is_ticked(text) == ticked


@pytest.mark.parametrize(
    ("answers", "name"),
    [({"use_buyer_name": "on"}, "Ada Lovelace"), ({}, ""), ({"use_buyer_name": "on", "attendee_1": "Grace"}, "Grace")],
)
def test_name_on_the_ticket_is_as_the_page_said(answers: dict[str, str], name: str) -> None:
    order = held(make_free())

    text = page(details_of(order), {**ADA, **answers})[1]

    assert order.tickets.get().attendee_name == name
    assert name in text


# The flag


def charged(event_id: int) -> dict[str, Cost]:
    """What the flag has cost for this event by route, wherever that is by now: here or in Redis."""
    costs.flush()
    last = costs.window_of(time.time())
    found: dict[str, Cost] = {}
    for by_key in costs.spent(range(last - 60, last + 1, costs.WINDOW)).values():
        for of, cost in by_key.items():
            if of.event_id == event_id:
                found.setdefault(of.route, Cost()).merge(cost)
    return found


def test_use_and_cost_are_put_down_to_the_flag_once() -> None:
    order = held(make_free())

    for _ in range(2):
        page(details_of(order), ADA)

    found = charged(order.event_id)
    assert set(found) == {DETAILS, "-"}
    assert (found["-"].uses, found[DETAILS].requests, found[DETAILS].queries_p95) == (1, 2, 1)


def test_ordinary_order_is_put_down_to_no_flag() -> None:
    order = held(make_free(express=False))

    page(details_of(order), ADA)

    assert charged(order.event_id) == {}


def test_confirmation_stays_where_it_was_kept_when_the_flag_goes() -> None:
    order = held(make_free())
    page(details_of(order), ADA)
    Flag.objects.update(is_killed=True)
    forget_copies()

    response = Client().get(details_of(order))

    assert (response.status_code, response.headers["Location"]) == (303, order.get_absolute_url())


def forget_copies() -> None:
    """As when the second is over for which a copy is fresh."""
    cache.clear()
    facts.forget()


def view_of(order: Order) -> OrderView:
    found = order_view(order.token, now=now())
    assert found is not None
    return found


def test_order_carries_the_flags_of_its_event() -> None:
    ticket_type = make_free()
    make_flag("off")

    view = view_of(held(ticket_type))

    assert dict(view.event.flags) == {"express-checkout": True, "off": False}
    assert view.event.flags_mark == ""


def test_flags_cost_nothing_until_asked_for_and_nothing_while_the_copy_is_fresh() -> None:
    order = held(make_free(), 2)
    buyer = Buyer()

    with connection.execute_wrapper(buyer._count):
        view = view_of(order)
        view.event.flags["express-checkout"]

    assert buyer.statements == 1


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_order_of_an_event_that_sells_no_more_still_completes(state: str) -> None:
    order = held(make_free())
    Event.objects.update(state=state)
    forget_copies()

    title = heading(page(details_of(order))[1])
    response = Client().post(details_of(order), ADA, follow=True)

    assert title == {"draft": "Your details", "closed": "Get your ticket"}[state]
    assert heading(response.content.decode()) == f"Your tickets to {order.event.title}"


def test_database_that_cannot_say_which_flags_there_are_makes_an_ordinary_page() -> None:
    """At first it fails, then it is left alone for a second (cache.Busy)."""
    order = held(make_free())
    forget_copies()

    def failing(execute: Any, statement: str, *rest: Any) -> Any:
        if "flags_flag" in statement:
            raise OperationalError("canceling statement due to statement timeout")
        return execute(statement, *rest)

    with connection.execute_wrapper(failing):
        found = [page(details_of(order)) for _ in range(2)]
        buyer = Buyer()
        last = buyer.go(details_of(order), ADA)

    assert [(status, heading(text)) for status, text in found] == [(200, "Your details")] * 2
    assert heading(last) == f"Your tickets to {order.event.title}"


# Orders that cost something


def texts_of(paid: TicketType, free: TicketType, *, mixed: bool) -> list[str]:
    """All pages of an order that costs something, up to its payment; what differs from order to order left out."""
    path = paid.event.get_absolute_url()
    chosen = {f"quantity-{paid.slug}": "2", **({f"quantity-{free.slug}": "1"} if mixed else {})}
    buyer = Buyer()
    seen = [buyer.go(path), buyer.go(f"{path}orders/", {}), buyer.go(f"{path}orders/", chosen)]
    here = buyer.path
    order = Order.objects.latest("pk")
    seen += [
        buyer.go(here, {"full_name": "Ada"}),
        buyer.go(f"{order.get_absolute_url()}renewals/", {"full_name": "Ada", "use_buyer_name": "on"}),
        buyer.go(here, {**ADA, "use_buyer_name": "on"}),
        buyer.go(here),
        buyer.go(order.get_absolute_url()),
        buyer.go(f"{order.get_absolute_url()}cancellation/"),
        buyer.go(f"{order.get_absolute_url()}cancellation/", {}),
        buyer.go(here),
    ]
    return [CHANGING.sub("*", text) for text in seen] + [str(buyer.requests), str(buyer.statements)]


@pytest.mark.parametrize("mixed", [False, True])
def test_order_that_costs_something_has_the_same_pages_byte_by_byte(mixed: bool) -> None:
    free = make_free(express=False)
    paid = make_ticket_type(event=free.event, quotas=[make_quota(event=free.event)], name="Paid", price_minor=1000)
    texts_of(paid, free, mixed=mixed)  # so that both of what follows finds everything warm
    off = texts_of(paid, free, mixed=mixed)
    grant(free.event)
    forget_copies()
    texts_of(paid, free, mixed=mixed)

    on = texts_of(paid, free, mixed=mixed)

    assert on == off
    assert [heading(text) for text in on[3:6]] == ["Your details", "Your details", "Review and pay"]
    assert charged(free.event_id) == {}
