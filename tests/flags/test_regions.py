"""What is asked of the database in a region is charged to its flag, once for each request."""

from contextvars import copy_context
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from psycopg.sql import SQL, Literal

import flags
from accounts.models import Organiser
from flags import costs
from flags.regions import tally_middleware
from flags.spending import Cost
from kit import bulkheads, sql
from kit.bulkheads import browsing
from tests.buyers import COMMITTED
from tests.flags.makers import Carrier
from tests.makers import make_organiser

pytestmark = pytest.mark.django_db
EVENT = Carrier({"seat-maps": True, "badges": True, "off": False}, id=7)


def charged() -> dict[tuple[str, int, str], Cost]:
    """What this process has charged and not put down yet, over all windows."""
    together: dict[tuple[str, int, str], Cost] = {}
    for by_key in costs._windows.values():
        for of, cost in by_key.items():
            together.setdefault((of.flag, of.event_id, of.route), Cost()).merge(cost)
    return together


def ask() -> None:
    list(Organiser.objects.all()[:3])


def test_a_statement_in_a_region_is_charged_with_its_rows_and_time() -> None:
    Organiser.objects.create(slug="one", name="One")

    with flags.region("seat-maps", EVENT):
        ask()

    (key, cost), *others = charged().items()
    assert others == []
    assert key == ("seat-maps", 7, "-")
    assert (cost.requests, cost.queries, cost.rows) == (1, 1, 1)
    assert cost.microseconds > 0


def test_a_statement_outside_or_under_a_flag_that_is_off_is_charged_to_nobody() -> None:
    ask()
    with flags.region("off", EVENT):
        said = sql.value("SELECT current_query()", ())

    assert charged() == {}
    assert said == "SELECT current_query()"


def test_a_statement_says_for_which_flag_and_route_it_is() -> None:
    with flags.region("seat-maps", EVENT):
        said = sql.value("SELECT current_query()", ())

    assert said == "SELECT /*flag='seat-maps',route='-'*/ current_query()"


def test_a_request_is_charged_once_however_many_regions_it_went_through() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        for _ in range(5):
            with flags.region("seat-maps", EVENT):
                ask()
        return HttpResponse()

    tally_middleware(view)(RequestFactory().get("/"))

    cost = charged()[("seat-maps", 7, "-")]
    assert (cost.requests, cost.queries, cost.queries_p95) == (1, 5, 5)


def test_a_region_within_another_pays_for_itself() -> None:
    with flags.region("seat-maps", EVENT):
        ask()
        with flags.region("badges", EVENT):
            ask()
        ask()

    assert {flag: cost.queries for (flag, _, _), cost in charged().items()} == {"seat-maps": 2, "badges": 1}
    assert connection.execute_wrappers == []


def test_a_fault_is_charged_too_and_leaves_nothing_behind() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), flags.region("seat-maps", EVENT):
        connection.cursor().execute("SELECT 1 / 0")

    assert charged()[("seat-maps", 7, "-")].queries == 1
    assert connection.execute_wrappers == []


def test_the_tag_charges_what_is_read_in_it_and_shows_it_also_where_the_flag_is_off() -> None:
    page = Template('{% load flags %}{% flagregion "seat-maps" event %}{{ rows.count }}{% endflagregion %}')

    shown = page.render(Context({"event": EVENT, "rows": Organiser.objects}))
    without = page.render(Context({"event": Carrier(), "rows": Organiser.objects}))

    assert (shown, without) == ("0", "0")
    assert charged()[("seat-maps", 7, "-")].queries == 1


INSERT = "INSERT INTO accounts_organiser (slug, name, contact_email, created_at) VALUES (%s, '', '', now())"
MARK = "/*flag='seat-maps',route='-'*/"


