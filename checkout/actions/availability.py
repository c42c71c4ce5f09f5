"""The ticker's work: what is left of each ticket type, in words."""

from typing import Final

from kit import sql

REFRESH: Final = "SELECT checkout_refresh_availability(%s::bigint)"


def refresh(*, event_id: int | None = None) -> int:
    """Write the words that have changed, for one event or all live ones; answers how many ticket types changed."""
    return int(sql.value(REFRESH, (event_id,)))
