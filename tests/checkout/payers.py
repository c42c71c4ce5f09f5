"""Makes orders that are being paid at the fake Stripe, and carries its webhooks to the site."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now

from checkout.actions import orders, payments
from checkout.models import Order, Payment
from events.models import Event
from fakestripe import FakeStripe
from fakestripe.calls import Call
from fakestripe.webhooks import signature
from tests.buyers import ADA, make_held_order
from tests.fakestripe.makers import Shop

# Speaking to a provider gives the connection back first, so these tests commit. Named apps, because a table that waffle
# leaves behind for its own model can only be emptied together with the rest.
COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
KEY = "sk_test_shop"
SECRET = "whsec_shop"
CREATE = "POST /v1/checkout/sessions"


def make_order_to_pay(
    event: Event | None = None, *, quantity: int = 1, at: datetime | None = None, **over: Any
) -> Order:
    """A held order of Ada's at 10.00 a ticket, ready to be paid; `over` goes to its ticket type."""
    order = make_held_order(event, quantity=quantity, now=at or now(), **over)
    orders.record_details(order=order, details=ADA)
    return again(order)


def make_paying_order(event: Event | None = None, *, at: datetime | None = None, **over: Any) -> Order:
    """The same with its payment page open."""
    order = make_order_to_pay(event, at=at, **over)
    payments.begin(order=order, now=at or now())
    return again(order)


def again(order: Order) -> Order:
    """The order as the database has it now."""
    return Order.objects.select_related("event").get(pk=order.pk)


def payment_of(order: Order) -> Payment:
    """The order's latest payment."""
    payment = order.payments.last()
    assert payment is not None
    return payment


def session_of(order: Order) -> str:
    """The id of the latest payment's session."""
    session_id = payment_of(order).session_id
    assert session_id is not None
    return session_id


def history_of(order: Order) -> list[str]:
    return list(order.history.values_list("kind", flat=True))


def mail_of(order: Order) -> list[str]:
    return list(order.mail.values_list("kind", flat=True))


def page_of(order: Order) -> str:
    """What the order's page says now."""
    response = Client().get(order.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def come_back(order: Order) -> HttpResponse:
    """The buyer comes back from the payment page."""
    return cast("HttpResponse", Client().get(f"{order.get_absolute_url()}return/"))


def press_pay(order: Order) -> HttpResponse:
    """The buyer presses the button on the review page."""
    return cast("HttpResponse", Client().post(f"{order.get_absolute_url()}payments/"))


def post(body: str | bytes, signed: str, client: Client | None = None) -> HttpResponse:
    """A webhook arrives at the site."""
    return cast(
        "HttpResponse",
        (client or Client()).post(
            "/webhooks/stripe/", data=body, content_type="application/json", headers={"Stripe-Signature": signed}
        ),
    )


def post_event(event: dict[str, Any], *, secret: str = SECRET, client: Client | None = None) -> HttpResponse:
    """An event of our own making arrives, signed just now."""
    body = json.dumps(event)
    return post(body, signature(secret, body, int(now().timestamp())), client)


@dataclass
class Webhooks:
    """What the fake Stripe has sent, waiting to be carried to the site."""

    stripe: FakeStripe
    post_box: Shop

    def take(self) -> list[Call]:
        """All that have come since the last look, really signed, in the order of their coming."""
        self.stripe.wait_for_webhooks()
        calls, self.post_box.calls[:] = list(self.post_box.calls), []
        return calls

    def carry(self) -> list[int]:
        """Post them to the site, and answer its statuses."""
        return [post(call.body, call.headers["stripe-signature"]).status_code for call in self.take()]
