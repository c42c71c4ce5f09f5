"""Webhook endpoints that a shop makes by itself: https://docs.stripe.com/api/webhook_endpoints.

Those on this machine are delivered to, each signed with its own secret; one elsewhere is kept, and hears nothing.
"""

from fakestripe import errors, objects
from fakestripe.context import is_loopback
from fakestripe.form import Params
from fakestripe.objects import Json
from fakestripe.store import Store

TABLE = "webhook_endpoints"
MOST = 16  # as at Stripe: https://docs.stripe.com/webhooks, "You can register up to 16 webhook endpoints"


def create(store: Store, params: Params, now: int) -> Json:
    """A new endpoint; its secret is in this answer and in no other."""
    params.only("api_version", "description", "enabled_events", "expand", "metadata", "url")
    url, kinds = params.needed("url"), params.texts("enabled_events")
    if not kinds:
        raise errors.invalid(
            "Missing required param: enabled_events.", params.named("enabled_events"), "parameter_missing"
        )
    if not url.startswith("https://") and not is_loopback(url):
        raise errors.invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid")
    if len(store[TABLE]) >= MOST:
        raise errors.against_the_state(f"You have reached the maximum of {MOST} test webhook endpoints.")
    record = {
        "id": objects.new_id("we_1"),
        "object": "webhook_endpoint",
        "api_version": params.text("api_version"),
        "application": None,
        "created": now,
        "description": params.text("description"),
        "enabled_events": list(kinds),
        "livemode": False,
        "metadata": params.metadata(),
        "status": "enabled",
        "url": url,
        "_fake": {"secret": objects.new_id("whsec_", 32)},
    }
    store.put(TABLE, record)
    return record


def get(store: Store, identifier: str) -> Json:
    """The endpoint. Raises Refused."""
    record = store[TABLE].get(identifier)
    if record is None:
        raise errors.missing("webhook endpoint", identifier, "id")
    return record


def delete(store: Store, identifier: str) -> Json:
    """Forget it. Raises Refused."""
    get(store, identifier)
    del store[TABLE][identifier]
    store.changed()
    return {"id": identifier, "object": "webhook_endpoint", "deleted": True}


def listening(store: Store, kind: str) -> list[str]:
    """The ids of those that hear of this kind of event."""
    heard = (kind, "*")
    rows = store[TABLE].values()
    return [row["id"] for row in rows if is_loopback(row["url"]) and any(one in heard for one in row["enabled_events"])]
