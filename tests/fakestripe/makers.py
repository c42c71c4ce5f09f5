"""Plain makers for the tests of the fake Stripe: a shop, SDK clients, sessions, page visits."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import stripe
from stripe.checkout import Session

from fakestripe.calls import Answer, Call
from fakestripe.server import Server

KEY = "sk_test_shop"
SECRET = "whsec_test"
SUCCESS_URL = "http://shop.test/paid?session={CHECKOUT_SESSION_ID}"
CANCEL_URL = "http://shop.test/review?order=UHMF&step=pay"


@dataclass
class Shop:
    """Stands where the shop would: keeps what it hears, and answers `status` or the next of `statuses`."""

    url: str = ""
    status: int = 200
    statuses: list[int] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    when_called: Callable[[], None] = lambda: None

    def hear(self, call: Call) -> Answer:
        """Take one webhook."""
        self.calls.append(call)
        self.when_called()
        return Answer(self.statuses.pop(0) if self.statuses else self.status, "")

    def events(self) -> list[stripe.Event]:
        """All webhooks so far, each checked against its signature by the SDK."""
        return [check(call) for call in self.calls]

    def kinds(self) -> list[str]:
        """What the webhooks so far were about."""
        return [event.type for event in self.events()]


def check(call: Call) -> stripe.Event:
    """The event of a webhook, if its signature is right and fresh."""
    event: stripe.Event = stripe.Webhook.construct_event(call.body, call.headers["stripe-signature"], SECRET)
    return event


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A shop that listens."""
    shop = Shop()
    server = Server("127.0.0.1", 0, shop.hear)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    try:
        yield shop
    finally:
        server.shutdown()
        server.close_connections()
        server.server_close()
        thread.join()


@contextmanager
def open_client(base_url: str, key: str = KEY, retries: int = 0) -> Iterator[stripe.StripeClient]:
    """The real SDK; by default without its own retries, so that a test sees every answer."""
    with requests.Session() as session:
        web = stripe.RequestsClient(timeout=10, session=session)
        yield stripe.StripeClient(key, base_addresses={"api": base_url}, http_client=web, max_network_retries=retries)


def asked(**over: Any) -> Any:
    """The parameters of a session for two lines, 41.50 GBP together."""
    return {
        "mode": "payment",
        "line_items": [line("Adult & guest <1>", 2000, 2), line("Programme", 150, 1)],
        "client_reference_id": "UHMF",
        "customer_email": "ada@example.com",
        "metadata": {"order": "UHMF"},
        "payment_intent_data": {"metadata": {"order": "UHMF", "7": "seven"}},
        "success_url": SUCCESS_URL,
        "cancel_url": CANCEL_URL,
        **over,
    }


def line(name: str, unit_minor: int, quantity: int, currency: str = "gbp") -> dict[str, Any]:
    """One line of a session, priced on the spot."""
    price = {"currency": currency, "unit_amount": unit_minor, "product_data": {"name": name}}
    return {"price_data": price, "quantity": quantity}


def make_session(client: stripe.StripeClient, **over: Any) -> Session:
    """An open session."""
    return client.v1.checkout.sessions.create(asked(**over))


@dataclass
class Visit:
    """What a browser got: redirects are not followed."""

    status: int
    text: str
    headers: dict[str, str]


def visit(url: str, form: dict[str, str] | None = None) -> Visit:
    """GET an address, or POST a form to it."""
    return send(url, None if form is None else urlencode(form), "application/x-www-form-urlencoded")


def send(url: str, body: str | None, content_type: str) -> Visit:
    """GET an address, or POST a body to it."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET" if body is None else "POST", parts.path, body, {"Content-Type": content_type})
        response = connection.getresponse()
        return Visit(response.status, response.read().decode(), dict(response.getheaders()))
    finally:
        connection.close()


def wait_until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Look again and again until something holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)
