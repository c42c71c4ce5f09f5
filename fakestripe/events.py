"""What happened at Stripe, and the queue of webhooks that will tell the shop."""

import copy
import time
from dataclasses import dataclass

from fakestripe import endpoints_of_webhooks, objects
from fakestripe.objects import Json
from fakestripe.store import Store

KEPT = 2000
WAITING, HELD, SENDING, DELIVERED, FAILED = "waiting", "held", "sending", "delivered", "failed"
UNDONE = (WAITING, HELD, SENDING)


@dataclass(frozen=True)
class Cause:
    """Why something happens: the moment (fake clock), the API request if any, the webhook's delay."""

    now: int
    request_id: str | None = None
    idempotency_key: str | None = None
    webhook_delay: float = 0.0


def emit(store: Store, kind: str, record: Json, cause: Cause) -> Json:
    """Note an event with a copy of the object as it is now, and put its webhook in the queue."""
    snapshot = copy.deepcopy({key: value for key, value in record.items() if key != "_fake"})
    request = {"id": cause.request_id, "idempotency_key": cause.idempotency_key}
    event = store.put("events", objects.event(kind, snapshot, request, cause.now))
    enqueue(store, event, cause.webhook_delay)
    for endpoint in endpoints_of_webhooks.listening(store, kind):
        enqueue(store, event, cause.webhook_delay, endpoint)
    return event


def enqueue(store: Store, event: Json, delay: float = 0.0, endpoint: str | None = None) -> Json:
    """Queue one delivery of an event, `delay` seconds of real time from now; as often as you like. It goes to this
    endpoint, or to the address that the fake was given."""
    delivery = {
        "id": objects.new_id("dlv_"),
        "event": event["id"],
        "endpoint": endpoint,
        "type": event["type"],
        "about": event["data"]["object"]["id"],
        "state": HELD if store.holding else WAITING,
        "due_at": time.time() + delay,
        "attempts": [],
    }
    _forget_old(store)
    return store.put("deliveries", delivery)


def undone(store: Store) -> list[Json]:
    """Deliveries that are still to end, oldest first."""
    return [delivery for delivery in store["deliveries"].values() if delivery["state"] in UNDONE]


def hold(store: Store) -> None:
    """Keep back every webhook that has not left yet, until `release`."""
    store.holding = True
    for delivery in undone(store):
        if delivery["state"] == WAITING:
            delivery["state"] = HELD
    store.changed()


def release(store: Store, reverse: bool = False) -> None:
    """Let the held webhooks go, newest first if `reverse`."""
    store.holding = False
    held = [delivery for delivery in undone(store) if delivery["state"] == HELD]
    for delivery in reversed(held) if reverse else held:
        delivery["state"] = WAITING
        store["deliveries"][delivery["id"]] = store["deliveries"].pop(delivery["id"])
    store.changed()


def recover(store: Store) -> None:
    """After a restart nothing is on its way and nothing is held: what has not arrived is sent again."""
    for delivery in undone(store):
        delivery["state"] = WAITING


def _forget_old(store: Store) -> None:
    """Keep memory and state file bounded: drop the oldest ended deliveries and their events."""
    if len(store["deliveries"]) < KEPT:
        return
    needed = {delivery["event"] for delivery in undone(store)}
    ended = [delivery for delivery in store["deliveries"].values() if delivery["state"] not in UNDONE]
    for delivery in ended[: KEPT // 2]:
        del store["deliveries"][delivery["id"]]
        if delivery["event"] not in needed:
            store["events"].pop(delivery["event"], None)
