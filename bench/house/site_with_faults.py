"""The site as gunicorn serves it, with faults that a test can switch on by a file in CHAOS_FOLDER.

`slow-listing` holds an event's slug: listing it makes a slow query for each ticket type. This is the mistake of
13 November, injected: harmless for an event with three ticket types, deadly for one with three hundred.
The flag `slow-listing` does the same, as a feature under a flag would: in a region, for events that were granted it.
There is no such flag unless a test makes one.
`dear-page` holds a path: answering it takes twenty milliseconds of CPU, so that ten times what the site can carry is
no more than a test can ask for.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db import connections

from tito.wsgi import application as site

FOLDER = Path(os.environ["CHAOS_FOLDER"])
SLOW, DEAR = FOLDER / "slow-listing", FOLDER / "dear-page"
FLAG = "slow-listing"
SECONDS_A_TYPE = 0.1
DEAR_SECONDS = 0.02


def _install() -> None:
    import flags
    from events import listing  # only now are its models ready

    rows_of = listing.rows_of

    def slow_rows_of(event: Any, **options: Any) -> Any:
        rows = rows_of(event, **options)
        if SLOW.exists() and SLOW.read_text() == event.slug:
            _ask_for_each(rows)
        if event.flags.get(FLAG):
            with flags.region(FLAG, event):
                _ask_for_each(rows)
        return rows

    listing.rows_of = slow_rows_of


def _ask_for_each(rows: Iterable[Any]) -> None:
    from kit import bulkheads

    for _ in rows:
        with connections[bulkheads.ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [SECONDS_A_TYPE])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if DEAR.exists() and DEAR.read_text() == environ["PATH_INFO"]:
        until = time.thread_time() + DEAR_SECONDS
        while time.thread_time() < until:
            pass
    return site(environ, start_response)


_install()
