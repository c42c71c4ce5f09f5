"""Reads the parameters of `POST /v1/checkout/sessions` (https://docs.stripe.com/api/checkout/sessions/create)."""

import re
from urllib.parse import urlsplit

from fakestripe import currencies, errors, objects
from fakestripe.form import Params
from fakestripe.objects import Json

KNOWN = (
    "billing_address_collection", "cancel_url", "client_reference_id", "currency", "customer_email", "expand",
    "expires_at", "line_items", "locale", "metadata", "mode", "payment_intent_data", "payment_method_types",
    "submit_type", "success_url", "ui_mode",
)  # fmt: skip
EARLIEST, LATEST = 30 * 60, 24 * 60 * 60
MOST_LINES = 100
LONGEST_SUFFIX = 22 - len("FAKE* ")  # after the prefix of this account


def session(params: Params, now: int) -> Json:
    """A new session record, not kept anywhere yet. Raises Refused; `now` in seconds since the epoch."""
    params.only(*KNOWN)
    if params.choice("mode", "payment", "setup", "subscription") != "payment":
        raise errors.invalid("The fake Stripe knows only mode=payment.", "mode")
    params.choice("ui_mode", "hosted_page")
    payment = _payment(params.branch("payment_intent_data"))
    lines = _lines(params)
    asked = {
        "billing_address_collection": params.choice("billing_address_collection", "auto", "required"),
        "cancel_url": _url(params, "cancel_url"),
        "client_reference_id": params.text("client_reference_id", longest=200),
        "currency": lines[0]["currency"],
        "customer_email": _email(params, "customer_email"),
        "expires_at": _expiry(params, now),
        "locale": params.text("locale"),
        "metadata": params.metadata(),
        "submit_type": params.choice("submit_type", "auto", "book", "donate", "pay"),
        "success_url": _url(params, "success_url", needed=True),
    }
    _check_methods(params)
    record = objects.session(asked, lines, now)
    currencies.check_total(record["amount_total"], record["currency"])
    record["_fake"] = {"lines": lines, "payment": payment, "pay_at": None}
    return record


def _payment(params: Params) -> Json:
    params.only("description", "metadata", "receipt_email", "statement_descriptor_suffix")
    suffix = params.text("statement_descriptor_suffix", longest=LONGEST_SUFFIX)
    if suffix and (re.search(r"[<>\\'\"*]", suffix) or not re.search("[A-Za-z]", suffix)):
        message = "The statement descriptor suffix must contain a letter, and none of <, >, \\, ', \", *."
        raise errors.invalid(message, params.named("statement_descriptor_suffix"))
    return {
        "statement_descriptor_suffix": suffix,
        "description": params.text("description"),
        "metadata": params.metadata(),
        "receipt_email": _email(params, "receipt_email"),
    }


def _lines(params: Params) -> list[Json]:
    lines = [_line(line) for line in params.branches("line_items")]
    if not lines:
        raise errors.invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    if len(lines) > MOST_LINES:
        raise errors.invalid(f"Checkout accepts no more than {MOST_LINES} line items in payment mode.", "line_items")
    wanted = params.text("currency")
    used = {line["currency"] for line in lines} | ({wanted.lower()} if wanted else set())
    if len(used) > 1:
        message = f"All line items must have the same currency; these use {', '.join(sorted(used))}."
        raise errors.invalid(message, "line_items")
    return lines


def _line(params: Params) -> Json:
    params.only("price", "price_data", "quantity")
    if price := params.text("price"):
        raise errors.missing("price", price, params.named("price"), status=400)
    data = params.branch("price_data")
    data.only("currency", "product_data", "tax_behavior", "unit_amount")
    product = data.branch("product_data")
    product.only("description", "images", "metadata", "name")
    product.text("description"), product.texts("images"), product.metadata()
    name, currency = product.needed("name"), data.needed("currency").lower()
    if not re.fullmatch("[a-z]{3}", currency):
        raise errors.invalid(f"Invalid currency: {currency}.", data.named("currency"))
    unit_minor = data.whole("unit_amount", least=0)
    currencies.check_three_decimal(unit_minor, currency, data.named("unit_amount"))
    return objects.line_item(name, currency, unit_minor, params.whole("quantity", least=1))


def _url(params: Params, key: str, needed: bool = False) -> str | None:
    value = params.needed(key) if needed else params.text(key)
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"\s", value):
        raise errors.invalid("Not a valid URL", key, "url_invalid")
    return value


def _email(params: Params, key: str) -> str | None:
    value = params.text(key, longest=800)
    if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value):
        raise errors.invalid(f"Invalid email address: {value}", params.named(key), "email_invalid")
    return value


def _expiry(params: Params, now: int) -> int:
    """At least 30 minutes and less than 24 hours ahead; 24 hours when not given."""
    value = params.integer("expires_at")
    if value is None:
        return now + LATEST
    if value < now + EARLIEST:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise errors.invalid(message, "expires_at")
    if value >= now + LATEST:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise errors.invalid(message, "expires_at")
    return value


def _check_methods(params: Params) -> None:
    for method in params.texts("payment_method_types"):
        if method != "card":
            message = f"The fake Stripe knows only the payment method type `card`, not `{method}`."
            raise errors.invalid(message, "payment_method_types")
