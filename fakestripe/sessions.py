"""The life of a Checkout Session: open, then complete (paid) or expired, never both.

Every function expects the store's lock to be held (`store.transaction()`).
"""

from fakestripe import errors, objects, session_params
from fakestripe.events import Cause, emit
from fakestripe.form import Params
from fakestripe.objects import Json
from fakestripe.store import NEVER, Store

UNNAMED_BUYER = "buyer@example.com"


def create(store: Store, params: Params, now: int) -> Json:
    """Open a session."""
    record = session_params.session(params, now)
    store.wake_by(record["expires_at"])
    return store.put("sessions", record)


def get(store: Store, session_id: str) -> Json:
    """The session's record, or Stripe's 404."""
    record = store["sessions"].get(session_id)
    if record is None:
        raise errors.missing("checkout.session", session_id, "session")
    return record


def expire(store: Store, session_id: str, cause: Cause) -> Json:
    """Close an open session for good: it can no longer be paid. Refused when it is not open."""
    record = get(store, session_id)
    if record["status"] != "open":
        message = 'Only Checkout Sessions with a status in ["open"] can be expired.'
        raise errors.against_the_state(f"{message} This Checkout Session has a status of `{record['status']}`.")
    return _close(store, record, cause)


def pay(store: Store, session_id: str, cause: Cause) -> Json:
    """The buyer's card is charged. Refused when the session is not open; an expired session is never paid."""
    record = _open(store, session_id)
    charge = _attempt(store, record, paid=True, now=cause.now)
    intent = store["payment_intents"][record["payment_intent"]]
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "payment_method": charge["payment_method"],
    }
    email = record["customer_email"] or UNNAMED_BUYER
    record |= {
        "status": "complete",
        "payment_status": "paid",
        "customer_details": objects.customer_details(email, "Fake Buyer"),
    }
    record["_fake"]["pay_at"] = None
    emit(store, "checkout.session.completed", store.put("sessions", record), cause)
    return record


def decline(store: Store, session_id: str, cause: Cause) -> Json:
    """The buyer's card is refused; the session stays open for another try. Refused when it is not open."""
    record = _open(store, session_id)
    charge = _attempt(store, record, paid=False, now=cause.now)
    intent = store["payment_intents"][record["payment_intent"]]
    intent["last_payment_error"] = objects.decline(charge)
    emit(store, "payment_intent.payment_failed", store.put("payment_intents", intent), cause)
    return record


def pay_at(store: Store, session_id: str, moment: float) -> Json:
    """Charge the buyer's card at that moment of the fake's clock, if the session is then still open."""
    record = _open(store, session_id)
    record["_fake"]["pay_at"] = moment
    store.wake_by(moment)
    return store.put("sessions", record)


def settle(store: Store, now: float) -> None:
    """Do what is due by now: late payments, and the expiry of sessions nobody paid."""
    if now < store.due_at:
        return
    store.due_at = NEVER
    for record in list(store["sessions"].values()):
        if record["status"] == "open":
            _settle_one(store, record, now)


def _settle_one(store: Store, record: Json, now: float) -> None:
    promised = record["_fake"]["pay_at"]
    pays_in_time = promised is not None and promised < record["expires_at"]
    due_at = promised if pays_in_time else record["expires_at"]
    if due_at > now:
        store.wake_by(due_at)
    elif pays_in_time:
        pay(store, record["id"], Cause(int(now)))
    else:
        _close(store, record, Cause(int(now)))


def _close(store: Store, record: Json, cause: Cause) -> Json:
    record["status"] = "expired"
    record["_fake"]["pay_at"] = None
    intent = store["payment_intents"].get(record["payment_intent"])
    if intent:
        intent |= {"status": "canceled", "canceled_at": cause.now, "cancellation_reason": "expired"}
        store.put("payment_intents", intent)
    emit(store, "checkout.session.expired", store.put("sessions", record), cause)
    return record


def _open(store: Store, session_id: str) -> Json:
    record = get(store, session_id)
    if record["status"] != "open":
        message = f"Only an open Checkout Session can be paid. This one has a status of `{record['status']}`."
        raise errors.against_the_state(message)
    return record


def _attempt(store: Store, record: Json, paid: bool, now: int) -> Json:
    """One charge on the session's payment intent, which the first attempt makes."""
    if record["payment_intent"] is None:
        intent = store.put("payment_intents", objects.payment_intent(record, now))
        record["payment_intent"] = intent["id"]
        store.put("sessions", record)
    intent = store["payment_intents"][record["payment_intent"]]
    charge = store.put("charges", objects.charge(intent, record["customer_email"] or UNNAMED_BUYER, paid, now))
    intent["latest_charge"] = charge["id"]
    return charge
