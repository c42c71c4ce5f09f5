"""Orders that an organiser gives away: complete at once, at no price, and mailed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError, transaction

from accounts.actions import log
from accounts.models import User
from checkout.actions import holds, mail
from checkout.choice import MOST_TICKETS, Fault
from checkout.models import Mail, Order
from events.models import Event
from kit import sql
from kit.tokens import typed_code, url_token

GIVE: Final = (
    "SELECT checkout_give_tickets(%s::bigint, %s::text, %s::uuid, %s::text[], %s::int[], %s::text[], "
    "%s::text, %s::text, %s::text, %s::text, %s::timestamptz)"
)
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Gift:
    """So many of each ticket type, by slug, for whom, and why. Two requests with one `key` make one order."""

    key: uuid.UUID
    quantities: Mapping[str, int]
    full_name: str
    email: str
    reason: str = ""


def give(*, event: Event, gift: Gift, by: User, now: datetime) -> Order:
    """Make the order. Sale windows, limits for one order and secrets do not bind it; capacity does, always.

    Raises holds.Refused with what is short, unknown or too many in all; then nothing was taken.
    """
    tickets = sum(gift.quantities.values())
    if not 0 < tickets <= MOST_TICKETS or min(gift.quantities.values()) < 1:
        raise holds.Refused([Fault(slug, "too_many_in_all", MOST_TICKETS) for slug in gift.quantities])
    faults: list[Fault] = []
    for _ in range(TRIES):
        answer = _give_once(event, gift, by, now)
        if "id" in answer:
            return Order.objects.get(pk=answer["id"])
        faults = [Fault(fault["slug"], fault["code"], fault["limit"]) for fault in answer.get("faults") or ()]
        # Nothing is said when a racer took the last units; and holds that have lapsed may be in the way.
        if any(fault.code != "short" for fault in faults) or (faults and not holds.sweep(now=now, event_id=event.pk)):
            break
    raise holds.Refused(faults)


def _give_once(event: Event, gift: Gift, by: User, now: datetime) -> dict[str, Any]:
    """The order, its mail and a line in the log, or none of them; empty when a racer was faster."""
    name = by.get_full_name()[:80]
    arguments = (
        event.pk, url_token(), gift.key, list(gift.quantities), list(gift.quantities.values()),
        [typed_code() for _ in range(sum(gift.quantities.values()))], gift.full_name, gift.email, name,
        gift.reason, now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            answer = dict(sql.value(GIVE, arguments))
            if "id" in answer and not answer.get("replayed"):
                _tell(event, Order.objects.get(pk=answer["id"]), gift, by, now)
            return answer
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != holds.NO_ROOM:
            raise
        return {}


def _tell(event: Event, order: Order, gift: Gift, by: User, now: datetime) -> None:
    mail.owe(Mail.Kind.TICKETS, order=order, now=now)
    given = ", ".join(f"{quantity} of {slug}" for slug, quantity in gift.quantities.items())
    reason = f" ({gift.reason})" if gift.reason else ""
    said = f"Order {order.reference}: {given} given to {gift.full_name} <{gift.email}> at no price{reason}."
    log.record(organiser=event.organiser, event=event, by=by, kind="order-given", said=said, now=now)
