"""Pages: what a browser would find on those that the site and the fake Stripe really send."""

from datetime import datetime, timedelta

import pytest
import stripe
from django.test import Client
from django.utils.timezone import now

from events.models import Availability, Kind
from fakestripe import FakeStripe
from loadtests.pages import NotThere, Page, Row
from tests.buyers import make_complete_order, make_held_order
from tests.fakestripe.makers import make_session, visit
from tests.makers import make_event, make_quota, make_ticket_type

HOST = "http://testserver"
pytestmark = pytest.mark.django_db


def read(client: Client, path: str) -> Page:
    return Page(client.get(path).content, HOST + path)


def test_event_page_has_its_ticket_types_to_choose(client: Client) -> None:
    event = make_event()
    make_ticket_type(event=event, slug="early", name="Early bird", max_per_order=4)
    make_ticket_type(event=event, slug="group", name="Group", min_per_order=3, max_per_order=9)
    make_ticket_type(event=event, slug="gift", name="Gift", kind=Kind.PAY_WHAT_YOU_WANT)

    page = read(client, event.get_absolute_url())

    assert page.rows == [
        Row("early", "Quantity, Early bird", "quantity-early", 1, 4, None),
        Row("group", "Quantity, Group", "quantity-group", 3, 9, None),
        Row("gift", "Quantity, Gift", "quantity-gift", 1, 10, "price-gift"),
    ]
    assert page.choice is not None
    assert page.choice.action == f"{HOST}{event.get_absolute_url()}orders/"
    assert page.choice.fields == {
        "key": "", "secret": "",
        "quantity-early": "0", "quantity-group": "0", "price-gift": "5.00", "quantity-gift": "0",
    }  # fmt: skip
    assert page.choice.pressed("get tickets") == {}


def test_event_page_before_the_opening_says_what_its_scripts_act_on(client: Client) -> None:
    event = make_event()
    opens_at = (now() + timedelta(minutes=5)).replace(microsecond=0)
    make_ticket_type(event=event, sale_starts_at=opens_at)

    page = read(client, event.get_absolute_url())

    assert page.rows == []
    assert datetime.fromisoformat(page.sale.opens_at) == opens_at
    assert page.sale.source == f"{HOST}{event.get_absolute_url()}tickets/"
    assert page.sale.poll_url == f"{HOST}{event.get_absolute_url()}availability/"
    assert page.sale.poll_seconds > 0
    assert page.sale.spread_ms > 0
    with pytest.raises(NotThere):
        page.form_with_button("get tickets").pressed("get tickets")


def test_event_page_that_is_sold_out_has_nothing_to_choose(client: Client) -> None:
    event = make_event()
    make_ticket_type(event=event, availability=Availability.SOLD_OUT)

    page = read(client, event.get_absolute_url())

    assert page.rows == []
    assert page.sale.opens_at == ""


def test_event_page_names_the_files_that_a_new_browser_fetches(client: Client) -> None:
    event = make_event()
    make_ticket_type(event=event)

    files = read(client, event.get_absolute_url()).files

    assert all(one.startswith(f"{HOST}/") for one in files)
    assert sum(one.endswith(".css") for one in files) > 5
    assert sum(one.endswith(".js") for one in files) > 2


@pytest.mark.parametrize(("price_minor", "button"), [(0, "Confirm free order"), (1000, "Continue to review")])
def test_details_page_asks_who_buys(client: Client, price_minor: int, button: str) -> None:
    order = make_held_order(price_minor=price_minor, quantity=2, now=now())

    form = read(client, f"/orders/{order.token}/details/").form(lambda one: one.asks_for("email"), "of the buyer")

    filled = form.filled(name="Ada Lovelace", email="ada@example.com")
    assert form.action == f"{HOST}/orders/{order.token}/details/"
    assert button in [one.text for one in form.buttons]
    assert form.pressed("") == {}
    assert filled == {**form.fields, "full_name": "Ada Lovelace", "email": "ada@example.com"}
    assert {"attendee_1", "attendee_2"} < set(filled)


def test_confirmation_has_reference_tickets_and_total(client: Client) -> None:
    order = make_complete_order(quantity=2)

    page = read(client, f"/orders/{order.token}/")

    assert page.reference == order.reference
    assert len(page.links("show")) == 2
    assert page.links("show")[0].startswith(f"{HOST}/tickets/")
    assert page.total_text == "Free"


def test_page_of_an_order_that_is_not_complete_has_no_reference(client: Client) -> None:
    order = make_held_order(now=now())

    assert read(client, f"/orders/{order.token}/").reference == ""


def test_refusal_offers_the_same_form_again(client: Client) -> None:
    event = make_event()
    ticket_type = make_ticket_type(event=event, quotas=[make_quota(event=event, capacity=1)])
    path = f"{event.get_absolute_url()}orders/"

    refused = client.post(path, {f"quantity-{ticket_type.slug}": "2"}, headers={"Sec-Fetch-Site": "same-origin"})

    page = Page(refused.content, HOST + path)
    assert refused.status_code == 409
    assert page.has_alert
    assert [row.name for row in page.rows] == [ticket_type.slug]


def test_payment_page_has_buttons_to_pay_decline_and_close() -> None:
    with FakeStripe() as fake:
        client = stripe.StripeClient("sk_test_shop", base_addresses={"api": fake.base_url})
        url = str(make_session(client).url)
        page = Page(visit(url).text.encode(), url)

    form = page.form_with_button("pay")
    assert form.action == url
    assert form.pressed("pay") == {"button": "pay"}
    assert form.pressed("decline") == {"button": "decline"}
    assert page.form_with_button("close").pressed("close") == {"button": "close"}
    assert not page.has_alert
