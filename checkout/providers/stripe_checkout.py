"""Stripe's hosted Checkout behind our own words, with the real SDK.

Stripe's side of each rule: https://docs.stripe.com/api/checkout/sessions, /api/refunds, /webhooks/signature.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

import stripe

from checkout.providers.protocol import (
    NotAuthentic,
    Notice,
    ProviderBroke,
    ProviderRefused,
    ProviderUnavailable,
    Session,
    SessionRequest,
)
from kit import money

T = TypeVar("T")
# Stripe refuses sessions that end sooner than this; ours end by `expire` when the hold does.
SHORTEST_SESSION: Final = timedelta(minutes=31)
MOST_LINES: Final = 100
NOTICE_MAX_AGE: Final = 300
INTENT: Final = "payment_intent"
NOT_SENT_BACK: Final = {"failed", "canceled"}
# How many decimals an amount has at Stripe, where it is not two. UGX is on Stripe's list of zero-decimal currencies,
# but "special cases" on the same page takes that back: like ISK it is sent with two, always 00.
# Source: https://docs.stripe.com/currencies, "zero-decimal", "three-decimal" and "special cases".
NO_DECIMALS: Final = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS: Final = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# What a refusal means for the buyer, by Stripe's code; for others Stripe's own sentence is shown.
SENTENCES: Final = {
    "amount_too_small": "The total is less than the least that can be paid by card.",
    "amount_too_large": "The total is more than the most that can be paid by card at once.",
    "email_invalid": "The payment page does not accept your e-mail address. Please change it.",
}


def stripe_amount(amount_minor: int, currency: str) -> int:
    """Our minor units as Stripe counts them. Raises ProviderRefused, in words for the buyer, for what it cannot charge.

    Ours have the decimals of CLDR (see kit.money), Stripe's those said above: 5 ISK is 500 there, and so is 5 RSD.
    With three decimals the last digit has to be 0.
    """
    amount = Decimal(amount_minor).scaleb(_places(currency) - money.exponent(currency))
    step = 10 if currency in THREE_DECIMALS else 1
    if amount % step:
        least = money.amount_text(our_amount(step, currency), currency)
        shown = money.amount_text(amount_minor, currency)
        raise ProviderRefused(f"{shown} cannot be paid by card: amounts in {currency} go in steps of {least}.")
    return int(amount)


def our_amount(amount: int, currency: str) -> int:
    """Stripe's amount in our minor units. Raises ProviderBroke when it is no whole number of them."""
    amount_minor = Decimal(amount).scaleb(money.exponent(currency) - _places(currency))
    if amount_minor % 1:
        raise ProviderBroke(f"Stripe says {amount} {currency}, which is no whole amount of that currency.")
    return int(amount_minor)


def _places(currency: str) -> int:
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


class StripeCheckout:
    """Implements Provider."""

    def __init__(self, *, secret_key: str, webhook_secret: str, api_base: str = "") -> None:
        self._webhook_secret = webhook_secret
        addresses: Any = {"api": api_base} if api_base else {}
        self._client = stripe.StripeClient(
            secret_key or "sk_not_set", base_addresses=addresses, max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=10),
        )  # fmt: skip

    def open(self, request: SessionRequest) -> Session:
        params: Any = _session_params(request)
        options: Any = {"idempotency_key": request.idempotency_key}
        return _session(_asking(lambda: self._client.v1.checkout.sessions.create(params, options)))

    def retrieve(self, session_id: str) -> Session:
        return _session(_asking(lambda: self._client.v1.checkout.sessions.retrieve(session_id, {"expand": [INTENT]})))

    def expire(self, session_id: str) -> Session:
        try:
            return _session(_asking(lambda: self._client.v1.checkout.sessions.expire(session_id)))
        except ProviderRefused:  # it had ended by itself: the answer is how
            return self.retrieve(session_id)

    def refund(self, payment_reference: str, amount_minor: int, currency: str, *, key: str, attempt: int) -> str:
        # Stripe replays even a 500 under its key for a day, so each attempt has its own, and looks first.
        if attempt and (found := self._refund_made(payment_reference, key)):
            return found
        amount = stripe_amount(amount_minor, currency)
        params: Any = {INTENT: payment_reference, "amount": amount, "metadata": {"key": key}}
        options: Any = {"idempotency_key": f"{key}-{attempt}"}
        return str(_asking(lambda: self._client.v1.refunds.create(params, options)).id)

    def _refund_made(self, payment_reference: str, key: str) -> str:
        params: Any = {INTENT: payment_reference, "limit": 100}
        made = _asking(lambda: self._client.v1.refunds.list(params))
        ours = (refund for refund in made.data if _metadata(refund).get("key") == key)
        return next((str(refund.id) for refund in ours if refund.status not in NOT_SENT_BACK), "")

    def sessions_since(self, moment: datetime) -> Iterator[Session]:
        params: Any = {
            "created": {"gte": int(moment.timestamp())},
            "limit": 100,
            "expand": [f"data.{INTENT}"],
        }
        listed = _asking(lambda: self._client.v1.checkout.sessions.list(params)).auto_paging_iter()
        while (found := _asking(lambda: next(listed, None))) is not None:  # asks for the next page when it gets there
            yield _session(found)

    def read_notice(self, body: bytes, signature: str) -> Notice:
        if not self._webhook_secret:
            raise NotAuthentic("No webhook secret is set, so anybody could have signed this.")
        if not signature.isascii():  # the SDK compares it as ASCII and fails otherwise
            raise NotAuthentic("The signature is none.")
        try:
            event = stripe.Webhook.construct_event(body, signature, self._webhook_secret, NOTICE_MAX_AGE)
        except (ValueError, stripe.SignatureVerificationError) as fault:
            raise NotAuthentic(str(fault)) from fault
        return _notice(event)


