"""The site as gunicorn serves it, with faults that a test can switch on by a file in CHAOS_FOLDER.

`slow-listing` holds an event's slug: listing it makes a slow query for each ticket type. This is the mistake of
13 November, injected: harmless for an event with three ticket types, deadly for one with three hundred.
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
SECONDS_A_TYPE = 0.1
DEAR_SECONDS = 0.02


def _install() -> None:
    from events import listing  # only now are its models ready
    from kit import bulkheads

    rows_of = listing.rows_of

    def slow_rows_of(event: Any, **options: Any) -> Any:
        rows = rows_of(event, **options)
        if SLOW.exists() and SLOW.read_text() == event.slug:
            for _ in rows:
                with connections[bulkheads.ALIAS].cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(%s)", [SECONDS_A_TYPE])
        return rows

    listing.rows_of = slow_rows_of


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if DEAR.exists() and DEAR.read_text() == environ["PATH_INFO"]:
        until = time.thread_time() + DEAR_SECONDS
        while time.thread_time() < until:
            pass
    return site(environ, start_response)


_install()
