"""Taking stock for a buyer, keeping it a while, and letting it go."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.db.models import F

from checkout.actions import answers
from checkout.choice import MOST_TICKETS, Fault, Line
from checkout.models import Order, OrderEvent, State
from checkout.models.orders import MOST_RENEWALS
from kit import sql
from kit.tokens import typed_code, url_token

TAKE: Final = (
    "SELECT checkout_take_hold(%s::bigint, %s::text, %s::uuid, %s::text, "
    "%s::text[], %s::int[], %s::bigint[], %s::text[], %s::timestamptz, %s::text)"
)
SWEEP: Final = "SELECT checkout_sweep(%s::timestamptz, %s::int, %s::bigint)"
NO_ROOM: Final = {"TT001", "TT002"}
TRIES: Final = 5
SWEPT_AT_ONCE: Final = 200


class Refused(Exception):
    """Nothing was taken. `faults` says why, line by line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(str(faults))
        self.faults = list(faults)

    @property
    def is_shortfall(self) -> bool:
        """Whether everything asked for was in order, and just not there any more."""
        return all(fault.is_shortfall for fault in self.faults)


class NotSelling(Exception):
    """The event is not live."""


class CannotRenew(Exception):
    """The hold is over, or has been renewed as often as it may be."""


def take(
    *, event_id: int, lines: Sequence[Line], secret: str, key: uuid.UUID, now: datetime, code: str = ""
) -> str:  # fmt: skip
    """Hold these tickets and answer the order's token. One statement; the same `key` makes one order.

    `code` is the text of a code of the event, as codes.normal_text has it: its uses are taken with the stock. Raises
    Refused (nothing was taken) or NotSelling.
    """
    if not lines:
        raise Refused([])
    tickets = sum(line.quantity for line in lines)
    if tickets > MOST_TICKETS:
        raise Refused([Fault(line.slug, "too_many_in_all", MOST_TICKETS) for line in lines])
    arguments = (
        event_id, url_token(), key, secret, [line.slug for line in lines], [line.quantity for line in lines],
        [line.amount_minor for line in lines], [typed_code() for _ in range(tickets)], now, code,
    )  # fmt: skip
    faults: list[Fault] = []
    for _ in range(TRIES):
        answer = _take_once(arguments)
        if "token" in answer:
            return str(answer["token"])
        if "closed" in answer:
            raise NotSelling
        faults = [Fault(fault["slug"], fault["code"], fault["limit"]) for fault in answer.get("faults") or ()]
        if not _worth_another_try(faults, event_id, now):
            break
    raise Refused(faults)


def _take_once(arguments: tuple[Any, ...]) -> dict[str, Any]:
    """One call; an empty answer when a racer took the last units between the look and the take."""
    try:
        return dict(sql.value(TAKE, arguments))
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) not in NO_ROOM:
            raise
        return {}


def _worth_another_try(faults: Sequence[Fault], event_id: int, now: datetime) -> bool:
    """Whether a racer won, or holds that have lapsed were in the way and are gone now."""
    if not faults:
        return True
    return all(fault.is_shortfall for fault in faults) and sweep(now=now, event_id=event_id) > 0


def sweep(*, now: datetime, event_id: int | None = None, most: int = SWEPT_AT_ONCE) -> int:
    """Expire up to `most` holds that are past their time; answers how many. Skips what others work on."""
    return int(sql.value(SWEEP, (now, most, event_id)))


@transaction.atomic
def renew(*, order: Order, now: datetime) -> None:
    """Start the hold's time again. Raises CannotRenew; two presses at once renew once or twice, never over the cap."""
    expires_at = now + timedelta(minutes=order.event.hold_minutes)
    renewable = Order.objects.filter(pk=order.pk, state=State.HELD, renewals__lt=MOST_RENEWALS)
    if not renewable.update(expires_at=expires_at, renewals=F("renewals") + 1):
        raise CannotRenew
    OrderEvent.objects.record("renewed", order=order, at=now, by="buyer")
    order.refresh_from_db(fields=["expires_at", "renewals"])


def take_again(*, order: Order, now: datetime) -> str:
    """Hold the same tickets once more for an order that has expired; its answers come along. Answers the new token.

    Pressed twice, it makes one order. Raises Refused or NotSelling.
    """
    tickets = list(order.tickets.select_related("ticket_type"))
    lines: dict[tuple[str, int], int] = {}
    for ticket in tickets:
        place = (ticket.ticket_type.slug, ticket.price_minor)
        lines[place] = lines.get(place, 0) + 1
    secret = next((t.ticket_type.secret_key for t in tickets if t.ticket_type.secret), "")
    token = take(
        event_id=order.event_id,
        lines=[Line(slug, quantity, price_minor) for (slug, price_minor), quantity in lines.items()],
        secret=secret,
        key=uuid.uuid5(uuid.NAMESPACE_URL, order.token),
        now=now,
        code=order.code_text,
    )
    new = Order.objects.get(token=token)
    _copy_buyer(order, new)
    if order.event.question_count:
        answers.copy(old=order, new=new)
    return token


def _copy_buyer(old: Order, new: Order) -> None:
    Order.objects.filter(pk=new.pk, full_name="", email="").update(full_name=old.full_name, email=old.email)
    names = dict(old.tickets.exclude(attendee_name="").values_list("number", "attendee_name"))
    for ticket in new.tickets.filter(number__in=names, attendee_name=""):
        ticket.attendee_name = names[ticket.number]
        ticket.save(update_fields=["attendee_name"])
