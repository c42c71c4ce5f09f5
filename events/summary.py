"""The head of an event page: price range and status in words, and the same for search engines (schema.org)."""

import json
from collections.abc import Sequence
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from events.facts import EventFacts
from events.listing import ListingSummary, Row
from events.models import Availability
from kit import money
from kit.moments import moment_text

SCHEMA_AVAILABILITY: Final = {
    "before": "PreOrder",
    "open": "InStock",
    "few": "LimitedAvailability",
    "all_held": "OutOfStock",
    "paused": "OutOfStock",
    "sold_out": "SoldOut",
    "closed": "Discontinued",
}
STATUS_TEXT: Final = {
    "open": "On sale",
    "few": "Few tickets left",
    "all_held": "All tickets are held, some may come back",
    "paused": "Paused by the organiser",
    "sold_out": "Sold out",
    "closed": "Sales have closed",
}
_FOR_SCRIPT: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def summarise(event: EventFacts, rows: Sequence[Row]) -> ListingSummary:
    """One status for all rows: the best that any of them offers."""
    status = status_of(rows)
    opens_at = min((row.opens_at for row in rows if row.opens_at), default=None) if status == "before" else None
    return ListingSummary(
        price_text=price_range(rows, event.currency),
        status=status,
        status_text=f"Opens {moment_text(opens_at)}" if opens_at else STATUS_TEXT.get(status, ""),
        opens_at=opens_at,
        schema_json=schema_json(event, rows, status),
    )


def status_of(rows: Sequence[Row]) -> str:
    """before, open, few, all_held, paused, sold_out or closed."""
    on_sale = [row for row in rows if row.phase == "open"]
    words = {row.availability for row in on_sale}
    for word, status in (
        (Availability.PLENTY, "open"), (Availability.FEW, "few"), (Availability.ALL_HELD, "all_held"),
    ):  # fmt: skip
        if word in words:
            return status
    phases = {row.phase for row in rows}
    for phase in ("before", "paused"):
        if phase in phases:
            return phase
    return "sold_out" if on_sale else "closed"


def price_range(rows: Sequence[Row], currency: str) -> str:
    """`Free to £360.00`; what a buyer pays, since prices here are the whole price."""
    if not rows:
        return ""
    low, high = min(row.lowest_minor for row in rows), max(row.highest_minor for row in rows)
    low_text = money.price_text(low, currency)
    return low_text if low == high else f"{low_text} to {money.price_text(high, currency)}"


def schema_json(event: EventFacts, rows: Sequence[Row], status: str) -> SafeString:
    """schema.org's Event, safe inside a script element. One offer for all rows keeps it small at any number."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title,
        "startDate": event.starts_at.isoformat(),
        "endDate": event.ends_at.isoformat(),
        "eventStatus": "https://schema.org/EventScheduled",
        "description": event.summary,
        "url": event.absolute_url,
        "organizer": {"@type": "Organization", "name": event.organiser_name},
        "location": {"@type": "Place", "name": event.venue, "address": event.venue},
    }
    if event.picture:
        data["image"] = event.picture.shared_url
    if rows:
        data["offers"] = {
            "@type": "AggregateOffer",
            "url": event.absolute_url,
            "priceCurrency": event.currency,
            "lowPrice": money.input_text(min(row.lowest_minor for row in rows), event.currency),
            "highPrice": money.input_text(max(row.highest_minor for row in rows), event.currency),
            "offerCount": len(rows),
            "availability": f"https://schema.org/{SCHEMA_AVAILABILITY[status]}",
        }
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_FOR_SCRIPT))  # noqa: S308  -- escaped above
