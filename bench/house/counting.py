"""What the public pages have asked Postgres, by its own count."""

from bench.house.house import House

OF_PAGES = """
    SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements
     WHERE userid = 'tito_browse'::regrole AND query LIKE %s
"""
LISTING = '%FROM "events_tickettype" WHERE%ORDER BY%'


def count_from_nothing(house: House) -> None:
    """Forget what was asked so far."""
    house.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    house.sql("SELECT pg_stat_statements_reset()")


def statements(house: House, *, like: str = "%") -> int:
    """How many statements the public pages have sent since."""
    return int(house.sql(OF_PAGES, like)[0][0])


def listings(house: House) -> int:
    """How often the ticket types of an event were listed since."""
    return statements(house, like=LISTING)
