"""Whether a container does its work: `python -m deploy.healthcheck web` or `… worker`. Exits with 1 if it does not.

The site is asked for its clock, which needs neither Postgres nor Valkey: when one of these is away, starting the site
anew mends nothing. The worker has no port, so it is judged by what it should have done: no hold may be a minute late.
"""

import http.client
import sys
from typing import Final
from urllib.parse import urlsplit

import psycopg

from tito.settings.environment import env

PATIENCE: Final = 5  # seconds
LATE: Final = "SELECT count(*) FROM checkout_order WHERE state = 'held' AND expires_at < now() - interval '1 minute'"


def web_answers(*, host: str = "127.0.0.1", port: int = 8000) -> bool:
    """Whether the site answers, as it does to a visitor who came through the proxy. In a crowd it may say that it is
    busy, and is alive all the same."""
    headers = {"Host": urlsplit(env("SITE_URL")).netloc, "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/clock/", headers=headers)
        answer = connection.getresponse()
        return answer.status < 400 or (answer.status == 503 and answer.headers["Retry-After"] is not None)
    except OSError:
        return False
    finally:
        connection.close()


def holds_expire() -> bool:
    """Whether no hold is more than a minute past its time. False, too, when Postgres does not say."""
    try:
        with psycopg.connect(env("DATABASE_URL"), connect_timeout=PATIENCE) as connection:
            row = connection.execute(LATE).fetchone()
    except psycopg.Error:
        return False
    return row == (0,)


CHECKS: Final = {"web": web_answers, "worker": holds_expire}

if __name__ == "__main__":
    sys.exit(not CHECKS[sys.argv[1]]())
