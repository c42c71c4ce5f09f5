"""The objects of the API as Stripe prints them: https://docs.stripe.com/api (version in `API_VERSION`).

Every builder returns a plain dict ready to be printed as JSON. A session also carries a `_fake` entry with
what Stripe keeps to itself (its lines, the metadata its payment is to have); `public` leaves that out.
"""

import copy
import secrets
import string
from typing import Any

Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits
DECLINED = "Your card was declined."
UNUSED: Json = {
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "allow_promotion_codes": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "client_secret": None,
    "consent": None,
    "custom_fields": [],
    "customer": None,
    "customer_creation": "if_required",
    "discounts": [],
    "invoice": None,
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "setup_intent": None,
    "shipping_cost": None,
    "shipping_options": [],
    "subscription": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
}


def new_id(prefix: str, length: int = 24) -> str:
    """A fresh identifier such as `pi_3Xy…`."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def public(record: Json, base_url: str) -> Json:
    """A deep copy of an object without what Stripe keeps to itself; an open session gets its `url`."""
    shown = copy.deepcopy({key: value for key, value in record.items() if key != "_fake"})
    if shown["object"] == "checkout.session" and shown["status"] == "open":
        shown["url"] = f"{base_url}/pay/{shown['id']}"
    return shown


def line_item(description: str, currency: str, unit_minor: int, quantity: int) -> Json:
    """One line of a session; amounts in minor units."""
    total = unit_minor * quantity
    price = {"object": "price", "currency": currency, "type": "one_time", "unit_amount": unit_minor}
    return {
        "id": new_id("li_1"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": description,
        "price": {"id": new_id("price_1"), "active": False, "livemode": False, "metadata": {}, **price},
        "quantity": quantity,
    }


def session(asked: Json, lines: list[Json], now: int) -> Json:
    """An open Checkout Session.

    As at Stripe since its API version 2022-08-01, it has no payment intent until the buyer tries to pay.
    """
    total = sum(line["amount_total"] for line in lines)
    return {
        "id": new_id("cs_test_a1", 56),
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "created": now,
        "customer_details": customer_details(asked["customer_email"]),
        "livemode": False,
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "status": "open",
        "ui_mode": "hosted_page",
        "url": None,
        **copy.deepcopy(UNUSED),
        **asked,
    }


def customer_details(email: str | None, name: str | None = None) -> Json | None:
    """What the page knows of the buyer; None before it knows an address to write to."""
    if email is None:
        return None
    address = None
    if name:
        address = {
            "city": None,
            "country": "GB",
            "line1": None,
            "line2": None,
            "postal_code": "SW1A 1AA",
            "state": None,
        }
    return {
        "address": address,
        "email": email,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def payment_intent(session: Json, now: int) -> Json:
    """The payment of a session, made when the buyer first tries to pay."""
    identifier = new_id("pi_3")
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{identifier}_secret_{new_id('', 25)}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": session["currency"],
        "customer": None,
        "description": session["_fake"]["payment"]["description"],
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": dict(session["_fake"]["payment"]["metadata"]),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "receipt_email": session["_fake"]["payment"]["receipt_email"],
        "statement_descriptor_suffix": session["_fake"]["payment"].get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
    }


def charge(intent: Json, email: str, paid: bool, now: int) -> Json:
    """One try at taking the money of a payment intent, `paid` or declined."""
    return {
        "id": new_id("ch_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "balance_transaction": new_id("txn_3") if paid else None,
        "billing_details": {"address": None, "email": email, "name": "Fake Buyer", "phone": None},
        "captured": paid,
        "created": now,
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None if paid else "card_declined",
        "failure_message": None if paid else DECLINED,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm_1"),
        "payment_method_details": {
            "card": {"brand": "visa", "last4": "4242" if paid else "0002"},
            "type": "card",
        },
        "receipt_email": intent["receipt_email"],
        "receipt_url": None,
        "refunded": False,
        "status": "succeeded" if paid else "failed",
    }


def decline(charge: Json) -> Json:
    """The `last_payment_error` that a declined charge leaves on its payment intent."""
    card = {"id": charge["payment_method"], "object": "payment_method", "type": "card"}
    return {
        "charge": charge["id"],
        "code": "card_declined",
        "decline_code": "generic_decline",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": DECLINED,
        "payment_method": {**card, "card": charge["payment_method_details"]["card"]},
        "type": "card_error",
    }


def refund(charge: Json, amount_minor: int, asked: Json, now: int) -> Json:
    """Money on its way back to the card; card refunds are `succeeded` as soon as they are taken."""
    return {
        "id": new_id("re_3"),
        "object": "refund",
        "amount": amount_minor,
        "balance_transaction": new_id("txn_3"),
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "destination_details": {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        "payment_intent": charge["payment_intent"],
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        **asked,
    }


def event(kind: str, snapshot: Json, request: Json, now: int) -> Json:
    """A webhook's body: what happened, and the object as it was at that moment."""
    return {
        "id": new_id("evt_1"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": {"object": snapshot},
        "livemode": False,
        "pending_webhooks": 1,
        "request": request,
        "type": kind,
    }


def listing(rows: list[Json], url: str, has_more: bool) -> Json:
    """One page of a list."""
    return {"object": "list", "data": rows, "has_more": has_more, "url": url}
