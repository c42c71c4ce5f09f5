"""An event is rehearsed with a feature on trial that is slow, and without it, on the running house."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import ROOT
from bench.house.house import House

FLAG = "slow-listing"
SLUG = "tour"
RUNS = """
    SELECT r.state, (r.flags ->> %s)::bool, length(r.commit), r.figures -> 'verdict' ->> 'words',
           r.figures -> 'evidence' -> 'against'
      FROM surge_rehearsalrun r JOIN events_event e ON e.id = r.event_id WHERE e.slug = %s ORDER BY r.id
"""

EVIDENCE = "SELECT e.rehearsal, e.against FROM flags_evidence e JOIN flags_flag f ON f.id = e.flag_id WHERE f.name = %s"


@pytest.fixture
def tour(house: House) -> Iterator[House]:
    """An event with four free ticket types, and the flag granted to it."""
    house.run("-m", "tests.loadtests.sale", SLUG, "4", "1000", "0")
    house.run("-m", "tests.chaos.slow_flag", SLUG)
    yield house
    house.sql("UPDATE flags_flag SET is_killed = true WHERE name = %s", FLAG)


def rehearse(house: House) -> tuple[int, str]:
    """The exit status, and what it said."""
    command = [sys.executable, "manage.py", "rehearse", f"bench/{SLUG}", "--buyers", "30", "--seconds", "15"]
    done = subprocess.run(  # noqa: S603  -- our own command
        command, cwd=ROOT, env=house.variables, capture_output=True, text=True, check=False, timeout=150
    )
    return done.returncode, done.stdout + done.stderr


def test_rehearsal_with_a_slow_flag_fails_and_names_it_and_without_it_passes(tour: House) -> None:
    with_flag, said = rehearse(tour)
    tour.sql(
        "UPDATE flags_grant SET is_on = false WHERE event_id = (SELECT id FROM events_event WHERE slug = %s)", SLUG
    )
    without_flag, passed = rehearse(tour)

    assert (with_flag, without_flag) == (1, 0), f"{said}\n{passed}"
    assert f"✗ Flag {FLAG} " in said
    assert "Worst at <slug:organiser_slug>/<slug:event_slug>/." in said
    assert f"SELECT /*flag='{FLAG}',route='<slug:organiser_slug>/<slug:event_slug>/'*/ pg_sleep($1)" in said
    assert FLAG not in passed
    assert tour.sql(RUNS, FLAG, SLUG) == [
        ("failed", True, 40, "Failed: do not go on sale like this.", [FLAG]), ("passed", False, 40, "Passed.", []),
    ]  # fmt: skip
    ((rehearsal, against),) = tour.sql(EVIDENCE, FLAG)
    assert rehearsal.endswith(f": bench/{SLUG}")
    assert against.startswith(f"Flag {FLAG} ")
