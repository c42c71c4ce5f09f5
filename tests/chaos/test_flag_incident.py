"""The incident of 13 November, by a flag: a feature that asks slowly for each ticket type, tried once and used by
nobody. The guard, in the running worker, has it off for that event before anybody was woken."""

import re
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from bench.house import crowd
from bench.house.buyers import one_after_another
from bench.house.crowd import Answer, get
from bench.house.house import House
from embedded import processes

BIG = "/bench/big/"
FLAG = "slow-listing"
GRANTS = """
    SELECT e.slug, g.is_on, g.switched_off_by
      FROM flags_grant g JOIN events_event e ON e.id = g.event_id JOIN flags_flag f ON f.id = g.flag_id
     WHERE f.name = %s
"""
SENT = 'SELECT "to" FROM flags_notice WHERE sent_at IS NOT NULL ORDER BY "to"'
SECONDS = 25.0  # from the beginning of the load until the guard must have acted
PER_SECOND = 40
# Below this a p99 says how busy the machine is and not how the site stands.
NOISE_SECONDS = 0.1


@contextmanager
def visitors(house: House, path: str) -> Iterator[list[Answer]]:
    """A crowd at the site's door as long as the block lasts; what it is answered."""
    answers: list[Answer] = []
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            answers.extend(crowd.paced(house.site_port, [get(path)] * PER_SECOND, per_second=PER_SECOND).all)

    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(go_on)
        try:
            yield answers
        finally:
            over.set()
            going.result()


def p99(answers: list[Answer]) -> float:
    return crowd.Answers(answers).slowest(0.99)


def statuses(*answers: list[Answer]) -> set[int]:
    return {answer.status for some in answers for answer in some}


def grants(house: House) -> dict[str, tuple[bool, str]]:
    """Whether the flag is granted on, and what has switched it off, by event."""
    rows = house.sql(GRANTS, FLAG)
    return {str(slug): (bool(is_on), str(by)) for slug, is_on, by in rows}


@contextmanager
def watching(house: House) -> Iterator[Callable[[], bool]]:
    """Asks, over one connection, whether the flag is off for the event that it hurts."""
    with psycopg.connect(house.database_url, autocommit=True) as connection:
        yield lambda: ("big", False, "guard") in connection.execute(GRANTS, [FLAG]).fetchall()


def is_made_anew(house: House, title: str) -> bool:
    """Whether the page follows a change, which it does not while making it takes too long."""
    answer = crowd.ask(house.site_port, get(BIG, **{"Accept-Encoding": "identity"}))
    return answer.status == 200 and title.encode() in answer.body


def mail_of(house: House) -> str:
    return "\n".join(path.read_text() for path in (house.where / "mail").glob("*.log"))


@pytest.fixture
def grant(house: House) -> Iterator[Callable[[], None]]:
    """Makes the flag and grants it to the event with 300 ticket types and to one with a few; killed at the end."""

    def on() -> None:
        house.run("-m", "tests.chaos.slow_flag", "big", "soon")

    yield on
    house.sql("UPDATE flags_flag SET is_killed = true WHERE name = %s", FLAG)


def test_slow_feature_that_nobody_uses_is_switched_off_for_the_event_that_it_hurts(
    house: House, grant: Callable[[], None]
) -> None:
    with visitors(house, BIG), one_after_another(house, orders=400) as undisturbed:
        pass
    grant()

    with watching(house) as is_off, visitors(house, BIG) as pages, one_after_another(house) as disturbed:
        was_caught = processes.wait_until(is_off, within=SECONDS)

    assert was_caught
    assert grants(house) == {"big": (False, "guard"), "soon": (True, "")}
    assert statuses(pages) == {200}
    assert statuses(undisturbed, disturbed) == {200, 303}
    assert p99(disturbed) < max(2 * p99(undisturbed), NOISE_SECONDS)
    house.sql("UPDATE events_event SET title = 'After the guard' WHERE slug = 'big'")
    assert processes.wait_until(lambda: is_made_anew(house, "After the guard"), within=15)
    assert processes.wait_until(lambda: crowd.is_served_quickly(house.site_port, BIG), within=5)
    it_is_written_down(house)


def it_is_written_down(house: House) -> None:
    """The audit says who and why, and the mails are sent to owner, staff and organiser."""
    changes = house.sql(
        "SELECT c.by, e.slug, c.reason FROM flags_change c JOIN events_event e ON e.id = c.event_id"
        " WHERE flag = %s AND after ->> 'switched_off_by' = 'guard'", FLAG,
    )  # fmt: skip
    assert [(by, slug) for by, slug, _ in changes] == [("automatic", "big")]
    assert re.search(r"\d queries and [\d,]+ ms a request .* Budget 1 query and 5 ms", changes[0][2])
    to = ["ada@example.com", "bench@example.com", "staff@example.com"]
    assert processes.wait_until(lambda: house.sql(SENT) == [(address,) for address in to], within=15)
    for words in (f"Subject: Flag {FLAG} was switched off for", "a feature was switched off", "To: staff@example.com"):
        assert words in mail_of(house)


def test_without_guard_pages_stay_up_and_buyers_are_served(house: House, grant: Callable[[], None]) -> None:
    """The worker is dead and Redis too, so nobody switches off what hurts."""
    grant()
    house.stop("worker", signal.SIGKILL)
    house.stop("valkey", signal.SIGKILL)
    try:
        with one_after_another(house) as bought:
            asked = crowd.paced(house.site_port, [get(BIG)] * 300, per_second=50)

        assert asked.statuses == {200: 300}
        assert statuses(bought) == {200, 303}
        assert len(bought) > 30
        assert grants(house) == {"big": (True, ""), "soon": (True, "")}
    finally:
        house.start_redis()
        house.start_worker()