def ask_raw(statement: Any, params: Any = None) -> str:
    """What Postgres says it was asked."""
    with flags.region("seat-maps", EVENT), connection.cursor() as cursor:
        cursor.execute(statement, params)
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("statement", "params", "expected"),
    [
        ("SELECT current_query() LIKE '%' || %s || '%'", None, None),
        ("(SELECT current_query())", None, f"(SELECT {MARK} current_query())"),
        ("-- why\nSELECT current_query()", None, f"-- why\nSELECT current_query() {MARK}"),
        ("SELECT current_query() -- why", None, f"SELECT {MARK} current_query() -- why"),
        (SQL("SELECT current_query(), {}").format(Literal(1)), None, f"SELECT current_query(), 1 {MARK}"),
        (b"SELECT current_query()", None, "SELECT current_query()"),
        ("SELECT current_query() WHERE 'a' LIKE %s AND '%%' = '%%'", ["a%"],
         f"SELECT {MARK} current_query() WHERE 'a' LIKE $1 AND '%' = '%'"),
    ],
    ids=str,
)  # fmt: skip
def test_statement_of_any_kind_carries_the_comment_and_is_asked_as_it_is(
    statement: Any, params: Any, expected: str | None
) -> None:
    if expected is None:
        with pytest.raises(DatabaseError), transaction.atomic():
            ask_raw(statement, params)
    else:
        assert ask_raw(statement, params) == expected

    assert charged()[("seat-maps", 7, "-")].queries == 1


def test_many_statements_at_once_are_charged_one_by_one() -> None:
    rows: Any = ((f"slug-{number}",) for number in range(5))

    with flags.region("seat-maps", EVENT), connection.cursor() as cursor:
        cursor.executemany(INSERT, rows)

    cost = charged()[("seat-maps", 7, "-")]
    assert (cost.queries, cost.rows, Organiser.objects.count()) == (5, 5, 5)


def test_a_cursor_that_the_server_keeps_is_charged_for_what_is_fetched() -> None:
    for _ in range(5):
        make_organiser()

    with flags.region("seat-maps", EVENT):
        rows = list(Organiser.objects.extra(select={"slow": "pg_sleep(0.002)::text"}).iterator(chunk_size=2))

    cost = charged()[("seat-maps", 7, "-")]
    assert (len(rows), cost.queries, cost.rows) == (5, 1, 5)
    assert cost.microseconds > 10_000


def test_a_region_outlives_a_wrapper_that_is_left_out_of_turn() -> None:
    wrapper = connection.execute_wrapper(lambda execute, *rest: execute(*rest))
    wrapper.__enter__()
    region = flags.region("seat-maps", EVENT)
    region.__enter__()
    wrapper.__exit__(None, None, None)

    region.__exit__(None, None, None)

    assert len(connection.execute_wrappers) == 1  # theirs: Django took away the last one, which was ours
    connection.execute_wrappers.clear()


def test_browsing_within_a_region_and_around_it_is_charged_and_keeps_its_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with flags.region("seat-maps", EVENT), browsing():
        ask()
    with browsing(), flags.region("seat-maps", EVENT):
        ask()
    monkeypatch.setattr(bulkheads, "MOST_SECONDS", -1.0)
    with pytest.raises(bulkheads.OverBudget), browsing(), flags.region("seat-maps", EVENT):
        ask()

    assert charged()[("seat-maps", 7, "-")].queries == 2
    assert connection.execute_wrappers == []


def in_thread(work: Any) -> None:
    def run() -> None:
        work()
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join()


@COMMITTED
def test_a_connection_that_is_opened_and_opened_again_in_the_region_is_charged() -> None:
    def work() -> None:
        assert not connections.all(initialized_only=True)
        with flags.region("seat-maps", EVENT):
            ask()
            connection.close()  # as browsing() does at its end
            ask()

    in_thread(work)

    assert charged()[("seat-maps", 7, "-")].queries == 2


@COMMITTED
def test_another_thread_is_not_charged_unless_it_enters_a_region_itself() -> None:
    def ask_within() -> None:
        with flags.region("badges", EVENT):
            ask()

    with flags.region("seat-maps", EVENT):
        context = copy_context()
        in_thread(ask)
        in_thread(ask_within)
        in_thread(lambda: context.run(ask_within))
        ask()

    assert {flag: cost.queries for (flag, _, _), cost in charged().items()} == {"seat-maps": 1, "badges": 2}
