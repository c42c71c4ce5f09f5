"""Reads one of the `ticket_types` of a catalogue."""

import re
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.numbers import list_currencies

from accounts.models import validate_slug
from events.catalogue.fields import Fields
from events.catalogue.format import LONGEST_DESCRIPTION, MOST_MINOR, TicketTypeEntry
from events.catalogue.model_facts import default, longest
from events.catalogue.pools import Pools
from events.models import Kind, TicketType
from events.models.ticket_types import MOST_PER_ORDER

PRICE_IN: Final = re.compile(r"price_minor_([a-z]{3})")


def read_ticket_type(fields: Fields, *, pools: Pools, zone: ZoneInfo, currency: str) -> TicketTypeEntry:
    """The ticket type, priced in the event's `currency`; faults are noted and stand-ins take their place."""
    entry = TicketTypeEntry(
        slug=fields.text("slug", most=longest(TicketType, "slug"), check=validate_slug),
        name=fields.text("name", most=longest(TicketType, "name")),
        description=fields.text("description", most=LONGEST_DESCRIPTION, default="", lines=True),
        group_heading=fields.text("group", most=longest(TicketType, "group_heading"), default=""),
        **_pricing(fields, currency),
        sale_starts_at=fields.moment("sale_starts_at", zone),
        sale_ends_at=fields.moment("sale_ends_at", zone),
        min_per_order=fields.whole(
            "min_per_order", least=1, most=MOST_PER_ORDER, default=default(TicketType, "min_per_order")
        ),
        max_per_order=fields.whole(
            "max_per_order", least=1, most=MOST_PER_ORDER, default=default(TicketType, "max_per_order")
        ),
        secret=fields.truth("secret", default=False),
        pools=pools.mentioned(fields),
    )
    _check_bounds(fields, entry)
    fields.finish()
    return entry


def _check_bounds(fields: Fields, entry: TicketTypeEntry) -> None:
    if fields.is_sound("min_per_order", "max_per_order") and entry.max_per_order < entry.min_per_order:
        fields.fault("max_per_order", f"must be at least min_per_order, which is {entry.min_per_order}")
    starts_at, ends_at = entry.sale_starts_at, entry.sale_ends_at
    if starts_at and ends_at and ends_at <= starts_at:
        fields.fault("sale_ends_at", "must come after sale_starts_at")


def _pricing(fields: Fields, currency: str) -> dict[str, Any]:
    """kind, price_minor, minimum_minor and suggested_minor, of which each kind has its own."""
    given_kind = fields.choice("kind", Kind)
    key, price = _price(fields, currency, required=fields.is_sound("kind") and given_kind in {None, Kind.PAID})
    kind = given_kind or (Kind.PAID if price else Kind.FREE)
    offers = {"minimum_minor", "suggested_minor"}
    if kind != Kind.PAY_WHAT_YOU_WANT:
        if fields.is_sound("kind", key):
            _check_price(fields, kind, key, price)
        for offer in sorted(offers):
            if fields.take(offer) is not None and fields.is_sound("kind"):
                fields.fault(offer, f"is only for the kind {Kind.PAY_WHAT_YOU_WANT.value}")
        return {"kind": kind, "price_minor": price, "minimum_minor": None, "suggested_minor": None}
    if price:
        fields.fault(key, "must be 0 or left out where buyers pay what they want; give minimum_minor")
    minimum = fields.whole("minimum_minor", most=MOST_MINOR, default=0)
    suggested = fields.whole("suggested_minor", most=MOST_MINOR, default=minimum)
    if fields.is_sound(*offers) and suggested < minimum:
        fields.fault("suggested_minor", "must be at least minimum_minor")
    return {"kind": kind, "price_minor": 0, "minimum_minor": minimum, "suggested_minor": suggested}


def _check_price(fields: Fields, kind: str, key: str, price: int) -> None:
    if kind == Kind.FREE and price:
        fields.fault(key, "must be 0 for a free ticket")
    if kind == Kind.PAID and not price:
        fields.fault(key, "must be more than 0 for a paid ticket")


def _price(fields: Fields, currency: str, *, required: bool) -> tuple[str, int]:
    """The price in the event's currency and the key it stands at: price_minor_<currency> if given, else price_minor."""
    prices = {}
    for key in fields.keys():  # noqa: SIM118  -- Fields is no dict, and what it says of a key it forgets
        if (code := PRICE_IN.fullmatch(key)) and code[1].upper() in list_currencies():
            prices[key] = fields.whole(key, most=MOST_MINOR, default=0)
    own = f"price_minor_{currency.lower()}"
    general = fields.whole("price_minor", most=MOST_MINOR, default=0 if own in prices or not required else None)
    return (own, prices[own]) if own in prices else ("price_minor", general)
