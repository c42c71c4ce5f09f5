"""The ticker looks at few ticket types and says of all what a look at each would say, over the whole big world."""

from typing import Final

import pytest
from django.db import connection
from django.utils.timezone import now

from checkout.actions import availability, holds
from tests.plans.guide import Guide

pytestmark = pytest.mark.django_db

# The rule, in one statement that looks at everything there is.
BY_LOOKING_AT_ALL: Final = """
    SELECT t.id, CASE WHEN bool_or(s.capacity - s.taken < t.min_per_order AND h.quota_id IS NULL) THEN 'sold_out'
                      WHEN bool_or(s.capacity - s.taken < t.min_per_order) THEN 'all_held'
                      WHEN bool_or(s.capacity - s.taken <= greatest(5, s.capacity / 10)) THEN 'few'
                      ELSE 'plenty' END
      FROM events_tickettype t
      JOIN events_event e ON e.id = t.event_id AND e.state = 'live'
      LEFT JOIN events_draw d ON d.ticket_type_id = t.id
      LEFT JOIN events_stock s ON s.quota_id = d.quota_id
      LEFT JOIN (SELECT DISTINCT unnest(quota_ids) AS quota_id
                   FROM checkout_order o JOIN checkout_ticket x ON x.order_id = o.id AND x.voided_at IS NULL
                  WHERE o.state IN ('held', 'paying')) h ON h.quota_id = d.quota_id
     GROUP BY t.id
"""
WRITTEN: Final = """
    SELECT t.id, t.availability FROM events_tickettype t JOIN events_event e ON e.id = t.event_id AND e.state = 'live'
"""
CHANGES: Final = {
    "nothing": "SELECT 1",
    "capacities": "UPDATE events_stock SET capacity = taken + quota_id * 7919 % 29",
    "nothing left": "UPDATE events_stock SET capacity = taken",
    "large orders": "UPDATE events_tickettype SET min_per_order = 1 + id * 31 % 200, max_per_order = 200",
    "words": "UPDATE events_tickettype SET availability = (ARRAY['plenty', 'few', 'all_held', 'sold_out'])[1 + id % 4]",
    "draws": "DELETE FROM events_draw WHERE id % 3 = 0",
    "events": "UPDATE events_event SET state = CASE state WHEN 'live' THEN 'closed' ELSE 'live' END",
}


def words(statement: str) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_ticker_writes_what_a_look_at_everything_would(guide: Guide, change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(change)

    availability.refresh()

    assert words(WRITTEN) == words(BY_LOOKING_AT_ALL)
    assert availability.refresh() == 0


def test_ticker_notices_when_the_last_holds_lapse(guide: Guide) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHANGES["nothing left"])
    availability.refresh()
    before = words(WRITTEN)

    while holds.sweep(now=now()):
        pass
    availability.refresh()

    assert words(WRITTEN) == words(BY_LOOKING_AT_ALL) != before


def test_ticker_judges_one_event_as_it_judges_all(guide: Guide) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHANGES["capacities"])
    expected = words(BY_LOOKING_AT_ALL)

    for event_id in (1, 2, 3):
        availability.refresh(event_id=event_id)

    written = words(f"{WRITTEN} AND t.event_id <= 3")
    assert written == {pk: word for pk, word in expected.items() if pk in written}
    assert set(written.values()) >= {"few", "sold_out"}
