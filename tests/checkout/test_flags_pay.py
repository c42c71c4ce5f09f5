"""What code under a flag asks of the database its flag pays for, on every public page and through the checkout; and ten
flags on cost a page that is warm nothing at all.

What is asked in a region carries its flag's comment (flags/regions.py). So every address is visited with all flags that
the code declares off, and then on: a statement without a comment that only the second walk has is asked under a flag
and outside of its region.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

import pytest
from django.db.backends.utils import CursorWrapper
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from redis.connection import AbstractConnection

import flags
from accounts.models import Organiser
from events import facts, listing
from events.facts import EventFacts
from fakestripe import FakeStripe
from flags import registry
from flags.models import Flag, Stage
from tests.checkout.test_page_costs import EVENT, ShopGuide, make_others, make_shop
from tests.flags.makers import NOON, make_flag
from tests.plans.guide import forget_all
from tests.plans.visits import ADDRESSES, SECRET
from tests.plans.watching import Watch

pytestmark = pytest.mark.django_db

CARELESS: Final = "careless"
MARKS: Final = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
PAID_FOR: Final = "/*flag='"
# The pages that everybody sees alike.
PAGES: Final = (
    "", "<slug:organiser_slug>/", EVENT, f"{EVENT}tickets/", f"{EVENT}availability/", SECRET, f"{SECRET}tickets/",
    f"{SECRET}availability/",
)  # fmt: skip
Asked = dict[str, list[list[str]]]  # by address, the statements of each request that no flag pays for


@dataclass
class Listener(ShopGuide):
    """Visits, and keeps what each request asks, as the driver is given it. An address that is not there without its
    flag answers 404, so answers are not looked at."""

    requests: list[list[str]] = field(default_factory=list)

    def ask(self, send: Callable[[], Any], status: int) -> None:
        forget_all()
        asked: list[str] = []
        self.requests.append(asked)
        execute = CursorWrapper._execute  # type: ignore[attr-defined]  # innermost: after regions have marked it

        def heard(cursor: Any, statement: str, *rest: Any) -> Any:
            if not (statement.startswith(MARKS) or PAID_FOR in statement):
                asked.append(statement)
            return execute(cursor, statement, *rest)

        with patch.object(CursorWrapper, "_execute", heard):
            b"".join(send())


def walk(stripe: FakeStripe, *, on: bool, addresses: Iterable[str] = ADDRESSES) -> Asked:
    """What is asked with every flag on, or off, of an event and others like it that are new."""
    Flag.objects.update(is_killed=not on)
    guide = Listener(Watch(), stripe, event=make_shop(4, flags_on=False))
    make_others()
    asked = {}
    for address in addresses:
        guide.requests.clear()
        ADDRESSES[address](guide)
        asked[address] = list(guide.requests)
    return asked


def unpaid(off: Asked, on: Asked) -> set[tuple[str, str]]:
    """Address and statement of what is asked under a flag and outside of its region."""
    known = {statement for requests in off.values() for asked in requests for statement in asked}
    return {
        (address, statement) for address, requests in on.items() for asked in requests for statement in asked
        if statement not in known
    }  # fmt: skip


def declare_all(*more: str) -> None:
    for name in {*registry.declared(), *more}:
        make_flag(name, stage=Stage.GENERAL)


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A feature of the tests alone, under a flag on the event page, that asks where it is told to."""
    where = ["outside"]
    rows_of = listing.rows_of

    def careless_rows_of(event: EventFacts, **rest: Any) -> Any:
        if flags.is_on(CARELESS, event):
            if "inside" in where:
                with flags.region(CARELESS, event):
                    Organiser.objects.filter(name="inside").count()
            if "outside" in where:
                Organiser.objects.filter(name="outside").exists()
        if "twice" in where and flags.is_on(CARELESS, event):
            rows_of(event, **rest)
        return rows_of(event, **rest)

    monkeypatch.setattr(listing, "rows_of", careless_rows_of)
    return where


def test_no_code_under_a_flag_asks_outside_of_a_region(stripe: FakeStripe) -> None:
    declare_all()

    off, on = walk(stripe, on=False), walk(stripe, on=True)

    assert unpaid(off, on) == set()
    assert all(any(requests) for address, requests in off.items() if address.startswith(("<slug", "orders/")))


def test_public_pages_ask_as_often_with_every_flag_on_and_off(stripe: FakeStripe) -> None:
    declare_all()

    off, on = walk(stripe, on=False, addresses=PAGES), walk(stripe, on=True, addresses=PAGES)

    assert numbers(on) == numbers(off)


def numbers(asked: Asked) -> dict[str, list[int]]:
    return {address: [len(statements) for statements in requests] for address, requests in asked.items()}


def test_a_feature_that_asks_outside_of_a_region_is_found(stripe: FakeStripe, careless: list[str]) -> None:
    declare_all(CARELESS)

    found = unpaid(walk(stripe, on=False, addresses=PAGES), walk(stripe, on=True, addresses=PAGES))

    assert {address for address, _ in found} == {address for address in PAGES if address.startswith(EVENT)}
    assert {"accounts_organiser" in statement for _, statement in found} == {True}


def test_a_feature_that_asks_within_its_region_is_not(stripe: FakeStripe, careless: list[str]) -> None:
    careless[:] = ["inside"]
    declare_all(CARELESS)

    off, on = walk(stripe, on=False, addresses=PAGES), walk(stripe, on=True, addresses=PAGES)

    assert (unpaid(off, on), numbers(on)) == (set(), numbers(off))


def test_a_feature_that_asks_again_what_is_asked_anyway_is_found_by_number(
    stripe: FakeStripe, careless: list[str]
) -> None:
    careless[:] = ["twice"]
    declare_all(CARELESS)

    off, on = walk(stripe, on=False, addresses=PAGES), walk(stripe, on=True, addresses=PAGES)

    assert unpaid(off, on) == set()
    assert {address for address in PAGES if numbers(on)[address] != numbers(off)[address]} == {
        address for address in PAGES if address.startswith(EVENT)
    }


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What this thread sends to Redis."""
    sent: list[Any] = []
    ours = threading.get_ident()
    send: Any = AbstractConnection.send_packed_command

    def heard(connection: Any, command: Any, *rest: Any, **more: Any) -> Any:
        if threading.get_ident() == ours:
            sent.append(command)
        return send(connection, command, *rest, **more)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", heard)
    return sent


@pytest.mark.parametrize("is_asked", [False, True], ids=["on", "on and asked for by the view"])
def test_ten_flags_on_cost_a_warm_event_page_no_query_and_no_redis(
    settings: Settings, commands: list[Any], django_assert_num_queries: DjangoAssertNumQueries, is_asked: bool
) -> None:
    settings.EVENT_FACTS_SECONDS = 60.0  # so that a slow machine finds its copy warm
    event = make_shop(4, flags_on=True)
    client, path = Client(), event.get_absolute_url()
    client.get(path)
    cold = len(commands)
    commands.clear()

    with django_assert_num_queries(0):
        shown = client.get(path)
        if is_asked:
            found = facts.find(event.organiser.slug, event.slug, now=NOON)
            assert found is not None
            for number in range(10):
                with flags.region(f"flag-{number}", found):
                    assert flags.is_on(f"flag-{number}", found)

    assert (shown.status_code, commands) == (200, [])
    assert cold > 0
