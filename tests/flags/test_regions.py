"""What is asked of the database in a region is charged to its flag, once for each request."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import RequestFactory

import flags
from accounts.models import Organiser
from flags import costs
from flags.costs import Cost
from flags.regions import tally_middleware
from kit import sql
from tests.flags.makers import Carrier

pytestmark = pytest.mark.django_db
EVENT = Carrier({"seat-maps": True, "badges": True, "off": False}, id=7)


@pytest.fixture(autouse=True)
def fresh_costs() -> Iterator[None]:
    costs.forget()
    yield
    costs.forget()


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

    assert said == "SELECT current_query() /*flag='seat-maps',route='-'*/"


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


def test_what_was_charged_reaches_redis_and_is_read_by_window() -> None:
    with flags.region("seat-maps", EVENT):
        ask()
    flags.used("seat-maps", EVENT)
    flags.used("off", EVENT)
    (window,) = costs._windows

    costs.flush()

    together = costs.by_event(costs.spent([window])[window])
    assert together[("seat-maps", 7)].queries >= 1
    assert together[("seat-maps", 7)].uses >= 1
    assert ("off", 7) not in together
