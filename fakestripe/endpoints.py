"""The part of Stripe's v1 API that a shop with hosted Checkout uses: one function an endpoint.

Every function runs with the store's lock held and returns the JSON of the answer.
"""

import re
from collections.abc import Callable, Iterable

from fakestripe import endpoints_of_webhooks, errors, lists, refunds, sessions
from fakestripe.calls import Call
from fakestripe.context import Context
from fakestripe.events import Cause
from fakestripe.objects import Json

Endpoint = Callable[..., Json]

SESSIONS = "/v1/checkout/sessions"


def perform(context: Context, call: Call) -> Json:
    """Find the endpoint of a call and run it. Raises Refused."""
    for method, pattern, endpoint in ROUTES:
        match = re.fullmatch(pattern, call.path)
        if match and method == call.method:
            return endpoint(context, call, *match.groups())
    raise errors.unknown_address(call.method, call.path)


def cause(context: Context, call: Call) -> Cause:
    """The cause of whatever this call makes happen."""
    return Cause(int(context.clock.now()), call.request_id, call.idempotency_key or None)


def create_session(context: Context, call: Call) -> Json:
    """POST /v1/checkout/sessions."""
    record = sessions.create(context.store, call.params, int(context.clock.now()))
    return lists.expanded(context, record, call.params)


def list_sessions(context: Context, call: Call) -> Json:
    """GET /v1/checkout/sessions, newest first."""
    return lists.page(context, "sessions", SESSIONS, call.params, ("payment_intent", "status"))


def show_session(context: Context, call: Call, session_id: str) -> Json:
    """GET /v1/checkout/sessions/{id}."""
    call.params.only("expand")
    return lists.expanded(context, sessions.get(context.store, session_id), call.params)


def expire_session(context: Context, call: Call, session_id: str) -> Json:
    """POST /v1/checkout/sessions/{id}/expire."""
    call.params.only("expand")
    record = sessions.expire(context.store, session_id, cause(context, call))
    return lists.expanded(context, record, call.params)


def show_line_items(context: Context, call: Call, session_id: str) -> Json:
    """GET /v1/checkout/sessions/{id}/line_items, all on one page."""
    lines = sessions.get(context.store, session_id)["_fake"]["lines"]
    return {"object": "list", "data": lines, "has_more": False, "url": call.path}


def show_payment_intent(context: Context, call: Call, intent_id: str) -> Json:
    """GET /v1/payment_intents/{id}."""
    return _show(context, call, "payment_intent", intent_id, "intent")


def show_charge(context: Context, call: Call, charge_id: str) -> Json:
    """GET /v1/charges/{id}."""
    return _show(context, call, "charge", charge_id, "charge")


def show_refund(context: Context, call: Call, refund_id: str) -> Json:
    """GET /v1/refunds/{id}."""
    return _show(context, call, "refund", refund_id, "refund")


def create_refund(context: Context, call: Call) -> Json:
    """POST /v1/refunds."""
    refund = refunds.create(context.store, call.params, cause(context, call))
    return lists.expanded(context, refund, call.params)


def list_refunds(context: Context, call: Call) -> Json:
    """GET /v1/refunds, newest first."""
    return lists.page(context, "refunds", "/v1/refunds", call.params, ("charge", "payment_intent"))


def show_account(context: Context, call: Call) -> Json:
    """GET /v1/account: what a check of the API key reads."""
    return {
        "id": context.identity.id,
        "object": "account",
        "charges_enabled": context.identity.may_charge,
        "country": "GB",
        "default_currency": "gbp",
        "details_submitted": True,
        "email": "shop@example.com",
        "payouts_enabled": True,
        "settings": {
            "card_payments": {"statement_descriptor_prefix": "FAKE"},
            "dashboard": {"display_name": context.identity.name, "timezone": "Etc/UTC"},
        },
        "type": "standard",
    }


def create_webhook_endpoint(context: Context, call: Call) -> Json:
    """POST /v1/webhook_endpoints: the only answer that has the secret."""
    record = endpoints_of_webhooks.create(context.store, call.params, int(context.clock.now()))
    return {**lists.expanded(context, record, call.params), "secret": record["_fake"]["secret"]}


def show_webhook_endpoint(context: Context, call: Call, endpoint_id: str) -> Json:
    """GET /v1/webhook_endpoints/{id}."""
    return lists.expanded(context, endpoints_of_webhooks.get(context.store, endpoint_id), call.params)


def delete_webhook_endpoint(context: Context, call: Call, endpoint_id: str) -> Json:
    """DELETE /v1/webhook_endpoints/{id}."""
    return endpoints_of_webhooks.delete(context.store, endpoint_id)


def show_balance(context: Context, call: Call) -> Json:
    """GET /v1/balance: what was charged less what was sent back, per currency, all of it available."""
    totals: dict[str, int] = {}
    for charge in context.store["charges"].values():
        left = charge["amount_captured"] - charge["amount_refunded"]
        totals[charge["currency"]] = totals.get(charge["currency"], 0) + left
    return {
        "object": "balance",
        "available": _amounts(totals.items()),
        "livemode": False,
        "pending": _amounts((currency, 0) for currency in totals),
    }


def _amounts(totals: Iterable[tuple[str, int]]) -> list[Json]:
    return [{"amount": minor, "currency": currency, "source_types": {"card": minor}} for currency, minor in totals]


def _show(context: Context, call: Call, kind: str, identifier: str, param: str) -> Json:
    call.params.only("expand", "client_secret")
    record = context.store[f"{kind}s"].get(identifier)
    if record is None:
        raise errors.missing(kind, identifier, param)
    return lists.expanded(context, record, call.params)


ROUTES: list[tuple[str, str, Endpoint]] = [
    ("POST", SESSIONS, create_session),
    ("GET", SESSIONS, list_sessions),
    ("GET", f"{SESSIONS}/([^/]+)", show_session),
    ("POST", f"{SESSIONS}/([^/]+)/expire", expire_session),
    ("GET", f"{SESSIONS}/([^/]+)/line_items", show_line_items),
    ("GET", "/v1/payment_intents/([^/]+)", show_payment_intent),
    ("GET", "/v1/charges/([^/]+)", show_charge),
    ("POST", "/v1/refunds", create_refund),
    ("GET", "/v1/refunds", list_refunds),
    ("GET", "/v1/refunds/([^/]+)", show_refund),
    ("GET", "/v1/account", show_account),
    ("POST", "/v1/webhook_endpoints", create_webhook_endpoint),
    ("GET", "/v1/webhook_endpoints/([^/]+)", show_webhook_endpoint),
    ("DELETE", "/v1/webhook_endpoints/([^/]+)", delete_webhook_endpoint),
    ("GET", "/v1/balance", show_balance),
]
