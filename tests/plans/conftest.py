"""The big world, and one walk through all of it, made once for all tests here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import stripe as sdk
from django.db import connection, transaction
from django.test import override_settings

from checkout.providers import provider
from fakestripe import FakeStripe, Options
from tests.checkout.payers import KEY, SECRET
from tests.plans.guide import Guide
from tests.plans.organiser_visits import visit_organisers_pages
from tests.plans.visits import VISITS, visit_staff_pages
from tests.plans.watching import Statement, watching
from tests.plans.world import big_world

# psycopg prepares at the third time; then Postgres makes five plans for the values at hand, and after that it may keep
# one for all values. Only a walk that comes round this often sees the plan that a long-lived connection works with.
ROUNDS = 9


@dataclass(frozen=True)
class Walk:
    """All that was asked on the way, and the indexes and functions that nothing asked for."""

    statements: list[Statement]
    unused_indexes: set[str]
    called: set[str]


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), big_world():
        yield


@pytest.fixture(scope="package")
def stripe() -> Iterator[FakeStripe]:
    with (
        pytest.MonkeyPatch.context() as patch,
        FakeStripe(Options(webhook_secret=SECRET, key=KEY, backoff=(0.01, 0.01))) as fake,
        override_settings(STRIPE_API_BASE=fake.base_url, STRIPE_SECRET_KEY=KEY, STRIPE_WEBHOOK_SECRET=SECRET),
    ):
        patch.setattr(sdk.HTTPClient, "INITIAL_DELAY", 0.0)
        provider.cache_clear()
        yield fake
        provider.cache_clear()


@pytest.fixture(scope="package")
def walk(world: None, stripe: FakeStripe) -> Walk:
    """Every address, duty and act, nine times over, in a transaction that is undone: so on one connection."""
    with transaction.atomic():
        with watching() as watch:
            guide = Guide(watch, stripe)
            for guide.n in range(ROUNDS):
                for place, visit in VISITS.items():
                    with watch.at(place):
                        visit(guide)
                visit_organisers_pages(guide)
            visit_staff_pages()
        called = column("SELECT funcname FROM pg_stat_xact_user_functions")
        column("SELECT pg_stat_force_next_flush()")
        transaction.set_rollback(True)
    unused = column("SELECT indexrelname FROM pg_stat_user_indexes WHERE idx_scan = 0")
    return Walk(watch.statements, unused, called)


@pytest.fixture
def guide(world: None, stripe: FakeStripe) -> Iterator[Guide]:
    """A guide through a world that is as it was again afterwards."""
    with transaction.atomic():
        with watching() as watch:
            yield Guide(watch, stripe)
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def rows_of(world: None) -> dict[str, float]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'")
        return dict(cursor.fetchall())


def column(statement: str, *arguments: str) -> set[str]:
    """The first column of all that a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return {str(row[0]) for row in cursor.fetchall()}
