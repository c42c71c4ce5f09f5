"""What visitors get while a part is gone, silent or slow: the table of docs/operators/when-parts-die.md, row by row."""

import os
import re
import signal

import psycopg
import pytest

from bench.house import crowd
from bench.house.buyers import completes, hold, order_of
from bench.house.counting import count_from_nothing, statements
from bench.house.crowd import Answer, get
from bench.house.house import House, family
from embedded import processes
from embedded.processes import started_at

FAIR = "/bench/fair/"


def is_kind(answer: Answer) -> bool:
    """A refusal that a person can live with: when to come back, and what became of their order."""
    return answer.status in {502, 503, 504} and bool(answer.header("Retry-After")) and b"order" in answer.body


def retitle(house: House, slug: str, title: str) -> None:
    house.sql("UPDATE events_event SET title = %s WHERE slug = %s", title, slug)


def shows(house: House, path: str, text: str, *, edge: bool = True) -> bool:
    port = house.port if edge else house.site_port
    answer = crowd.ask(port, get(path, **{"Accept-Encoding": "identity"}))
    return answer.status == 200 and text.encode() in answer.body


def follows(house: House, slug: str, title: str) -> bool:
    """Whether a change is on the page within the seconds that we promise: two at the site, two more at the edge."""
    retitle(house, slug, title)
    return processes.wait_until(lambda: shows(house, f"/bench/{slug}/", title, edge=False), within=2.5) and (
        processes.wait_until(lambda: shows(house, f"/bench/{slug}/", title), within=4)
    )


def test_page_follows_a_change_through_the_edge(house: House) -> None:
    assert follows(house, "fair", "A fair by another name")


def test_redis_gone_costs_nobody_anything(house: House) -> None:
    house.stop("valkey", signal.SIGKILL)
    try:
        asked = crowd.paced(house.site_port, [get(FAIR)] * 200, per_second=200)
        assert asked.statuses == {200: 200}
        assert asked.slowest() < 2.0
        assert follows(house, "fair", "Without Redis")
        assert completes(house, order_of(hold(house)))
    finally:
        house.start_redis()


def test_redis_gone_is_no_stampede_on_postgres(house: House) -> None:
    house.stop("valkey", signal.SIGKILL)
    try:
        count_from_nothing(house)
        asked = crowd.paced(house.site_port, [get(FAIR)] * 600, per_second=200)

        assert asked.statuses == {200: 600}
        assert 0 < statements(house) < 100  # two processes, about once a second each; not six hundred times three
    finally:
        house.start_redis()


def test_redis_silent_is_waited_for_once_and_then_left_alone(house: House) -> None:
    with house.paused("valkey"):
        asked = crowd.paced(house.site_port, [get(FAIR)] * 200, per_second=100)
        held = hold(house)

        assert asked.statuses == {200: 200}
        assert asked.slowest(0.9) < 0.25
        assert completes(house, order_of(held))


@pytest.mark.parametrize("edge", [True, False], ids=["edge", "site"])
def test_postgres_gone_leaves_pages_up_and_buyers_told(house: House, edge: bool) -> None:
    order = order_of(hold(house))
    house.stop("postgres")
    try:
        for _ in range(3):  # longer than any copy is fresh
            asked = crowd.paced(house.port if edge else house.site_port, [get(FAIR)] * 100, per_second=100)
            assert asked.statuses == {200: 100}
        told = [house.visit(order, edge=edge), hold(house, edge=edge)]
        assert all(is_kind(answer) for answer in told), told
        assert max(answer.seconds for answer in told) < 4
    finally:
        house.start_postgres()

    assert processes.wait_until(lambda: house.visit(order).status == 200, within=5)
    assert completes(house, order)


def test_postgres_silent_leaves_pages_up(house: House) -> None:
    with house.paused("postgres"):
        asked = crowd.paced(house.site_port, [get(FAIR)] * 300, per_second=100)

        assert asked.statuses == {200: 300}
        assert asked.slowest(0.95) < 0.5

    assert processes.wait_until(lambda: hold(house).status == 303, within=10)


def test_slow_listing_query_leaves_pages_up_and_buyers_alone(house: House) -> None:
    retitle(house, "fair", "Before the lock")
    assert processes.wait_until(lambda: shows(house, FAIR, "Before the lock", edge=False), within=5)
    with psycopg.connect(house.database_url) as other:
        other.execute("LOCK TABLE flags_flag IN ACCESS EXCLUSIVE MODE")  # only what makes pages reads it
        asked = crowd.paced(house.site_port, [get(FAIR)] * 300, per_second=100)

        assert asked.statuses == {200: 300}
        assert completes(house, order_of(hold(house, edge=False)), edge=False)


def test_page_nobody_has_seen_is_refused_kindly_while_it_cannot_be_made(house: House) -> None:
    with psycopg.connect(house.database_url) as other:
        other.execute("LOCK TABLE flags_flag IN ACCESS EXCLUSIVE MODE")
        house.forget_everything()
        refused = [house.visit("/bench/cold/", edge=edge) for edge in (False, True)]

        assert all(is_kind(answer) for answer in refused), refused
        assert max(answer.seconds for answer in refused) < 4

    assert processes.wait_until(lambda: house.visit("/bench/cold/").status == 200, within=20)


def test_worker_process_killed_is_replaced_and_nobody_notices_at_the_edge(house: House) -> None:
    master, *workers = family(house.parts["site"].process.pid)
    victim = next(pid for pid in workers if pid != master)
    os.kill(victim, signal.SIGKILL)

    asked = crowd.paced(house.port, [get(FAIR)] * 300, per_second=100)

    assert asked.statuses == {200: 300}
    assert processes.wait_until(lambda: len(family(master)) == len(workers) + 1, within=10)
    assert not started_at(victim)


def test_job_worker_dead_leaves_the_shop_open_and_the_books_right(house: House) -> None:
    house.stop("worker", signal.SIGKILL)
    try:
        order = order_of(hold(house))
        assert completes(house, order)
        assert house.visit().status == 200
        assert re.match("The ledger is clean", house.manage("check_ledger"))
    finally:
        house.start_worker()


def test_site_down_shows_old_pages_at_the_edge_and_says_what_became_of_orders(house: House) -> None:
    order = order_of(hold(house))
    house.stop("site")
    try:
        assert house.visit(FAIR).status == 200
        assert processes.wait_until(lambda: house.visit(FAIR).header("X-Edge") == "STALE", within=10)
        stale = house.visit(FAIR)
        refused = [house.visit(order), hold(house)]
    finally:
        house.start_site()

    assert (stale.status, stale.header("X-Edge")) == (200, "STALE")
    assert all(is_kind(answer) for answer in refused), refused
    assert completes(house, order)
