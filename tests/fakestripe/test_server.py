"""The wire: form encoding, HTTP/1.1 keep-alive, bodies that are not taken, addresses that do not exist."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from fakestripe import FakeStripe, Refused, form
from tests.fakestripe.makers import KEY, make_session, visit

AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("encoded", "tree"),
    [
        ("a=1&b=&c=%C3%A9", {"a": "1", "b": "", "c": "é"}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a[0][x]=1&a[1][x]=2", {"a": {"0": {"x": "1"}, "1": {"x": "2"}}}),
        ("expand[]=p&expand[]=q", {"expand": {"0": "p", "1": "q"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("", {}),
    ],
)
def test_form_becomes_a_tree(encoded: str, tree: dict[str, Any]) -> None:
    assert form.parse(encoded) == tree


@pytest.mark.parametrize("encoded", ["a[b=1", "[a]=1", "a]b=1", "=1"])
def test_form_with_a_broken_key_is_refused(encoded: str) -> None:
    with pytest.raises(Refused) as refused:
        form.parse(encoded)

    assert refused.value.status == 400


def test_form_list_is_read_in_the_order_of_its_indexes() -> None:
    params = form.Params(form.parse("a[10]=k&a[2]=c&a[0]=a"))

    assert params.texts("a") == ["a", "c", "k"]


@pytest.mark.parametrize(("encoded", "name"), [("a=1", "a"), ("a[x]=1", "a"), ("a[0][b]=1", "a[0]")])
def test_form_list_of_another_shape_is_refused(encoded: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        form.Params(form.parse(encoded)).texts("a")

    assert refused.value.param == name


def test_connection_is_kept_for_the_next_request(fake: FakeStripe) -> None:
    parts = urlsplit(fake.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/v1/balance", headers=AUTHORIZED)
        response = connection.getresponse()
        response.read()
        sockets.add(connection.sock)

    connection.close()
    assert (response.status, response.version, len(sockets)) == (200, 11, 1)


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "9999999"}, {"Content-Length": "-1"}, {"Transfer-Encoding": "chunked"}]
)
def test_body_of_no_known_length_is_not_taken(fake: FakeStripe, headers: dict[str, str]) -> None:
    parts = urlsplit(fake.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.putrequest("POST", "/v1/refunds")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()

    with connection.getresponse() as response:
        body = json.load(response)

    connection.close()
    assert (response.status, response.headers["Connection"]) == (413, "close")
    assert body["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/", "/v1/nothing", "/v1/checkout/sessions/", "/favicon.ico"])
def test_address_that_does_not_exist_is_a_404_in_the_shape_of_stripe(fake: FakeStripe, path: str) -> None:
    parts = urlsplit(fake.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request("GET", path, headers=AUTHORIZED)

    with connection.getresponse() as response:
        message = json.load(response)["error"]["message"]

    connection.close()
    assert response.status == 404
    assert message.startswith(f"Unrecognized request URL (GET: {path}).")


def test_request_without_a_key_is_told_how_to_give_one(fake: FakeStripe) -> None:
    seen = visit(f"{fake.base_url}/v1/balance")

    assert seen.status == 401
    assert json.loads(seen.text)["error"]["message"].startswith("You did not provide an API key.")


def test_every_answer_names_its_request_and_version(client: stripe.StripeClient) -> None:
    session = make_session(client)

    assert session.last_response is not None
    headers = session.last_response.headers
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == stripe.api_version
    assert len(headers["Idempotency-Key"]) == 36


def test_many_clients_at_once_each_get_their_own_session(fake: FakeStripe, client: stripe.StripeClient) -> None:
    def buy(number: int) -> tuple[str, str]:
        session = make_session(client, client_reference_id=f"R{number}")
        fake.pay(session.id)
        return session.id, f"R{number}"

    with ThreadPoolExecutor(16) as pool:
        bought = dict(pool.map(buy, range(64)))

    assert {row["id"]: row["client_reference_id"] for row in fake.sessions()} == bought
    assert len(bought) == 64
    assert all(row["status"] == "complete" for row in fake.sessions())
    deliveries = fake.wait_for_webhooks(15)
    assert [row["state"] for row in deliveries] == ["delivered"] * 64