def _asking(call: Callable[[], T]) -> T:
    try:
        return call()
    except stripe.StripeError as fault:
        raise _in_our_words(fault) from fault


def _in_our_words(fault: stripe.StripeError) -> Exception:
    """In use just now, too many, or a wrong key of ours: later it may work. A key sent with other words is spent."""
    if fault.http_status is None or fault.http_status in {401, 403, 409, 429}:
        return ProviderUnavailable(str(fault))
    if fault.http_status >= 500 or isinstance(fault, stripe.IdempotencyError):
        return ProviderBroke(str(fault))
    return ProviderRefused(SENTENCES.get(fault.code or "") or fault.user_message or str(fault))


def _session_params(request: SessionRequest) -> dict[str, Any]:
    metadata = {
        "payment": str(request.payment_id),
        "order": request.order_token,
        "reference": request.reference,
    }
    named = any(map(str.isalpha, request.statement_name))  # Stripe takes none without a letter
    suffix = {"statement_descriptor_suffix": request.statement_name} if named else {}
    ends_at = max(request.expires_at, datetime.now(UTC) + SHORTEST_SESSION)
    return {
        "mode": "payment",
        # Cards and the wallets over them answer at once. A method that answers days later would hold stock for days.
        "payment_method_types": ["card"],
        "client_reference_id": request.order_token,
        "customer_email": request.email,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, **suffix},
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(ends_at.timestamp()),
        "line_items": _line_items(request),
    }


def _line_items(request: SessionRequest) -> list[dict[str, Any]]:
    """The lines of the page, or one for all of them when they are more than Stripe shows."""
    if len(request.lines) > MOST_LINES:
        tickets = sum(line.quantity for line in request.lines)
        total_minor = sum(line.quantity * line.unit_minor for line in request.lines)
        return [_line_item(f"{tickets} tickets, order {request.reference}", 1, total_minor, request.currency)]
    return [_line_item(line.name, line.quantity, line.unit_minor, request.currency) for line in request.lines]


def _line_item(name: str, quantity: int, unit_minor: int, currency: str) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": stripe_amount(unit_minor, currency),
            "product_data": {"name": name},
        },
    }


def _session(found: Any) -> Session:
    paid = found.payment_status in {"paid", "no_payment_required"}
    status = "paid" if paid else "expired" if found.status == "expired" else "open"
    intent = found.payment_intent
    reference = intent if isinstance(intent, str) else getattr(intent, "id", None)
    error = getattr(intent, "last_payment_error", None)
    currency, payment_id = (found.currency or "").upper(), _payment_id(found)
    # A session that is not ours may be of any amount; it is not looked at.
    amount_minor = 0 if payment_id is None else our_amount(found.amount_total or 0, currency)
    return Session(
        id=found.id, url=found.url or "", status=status, amount_minor=amount_minor, currency=currency,
        payment_reference=reference or "", payment_id=payment_id, order_token=_metadata(found).get("order", ""),
        problem=getattr(error, "message", None) or "",
    )  # fmt: skip


def _notice(event: Any) -> Notice:
    found = event.data.object
    session = _session(found) if event.type.startswith("checkout.session.") else None
    error = getattr(found, "last_payment_error", None)
    return Notice(event.id, event.type, session, _payment_id(found), getattr(error, "message", None) or "")


def _payment_id(found: Any) -> int | None:
    text = _metadata(found).get("payment", "")
    return int(text) if text.isdecimal() else None


def _metadata(found: Any) -> dict[str, str]:
    metadata = getattr(found, "metadata", None)
    return dict(metadata.to_dict()) if metadata else {}
