"""One real sale against the whole house: what the crowd says that it has bought is what the books say was sold."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.house.house import House

NOBODY = {"abandons": 0.0, "declined": 0.0, "double_click": 0.0, "no_javascript": 0.0, "comes_back": 0.0}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
            patch.delenv(name, raising=False)
        house = House(tmp_path_factory.mktemp("house"), stack)
        house.open()
        house.start_fake_stripe()
        yield house


def sell(house: House, slug: str, folder: Path, **plan: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The outcome and the receipts of a sale of an event that is there."""
    given = {
        "base": f"http://127.0.0.1:{house.port}", "path": f"/bench/{slug}/", "curve": "spike", "seconds": 8,
        "receipts": str(folder / "receipts.jsonl"), **plan,
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(given))
    command = [sys.executable, "-m", "loadtests", str(folder / "plan.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)  # noqa: S603  -- our own
    assert (done.returncode, done.stderr) == (0, "")
    receipts = (folder / "receipts.jsonl").read_text().splitlines()
    return json.loads(done.stdout.splitlines()[-1])["outcome"], [json.loads(line) for line in receipts]


def sold(house: House, slug: str) -> dict[str, tuple[str, int]]:
    """The reference and number of tickets of each complete order, by the order's path."""
    rows = house.sql(
        "SELECT o.token, o.reference, count(*) FROM checkout_order o JOIN events_event e ON e.id = o.event_id"
        " JOIN checkout_ticket t ON t.order_id = o.id WHERE e.slug = %s AND o.state = 'complete' GROUP BY 1, 2",
        slug,
    )
    return {f"/orders/{token}/": (reference, tickets) for token, reference, tickets in rows}


def test_sale_of_forty_tickets_to_sixty_buyers(house: House, tmp_path: Path) -> None:
    house.run("-m", "tests.loadtests.sale", "sale", "2", "40", "1250")
    shares = {**NOBODY, "double_click": 0.2, "comes_back": 0.2}

    found, receipts = sell(house, "sale", tmp_path, buyers=60, shares=shares)

    in_books = sold(house, "sale")
    assert {one["order"]: (one["reference"], one["tickets"]) for one in receipts} == in_books
    assert sum(tickets for _, tickets in in_books.values()) == 40
    assert all(one["confirmed"] for one in receipts)
    assert {one["paid"] for one in receipts} == {True, False}
    assert found["errors"] == []
    assert found["journeys"]["bought"] == len(receipts)
    assert found["journeys"]["bought"] + found["journeys"]["sold_out"] == 60
    assert found["sold_out_at_second"] is not None
    assert found["steps"]["ticket"]["count"] == len(receipts)
    assert found["steps"]["return"]["count"] >= sum(one["paid"] for one in receipts)
    assert found["edge"]["HIT"] > 0
    assert "The ledger is clean." in house.manage("check_ledger")


def test_crowd_of_every_manner_finds_nothing_wrong(house: House, tmp_path: Path) -> None:
    house.run("-m", "tests.loadtests.sale", "fair-2", "4", "1000", "1250")
    shares = {
        "abandons": 0.2, "declined": 0.2, "bots": 0.1, "double_click": 0.3, "no_javascript": 0.3, "comes_back": 0.3
    }  # fmt: skip

    found, receipts = sell(house, "fair-2", tmp_path, buyers=80, shares=shares, seed=3)

    ended = found["journeys"]
    assert found["errors"] == []
    assert sum(ended.values()) == 80
    assert ended["failed"] == 0
    assert all(ended[name] > 0 for name in ("bought", "abandoned", "declined", "bot"))
    assert {one["order"] for one in receipts} == set(sold(house, "fair-2"))
    assert "The ledger is clean." in house.manage("check_ledger")


def test_crowd_that_waits_for_the_opening_buys_when_it_comes(house: House, tmp_path: Path) -> None:
    opens_at = datetime.now(UTC) + timedelta(seconds=20)
    house.run("-m", "tests.loadtests.sale", "night", "2", "1000", "0", opens_at.isoformat())

    found, receipts = sell(
        house, "night", tmp_path, curve="waiting", seconds=15, buyers=40, opens_at=opens_at.isoformat(), shares=NOBODY
    )

    assert found["errors"] == []
    assert found["journeys"]["bought"] == len(receipts) == 40
    assert found["steps"]["availability"]["count"] > 0
    opening = (opens_at - datetime.fromisoformat(found["began_at"])).total_seconds()
    assert opening == pytest.approx(5, abs=0.5)
    assert sum(row["arrived"] for row in found["timeline"] if row["second"] < 5) > 20
    assert sum(row["holds"] for row in found["timeline"] if row["second"] < 5) == 0
