"""Ticket types: added, changed, moved, paused, put away, deleted. Each act writes a line to the organiser's log.

Buyers may be at it meanwhile: a hold reads what a ticket type is in the statement that takes the stock
(checkout/sql/take_hold.sql), so that it is sold as it was before a change or as it is after it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.actions import log
from accounts.models import User
from events import slugs
from events.actions.events import ChangedMeanwhile
from events.models import Draw, Event, Quota, TicketType
from kit import money, since
from kit.moments import moment_text
from kit.tokens import url_token

EDITED: Final = (
    "name", "description", "group_heading", "kind", "price_minor", "minimum_minor", "suggested_minor",
    "sale_starts_at", "sale_ends_at", "min_per_order", "max_per_order", "secret",
)  # fmt: skip
WORDS: Final[Mapping[str, str]] = {
    "name": "name", "description": "description", "group_heading": "group", "kind": "kind", "price_minor": "price",
    "minimum_minor": "minimum", "suggested_minor": "suggestion", "sale_starts_at": "start of sale",
    "sale_ends_at": "end of sale", "min_per_order": "fewest per order", "max_per_order": "most per order",
    "secret": "secret", "quotas": "quotas",
}  # fmt: skip
ATTEMPTS: Final = 3


class InUse(Exception):
    """There are tickets of it, so it cannot be deleted: it can be put away."""


class NotOfThisEvent(Exception):
    """A quota of another event, or none."""


def values_of(row: TicketType) -> dict[str, Any]:
    """What a form of it is read at: its fields, and the quotas that it draws on, by number."""
    drawn = tuple(row.draws.order_by("quota_id").values_list("quota_id", flat=True))
    return {**{name: getattr(row, name) for name in EDITED}, "quotas": drawn}


def add(*, event: Event, values: Mapping[str, Any], quotas: Sequence[Quota], by: User, now: datetime) -> TicketType:
    """List one more, at the end. Raises NotOfThisEvent."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _add(event, values, quotas, by, now)
        except IntegrityError:  # its address or place was taken meanwhile
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


def _add(event: Event, values: Mapping[str, Any], quotas: Sequence[Quota], by: User, now: datetime) -> TicketType:
    rows = list(event.ticket_types.order_by("position", "id").values_list("slug", "position"))
    slug = slugs.suggested(values["name"], taken={slug for slug, _ in rows}, otherwise="ticket")
    place = max((position for _, position in rows), default=-1) + 1
    made = TicketType.objects.create(event=event, slug=slug, position=place, **values)
    _draw(made, quotas)
    price = money.price_text(made.lowest_minor, event.currency)
    _record(made, by, "ticket-type-added", f"Added the ticket type “{made.name}”, {price}.", now)
    return made


def edit(
    *, ticket_type: TicketType, values: Mapping[str, Any], quotas: Sequence[Quota], was: str, by: User, now: datetime
) -> None:
    """Change it. `was` is the mark of what the form was read at. Raises ChangedMeanwhile and NotOfThisEvent.

    Tickets sold before keep what they took: other quotas are drawn on by those who come from now on.
    """
    wanted = {**values, "quotas": tuple(sorted(quota.pk for quota in quotas))}
    with transaction.atomic():
        row = TicketType.objects.select_for_update(no_key=True).get(pk=ticket_type.pk)
        before = values_of(row)
        if since.changed(was, {name: before[name] for name in wanted}):
            raise ChangedMeanwhile(before, was)
        changes = {name: value for name, value in wanted.items() if before[name] != value}
        if not changes:
            return
        if fields := {name: value for name, value in changes.items() if name != "quotas"}:
            TicketType.objects.filter(pk=row.pk).update(**fields)
        if "quotas" in changes:
            _draw(row, quotas)
        said = "; ".join(_said(ticket_type.event, name, before[name], value) for name, value in changes.items())
        _record(ticket_type, by, "ticket-type-changed", f"Changed “{row.name}”: {said}.", now)


def _draw(row: TicketType, quotas: Sequence[Quota]) -> None:
    """Have it draw on just these. Draws are made and removed, never changed."""
    if any(quota.event_id != row.event_id for quota in quotas):
        raise NotOfThisEvent
    row.draws.exclude(quota__in=quotas).delete()
    drawn = set(row.draws.values_list("quota_id", flat=True))
    new = sorted(quota.pk for quota in quotas if quota.pk not in drawn)
    Draw.objects.bulk_create(Draw(ticket_type=row, quota_id=pk) for pk in new)


