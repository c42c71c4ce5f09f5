"""A ticket as a pass for Apple Wallet: what is in the archive, what it says, and where it is offered."""

import hashlib
import io
import json
import zipfile
from datetime import datetime
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.actions import orders
from checkout.actions.orders import Details
from checkout.models import Order, Ticket
from tests.buyers import NOON, make_complete_order, make_held_order
from tests.checkout.wallets import PASS_TYPE, TEAM, authority, pass_certificate, soon, wallet_settings
from tests.makers import make_event, make_organiser

pytestmark = pytest.mark.django_db
ODD = 'Größe & "Ruhe" <b>\u202e日本\\ \U0001f3aa\n\t\x01;,'


@pytest.fixture
def wallet(settings: Settings) -> None:
    """An operator has set up who signs."""
    settings.WALLET = wallet_settings()


def ask(client: Client, ticket: Ticket) -> HttpResponse:
    return cast("HttpResponse", client.get(f"{ticket.get_absolute_url()}wallet.pkpass"))


def opened(response: HttpResponse) -> dict[str, bytes]:
    """The files of a pass, by name."""
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def said(response: HttpResponse) -> dict[str, Any]:
    return dict(json.loads(opened(response)["pass.json"]))


def fields(told: dict[str, Any]) -> dict[str, str]:
    """Every field of a pass, by its key."""
    every = [field for group in told["eventTicket"].values() for field in group]
    assert len({field["key"] for field in every}) == len(every)
    return {field["key"]: field["value"] for field in every}


@pytest.mark.usefixtures("wallet")
def test_pass_is_a_complete_archive_that_no_cache_keeps(client: Client) -> None:
    order = make_complete_order()

    response = ask(client, order.tickets.get())

    assert response["Content-Type"] == "application/vnd.apple.pkpass"
    assert response["Content-Disposition"] == f'attachment; filename="ticket-{order.reference}-1.pkpass"'
    assert response["Cache-Control"] == "no-store, private"
    assert set(opened(response)) == {
        "pass.json", "manifest.json", "signature", "icon.png", "icon@2x.png", "icon@3x.png", "logo.png", "logo@2x.png",
    }  # fmt: skip


@pytest.mark.usefixtures("wallet")
def test_manifest_has_the_sum_of_every_other_file(client: Client) -> None:
    files = opened(ask(client, make_complete_order().tickets.get()))

    manifest = json.loads(files.pop("manifest.json"))
    files.pop("signature")

    assert manifest == {name: hashlib.sha1(body, usedforsecurity=False).hexdigest() for name, body in files.items()}


@pytest.mark.usefixtures("wallet")
def test_signature_carries_our_certificate_and_its_issuer(client: Client) -> None:
    files = opened(ask(client, make_complete_order().tickets.get()))

    carried = pkcs7.load_der_pkcs7_certificates(files["signature"])

    ours = [pass_certificate().certificate, authority().certificate]
    assert {one.public_bytes(Encoding.DER) for one in carried} == {one.public_bytes(Encoding.DER) for one in ours}


@pytest.mark.parametrize(("name", "side"), [("icon", 29), ("icon@2x", 58), ("icon@3x", 87)])
@pytest.mark.usefixtures("wallet")
def test_pictures_have_the_size_that_the_format_asks_for(client: Client, name: str, side: int) -> None:
    picture = opened(ask(client, make_complete_order().tickets.get()))[f"{name}.png"]

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (side, side)


@pytest.mark.usefixtures("wallet")
def test_pass_says_what_the_ticket_says(client: Client) -> None:
    organiser = make_organiser(name="Riverside Makers", contact_email="help@makers.example")
    event = make_event(organiser=organiser, title="Night of lamps", accent="#4338ca")
    order = make_held_order(event, price_minor=0, name="Adult")
    orders.complete_free(order=order, details=Details("Ada", "ada@example.com", {1: "Grace Hopper"}), now=NOON)
    ticket = order.tickets.get()

    told = said(ask(client, ticket))

    assert (told["formatVersion"], told["passTypeIdentifier"], told["teamIdentifier"]) == (1, PASS_TYPE, TEAM)
    assert (told["organizationName"], told["description"]) == ("Riverside Makers", "Ticket to Night of lamps")
    assert (told["relevantDate"], told["voided"]) == ("2030-06-01T10:00:00+01:00", False)
    assert told["backgroundColor"] == "rgb(67, 56, 202)"
    assert [(code["format"], code["message"]) for code in told["barcodes"]] == [("PKBarcodeFormatQR", str(ticket))]
    assert fields(told) == {
        "event": "Night of lamps", "when": "2030-06-01T10:00:00+01:00", "where": "The Old Fire Station, Oxford",
        "attendee": "Grace Hopper", "ticket": "Adult", "whole-event": "Night of lamps",
        "whole-time": "Sat 1 Jun 2030, 10:00 to 18:00, BST, Europe/London",
        "whole-place": "The Old Fire Station, Oxford", "order": order.reference, "code": str(ticket),
        "page": f"http://127.0.0.1:8000/tickets/{ticket.code}/", "contact": "help@makers.example",
    }  # fmt: skip


@pytest.mark.usefixtures("wallet")
def test_pass_names_nothing_that_is_not_known(client: Client) -> None:
    event = make_event(venue="", organiser=make_organiser(contact_email=""))

    told = said(ask(client, make_complete_order(event).tickets.get()))

    assert {"attendee", "where", "whole-place", "contact"} & set(fields(told)) == set()


