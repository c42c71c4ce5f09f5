"""The worker's count of what events have sold and earned (checkout/sql/numbers.sql)."""

from typing import Final

from django.db import transaction

from kit import sql

BATCH: Final = 1000
COUNT: Final = "SELECT checkout_count_numbers(%s::int)"
REBUILD: Final = "SELECT checkout_rebuild_numbers(%s::bigint)"


def count(*, most: int = BATCH) -> int:
    """Count the orders of which there is new history; answers how many lines of it were read, at most `most`.

    What it reads, writes and remembers is one transaction: a worker killed on the way has counted nothing.
    """
    return int(sql.value(COUNT, (most,)))


@transaction.atomic
def rebuild(*, event_id: int) -> int:
    """Count one event anew, from nothing; answers how many orders it has. Nobody sees it half done."""
    return int(sql.value(REBUILD, (event_id,)))