@transaction.atomic
def move(*, ticket_type: TicketType, up: bool, by: User, now: datetime) -> None:
    """One place up or down in the list. At its end nothing happens."""
    rows = {row.pk: row for row in TicketType.objects.select_for_update().filter(event=ticket_type.event_id)
            .order_by("pk").only("pk", "position", "is_hidden")}  # fmt: skip
    order = sorted(rows.values(), key=lambda row: (row.is_hidden, row.position, row.pk))
    at = next(place for place, row in enumerate(order) if row.pk == ticket_type.pk)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(order) or order[other].is_hidden != order[at].is_hidden:
        return
    order[at], order[other] = order[other], order[at]
    moved = [row for place, row in enumerate(order) if row.position != place]
    for place, row in enumerate(order):
        row.position = place
    TicketType.objects.bulk_update(sorted(moved, key=lambda row: row.pk), ["position"])
    said = f"Moved “{ticket_type.name}” {'up' if up else 'down'}."
    _record(ticket_type, by, "ticket-type-moved", said, now)


@transaction.atomic
def pause(*, ticket_type: TicketType, by: User, now: datetime) -> None:
    """Sell no more of it, at once; it stays listed. What is held may be paid for. Twice is once."""
    if _turn(ticket_type, {"is_paused": False}, {"is_paused": True}):
        _record(ticket_type, by, "ticket-type-paused", f"Paused “{ticket_type.name}”.", now)


@transaction.atomic
def resume(*, ticket_type: TicketType, by: User, now: datetime) -> None:
    """Sell it again, within its window."""
    if _turn(ticket_type, {"is_paused": True, "is_hidden": False}, {"is_paused": False}):
        _record(ticket_type, by, "ticket-type-resumed", f"Resumed “{ticket_type.name}”.", now)


@transaction.atomic
def put_away(*, ticket_type: TicketType, by: User, now: datetime) -> None:
    """Neither list nor sell it any more. Tickets of it stay good."""
    if _turn(ticket_type, {"is_hidden": False}, {"is_hidden": True, "is_paused": True}):
        _record(ticket_type, by, "ticket-type-put-away", f"Put “{ticket_type.name}” away.", now)


@transaction.atomic
def bring_back(*, ticket_type: TicketType, by: User, now: datetime) -> None:
    """List it again, paused as yet."""
    if _turn(ticket_type, {"is_hidden": True}, {"is_hidden": False}):
        _record(ticket_type, by, "ticket-type-brought-back", f"Brought “{ticket_type.name}” back, paused.", now)


@transaction.atomic
def renew_secret(*, ticket_type: TicketType, by: User, now: datetime) -> None:
    """Another secret link; the old one opens nothing any more."""
    TicketType.objects.filter(pk=ticket_type.pk).update(secret_key=url_token())
    _record(ticket_type, by, "secret-link-renewed", f"Made a new secret link for “{ticket_type.name}”.", now)


def remove(*, ticket_type: TicketType, by: User, now: datetime) -> None:
    """Delete it. Raises InUse where there are tickets of it, be they held, sold or void."""
    try:
        with transaction.atomic():
            _record(ticket_type, by, "ticket-type-deleted", f"Deleted the ticket type “{ticket_type.name}”.", now)
            TicketType.objects.get(pk=ticket_type.pk).delete()
    except IntegrityError as error:  # also where a buyer is just taking one (checkout/sql/guards.sql)
        raise InUse from error


def _turn(ticket_type: TicketType, is_so: Mapping[str, bool], to: Mapping[str, bool]) -> bool:
    return bool(TicketType.objects.filter(pk=ticket_type.pk, **is_so).update(**to))


def _said(event: Event, name: str, old: Any, new: Any) -> str:
    if name in {"description", "quotas"}:
        return WORDS[name]
    return f"{WORDS[name]} {_value(event, name, old)} → {_value(event, name, new)}"


def _value(event: Event, name: str, value: Any) -> str:
    """As people read it: money with its currency, moments on the clock at the venue."""
    if value in {None, ""}:
        return "none"
    if name.endswith("_minor"):
        return money.price_text(value, event.currency)
    if isinstance(value, datetime):
        return moment_text(value.astimezone(event.zone))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”" if isinstance(value, str) else str(value)


def _record(row: TicketType, by: User, kind: str, said: str, now: datetime) -> None:
    log.record(organiser=row.event.organiser, event=row.event, by=by, kind=kind, said=said, now=now)