@pytest.mark.usefixtures("wallet")
def test_serial_is_the_same_each_time_and_another_for_each_ticket(client: Client) -> None:
    order = make_complete_order(quantity=2)
    first, second = order.tickets.order_by("number")

    serials = [said(ask(client, ticket))["serialNumber"] for ticket in (first, first, second)]

    assert serials[0] == serials[1] != serials[2]
    assert not any(first.code in serial or order.token in serial for serial in serials)


@pytest.mark.usefixtures("wallet")
def test_pass_has_nothing_of_another_ticket_nor_the_way_to_the_order(client: Client) -> None:
    order = make_held_order(price_minor=0, quantity=2)
    names = {1: "Grace Hopper", 2: "Mary Somerville"}
    orders.complete_free(order=order, details=Details("Ada Lovelace", "ada@example.com", names), now=NOON)
    first, second = order.tickets.order_by("number")

    text = opened(ask(client, first))["pass.json"].decode()

    assert "Grace Hopper" in text
    for secret in (second.code, str(second), "Mary Somerville", "Ada Lovelace", "ada@example.com", order.token):
        assert secret not in text


@pytest.mark.usefixtures("wallet")
def test_odd_characters_arrive_as_they_are(client: Client) -> None:
    event = make_event(title=ODD, venue=ODD, organiser=make_organiser(name=ODD))
    order = make_held_order(event, price_minor=0, name=ODD)
    orders.complete_free(order=order, details=Details("Ada", "ada@example.com", {1: ODD}), now=NOON)

    told = said(ask(client, order.tickets.get()))

    assert (told["organizationName"], told["description"]) == (ODD, f"Ticket to {ODD}")
    assert [fields(told)[key] for key in ("event", "where", "attendee", "ticket")] == [ODD] * 4


@pytest.mark.parametrize("back_on_sale", [True, False])
@pytest.mark.usefixtures("wallet")
def test_pass_of_a_cancelled_ticket_is_void_and_not_offered(client: Client, back_on_sale: bool) -> None:
    order = make_complete_order()
    orders.void(order=order, by="staff", now=NOON, back_on_sale=back_on_sale)
    ticket = order.tickets.get()

    assert said(ask(client, ticket))["voided"] is True
    assert "wallet.pkpass" not in client.get(ticket.get_absolute_url()).content.decode()


@pytest.mark.usefixtures("wallet")
def test_bright_accent_is_darkened_for_white_letters(client: Client) -> None:
    bright = make_complete_order(make_event(accent="#ffe600"))

    background = said(ask(client, bright.tickets.get()))["backgroundColor"]

    channels = [int(part) for part in background.removeprefix("rgb(").removesuffix(")").split(", ")]
    assert max(channels) < 160


@pytest.mark.usefixtures("wallet")
def test_when_is_the_venues_time_wherever_that_is(client: Client) -> None:
    event = make_event(
        timezone="Asia/Kolkata", local_starts_at=datetime(2030, 1, 2, 20), local_ends_at=datetime(2030, 1, 3)
    )

    told = said(ask(client, make_complete_order(event).tickets.get()))

    (when,) = [field for field in told["eventTicket"]["secondaryFields"] if field["key"] == "when"]
    assert (when["value"], when["ignoresTimeZone"]) == ("2030-01-02T20:00:00+05:30", True)


@pytest.mark.usefixtures("wallet")
def test_held_and_unknown_tickets_have_no_pass(client: Client) -> None:
    held = make_held_order()

    assert ask(client, held.tickets.get()).status_code == 404
    assert client.get("/tickets/000000000000/wallet.pkpass").status_code == 404


@pytest.mark.usefixtures("wallet")
def test_code_may_be_typed_as_it_is_printed(client: Client) -> None:
    ticket = make_complete_order().tickets.get()

    response = client.get(f"/tickets/{str(ticket).lower()}/wallet.pkpass")

    assert response.content != b""
    assert response["Content-Disposition"] == ask(client, ticket)["Content-Disposition"]


def pages_of(client: Client, order: Order) -> str:
    """The confirmation and the page of its first ticket."""
    ticket = order.tickets.get(number=1)
    return "".join(client.get(row.get_absolute_url()).content.decode() for row in (order, ticket))


@pytest.mark.usefixtures("wallet")
def test_pages_offer_each_ticket_its_own_pass(client: Client) -> None:
    order = make_complete_order(quantity=2)
    first, second = (f'href="/tickets/{ticket.code}/wallet.pkpass"' for ticket in order.tickets.order_by("number"))

    pages = pages_of(client, order)

    assert (pages.count(first), pages.count(second), pages.count("Add to Apple Wallet")) == (2, 1, 3)


@pytest.mark.parametrize(
    "given",
    [{}, wallet_settings(WALLET_KEY=""), wallet_settings(WALLET_KEY="nonsense"), wallet_settings(ends_at=soon(-1))],
    ids=["not set", "half set", "unreadable", "ended"],
)
def test_nothing_is_offered_where_nobody_can_sign(client: Client, settings: Settings, given: dict[str, str]) -> None:
    settings.WALLET = given
    order = make_complete_order()

    pages = pages_of(client, order)

    assert ask(client, order.tickets.get()).status_code == 404
    assert "wallet" not in pages.lower()
