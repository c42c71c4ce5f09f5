"""Refunds: all or part of a charge, never more than is left of it. The store's lock is held by the caller."""

from fakestripe import currencies, errors, objects
from fakestripe.events import Cause, emit
from fakestripe.form import Params
from fakestripe.objects import Json
from fakestripe.store import Store

KNOWN = ("amount", "charge", "expand", "metadata", "payment_intent", "reason")
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(store: Store, params: Params, cause: Cause) -> Json:
    """Send money back: `amount` in minor units, or all that is left of the charge when not given."""
    params.only(*KNOWN)
    asked = {"metadata": params.metadata(), "reason": params.choice("reason", *REASONS)}
    wanted = params.integer("amount", least=1)
    charge = _charge(store, params)
    amount = _check(charge, wanted)
    refund = store.put("refunds", objects.refund(charge, amount, asked, cause.now))
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.put("charges", charge)
    emit(store, "refund.created", refund, cause)
    emit(store, "charge.refunded", charge, cause)
    refund["destination_details"]["card"] |= {
        "reference_status": "available",
        "reference": refund["id"][-11:],
    }
    emit(store, "refund.updated", refund, cause)
    return refund


def _charge(store: Store, params: Params) -> Json:
    """The charge to refund, named by itself or by its payment intent."""
    intent_id = params.text("payment_intent")
    charge_id = params.needed("charge") if intent_id is None else None
    if intent_id is not None:
        intent = store["payment_intents"].get(intent_id)
        if intent is None:
            raise errors.missing("payment_intent", intent_id, "payment_intent", status=400)
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
            raise errors.against_the_state(message, param="payment_intent")
        charge_id = intent["latest_charge"]
    charge = store["charges"].get(str(charge_id))
    if charge is None:
        raise errors.missing("charge", str(charge_id), "charge", status=400)
    return charge


def _check(charge: Json, wanted: int | None) -> int:
    """The amount to send back, refused when it is more than what is left."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not charge["paid"]:
        message = f"Charge {charge['id']} failed, so it cannot be refunded."
        raise errors.against_the_state(message, param="charge")
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise errors.against_the_state(message, "charge_already_refunded")
    amount = left if wanted is None else wanted
    if amount > left:
        whole = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        shown, limit = (currencies.show(minor, charge["currency"]) for minor in (amount, left))
        raise errors.against_the_state(f"Refund amount ({shown}) is greater than {whole} ({limit})", param="amount")
    return amount
