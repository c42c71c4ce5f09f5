"""What each page of a rehearsal asks of the database: counted for its own requests, by step, and for nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from redis.exceptions import RedisError

from events.models import Event
from surge import page_costs
from tests.makers import make_event
from tests.surge.makers import begin, copy_of, make_outcome, make_site
from tests.surge.test_report import finished, page_of, rows, section

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anew() -> None:
    page_costs._costs.clear()


def told(copy: Event) -> dict[str, tuple[int, int]]:
    """Requests and statements by step, once this process has put them down."""
    page_costs.put_down()
    found = page_costs.told(copy)
    assert found is not None
    return {row["step"]: (row["requests"], row["queries"]) for row in found}


def ask(statements: int, path: str, mark: str = "") -> int:
    """A request whose page asks so much; answers how many listened on the connection meanwhile."""
    listening: list[int] = []

    def page(_request: HttpRequest) -> HttpResponse:
        listening.append(len(connection.execute_wrappers))
        for _ in range(statements):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        return HttpResponse()

    page_costs.middleware(page)(RequestFactory().get(path, headers={"X-Rehearsal": mark} if mark else {}))
    return listening[0] - len(connection.execute_wrappers)


def test_pages_are_counted_by_the_step_that_the_generator_names() -> None:
    copy = copy_of(begin())
    mark = page_costs.mark_of(copy)

    for statements, step in ((2, "review"), (4, "review"), (1, "ticket")):
        ask(statements, "/orders/abc/", f"{mark} {step}")

    assert told(copy) == {"review": (2, 6), "ticket": (1, 1)}
    row = (page_costs.told(copy) or [])[0]
    assert (row["queries_p95"], row["ms"] > 0, row["ms_p95"] > 0) == (4, True, True)


def test_page_that_the_edge_asks_for_is_known_by_its_address(client: Client) -> None:
    copy = copy_of(begin())

    answer = client.get(copy.get_absolute_url())

    requests, statements = told(copy)["event page"]
    assert (answer.status_code, requests) == (200, 1)
    assert statements > 0


def test_notice_of_a_payment_is_known_by_its_address() -> None:
    copy = copy_of(begin())

    ask(3, f"/webhooks/rehearsals/{copy.pk}/")

    assert list(told(copy).values()) == [(1, 3)]


@pytest.mark.parametrize("step", ["review", "Review", "x" * 31, ""])
def test_mark_that_is_not_ours_counts_nothing(step: str) -> None:
    copy = copy_of(begin())
    mark = page_costs.mark_of(copy)
    forged = f"{mark[:-1]}{'a' if mark[-1] != 'a' else 'b'} review" if step == "review" else f"{mark} {step}"

    assert ask(1, "/orders/abc/", forged) == 0
    assert told(copy) == {}


def test_pages_of_others_are_not_listened_to(client: Client) -> None:
    event = make_event()
    client.get(event.get_absolute_url())

    assert ask(1, event.get_absolute_url()) == 0
    assert page_costs._costs == {}


def test_address_that_somebody_has_guessed_leaves_nothing(client: Client) -> None:
    answer = client.get(f"/r-{'0' * 24}/fair/")

    assert (answer.status_code, page_costs._costs) == (404, {})


def test_nothing_is_known_while_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    copy = copy_of(begin())

    def away(_name: str) -> Any:
        raise RedisError

    monkeypatch.setattr(page_costs, "get_redis_connection", away)
    ask(1, "/orders/abc/", f"{page_costs.mark_of(copy)} review")
    page_costs.put_down()

    assert page_costs.told(copy) is None


def test_report_shows_what_each_page_asked_in_the_order_of_a_journey() -> None:
    pages = [
        {"step": "review", "requests": 100, "queries": 250, "queries_p95": 3, "ms": 420.0, "ms_p95": 9.5},
        {"step": "event page", "requests": 40, "queries": 80, "queries_p95": 4, "ms": 20.0, "ms_p95": 1.5},
    ]

    page = page_of(finished(make_outcome(), make_site(pages=pages)))

    assert rows(
        section(page, "Behind the pages").xpath(".//div[@role='group'][contains(@aria-label, 'each page')]")[0]
    ) == [
        ["Event page", "480", "40", "2", "4", "0.5 ms", "1.5 ms", "20 ms"],
        ["Review", "100", "2.50", "3", "4.2 ms", "9.5 ms", "420 ms"],
    ]
