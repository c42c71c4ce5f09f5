"""Reading what pgbench says; and both ways of taking a hold, run by the real one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from bench import MeasurementFailed, holds, pgbench, wares
from checkout.models import Order, OrderEvent, Ticket
from events.models import Stock

# Kept by the database, for pgbench to see. Emptied afterwards with whatever refers to it.
COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
SAID = "number of transactions actually processed: 4\nnumber of failed transactions: 0 (0.000%)\ntps = 2.0\n"
LOG = """\
0 1 500000 0 100 500000
0 2 2000 0 101 200000
"""
OTHER_LOG = """\
1 1 1000 0 101 500000
1 2 3000 0 102 0
"""


def test_read_leaves_out_the_first_second_while_sessions_warm_up() -> None:
    run = pgbench.read(SAID, [LOG, OTHER_LOG])

    assert (run.transactions, run.seconds, run.per_second) == (4, 1.0, 3.0)
    assert run.latencies == [2.0, 1.0, 3.0]
    assert (run.average_ms, run.p99_ms) == (2.0, 3.0)


@pytest.mark.parametrize(
    "said", ["", "number of transactions actually processed: 4\nnumber of failed transactions: 1 (25.000%)\n"]
)
def test_read_refuses_a_run_that_failed(said: str) -> None:
    with pytest.raises(MeasurementFailed):
        pgbench.read(said, [LOG])


def test_read_refuses_a_run_that_was_over_before_it_was_warm() -> None:
    with pytest.raises(MeasurementFailed):
        pgbench.read(SAID, ["0 1 1000 0 100 0\n"])


@pytest.fixture
def measured(tmp_path: Path) -> Callable[[holds.Case], pgbench.Run]:
    """Runs one case for a second on an event of its own in the tests' database."""
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)

    def run(case: holds.Case) -> pgbench.Run:
        event = wares.make_event("hot", quotas=case.quotas)
        job = holds.PATTERNS[case.pattern](variables=holds.variables(event, tickets=case.quotas), clients=case.clients)
        return pgbench.run(job, database_url=url, folder=tmp_path / "run", seconds=1)

    return run


@pytest.mark.race
@COMMITTED
@pytest.mark.parametrize("pattern", [holds.OURS, holds.LOCKED])
def test_each_pattern_writes_whole_orders_and_takes_their_stock(
    measured: Callable[[holds.Case], pgbench.Run], pattern: str
) -> None:
    case = holds.Case(pattern, clients=4, quotas=3)

    run = measured(case)

    assert holds.faults(case, run) == []
    assert run.transactions == Order.objects.count() == OrderEvent.objects.count()
    assert Ticket.objects.count() == 3 * run.transactions
    assert {stock.taken for stock in Stock.objects.all()} == {3 * run.transactions}


@pytest.mark.race
@COMMITTED
def test_a_hold_that_was_answered_and_is_not_in_the_books_is_a_fault(
    measured: Callable[[holds.Case], pgbench.Run],
) -> None:
    case = holds.Case(holds.OURS, clients=1, quotas=1)
    run = measured(case)

    found = holds.faults(case, pgbench.Run(run.transactions + 1, run.seconds, run.latencies))

    assert len(found) == 1
