"""The end of a rehearsal: what its books say, what is kept, what becomes evidence, and when it goes stale."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from events.models import Stock
from flags import costs, gates, regions
from flags.models import Evidence, Grant
from surge import books, flag_costs, machine, statements
from surge.actions import rehearsals
from surge.models import RunState
from surge.queries import differs, is_stale
from tests.flags.makers import Carrier, make_evidence, make_flag, make_grant, to
from tests.surge.makers import (
    NOON,
    begin,
    buy_free,
    copy_of,
    hold,
    make_books,
    make_flag_row,
    make_outcome,
    make_sale,
    make_site,
    receipt_of,
)

pytestmark = pytest.mark.django_db


def test_run_that_passes_is_evidence_for_each_flag_that_was_on_and_exercised() -> None:
    event = make_sale()
    on, off, idle = make_flag("on"), make_flag("off"), make_flag("idle")
    make_grant(on, event)
    make_grant(idle, event)
    run = begin(event)
    rows = [make_flag_row(name="on"), make_flag_row(name="idle", requests=0)]

    verdict = rehearsals.finish(run=run, outcome=make_outcome(), site=make_site(flags=rows), now=NOON)

    run.refresh_from_db()
    evidence = Evidence.objects.get()
    assert (run.state, run.ended_at, run.figures["verdict"]) == (RunState.PASSED, NOON, verdict.as_json())
    assert (evidence.flag, evidence.rehearsal, evidence.commit) == (on, run.name, machine.commit())
    assert (evidence.ticket_types, evidence.requests_per_second, evidence.against) == (3, 80, "")
    assert run.figures["evidence"] == {"against": [], "proven": ["on"], "untried": ["idle"], "open": []}
    assert not off.evidence.exists()


@pytest.mark.parametrize(
    ("outcome", "site", "state"),
    [
        (make_outcome(), make_site(books=make_books(oversold=1)), RunState.FAILED),
        (make_outcome(steps={}), make_site(), RunState.UNPROVEN),
        (make_outcome(partial=True), make_site(), RunState.ABORTED),
    ],
)
def test_run_that_does_not_pass_is_evidence_for_nothing(outcome: Any, site: Any, state: str) -> None:
    event = make_sale()
    make_grant(make_flag("seat-maps"), event)
    run = begin(event)

    rehearsals.finish(run=run, outcome=outcome, site=site, now=NOON)

    run.refresh_from_db()
    assert run.state == state
    assert set(run.figures) == {"outcome", "site", "summary", "verdict", "evidence"}
    assert run.figures["evidence"]["open"] == ["seat-maps"]
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(("partial", "state"), [(False, RunState.FAILED), (True, RunState.ABORTED)])
def test_run_that_fails_is_evidence_against_the_flag_that_it_names_and_no_proof(partial: bool, state: str) -> None:
    event = make_sale()
    slow, good = make_flag("slow"), make_flag("good")
    make_grant(slow, event)
    make_grant(good, event)
    make_evidence(slow, at=NOON - timedelta(days=1))
    run = begin(event)
    site = make_site(flags=[make_flag_row(name="good"), make_flag_row(name="slow", ms_p95=41.0)])
    outcome = make_outcome(partial=partial)

    rehearsals.finish(run=run, outcome=outcome, site=site, now=NOON)

    evidence = Evidence.objects.latest("pk")
    assert (run.state, evidence.flag, good.evidence.count()) == (state, slow, 0)
    assert evidence.against.startswith("Flag slow is over its budget: 41.0 ms of the database a request")
    assert run.figures["evidence"] == {"against": ["slow"], "proven": [], "untried": [], "open": ["good"]}
    why = f"It failed in {run.name}, and has not been proven since."
    assert why in gates.refusals(flag=slow, to=to(event), now=NOON)


def test_books_of_a_good_sale_wrong_nobody() -> None:
    copy = copy_of(begin())
    order = buy_free(copy, quantity=2)
    hold(copy, "seat")

    found = books.books_of(copy, [receipt_of(order)])

    assert found == {
        "orders": {"complete": 1, "held": 1}, "tickets": 2, "paid": 0, "mail": 1, "mail_held_back": 0, "mail_sent": 0,
        "oversold": 0, "ledger_faults": [], "receipts": 1, "wronged": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("over", "fault"),
    [
        ({"order": "/orders/nowhere/"}, "there is no such order"),
        ({"tickets": 3}, "3 tickets were bought, 1 are there"),
    ],
)
def test_buyer_who_saw_what_is_not_so_is_found(over: dict[str, Any], fault: str) -> None:
    copy = copy_of(begin())
    order = buy_free(copy)

    found = list(books.wronged(copy, [receipt_of(order, **over)]))

    assert found == [{"reference": order.reference, "fault": fault}]


def test_buyer_whose_order_is_not_complete_or_not_mailed_about_is_found() -> None:
    copy = copy_of(begin())
    held, bought = hold(copy, "seat"), buy_free(copy)
    bought.mail.all().delete()

    found = list(books.wronged(copy, [receipt_of(held), receipt_of(bought)]))

    assert found == [
        {"reference": held.reference, "fault": "the order is held, not complete"},
        {"reference": bought.reference, "fault": "no mail with the tickets was written"},
    ]


def test_buyer_who_paid_too_late_is_wronged_unless_the_money_goes_back() -> None:
    copy = copy_of(begin())
    order = hold(copy, "seat")
    payment = order.payments.create(
        attempt=1, amount_minor=1000, currency="GBP", state="paid", session_id="cs_1", created_at=NOON, paid_at=NOON
    )
    receipt = receipt_of(order, paid=True, confirmed=False)
    before = list(books.wronged(copy, [receipt]))

    payment.refunded_minor = 1000
    payment.save()

    assert [one["fault"] for one in before] == ["the order is held, not complete"]
    assert list(books.wronged(copy, [receipt])) == []


def test_books_name_what_the_ledger_finds_in_the_copy() -> None:
    copy = copy_of(begin())
    buy_free(copy)
    Stock.objects.filter(quota__event=copy).update(taken=3)

    found = books.books_of(copy, [])

    assert len(found["ledger_faults"]) == 2


def test_place_that_was_sold_twice_is_counted() -> None:
    copy = copy_of(begin())
    buy_free(copy, quantity=3)
    Stock.objects.filter(quota__event=copy).update(taken=0, capacity=1)

    assert books.books_of(copy, [])["oversold"] == 2


def test_receipts_are_read_but_for_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "receipts.jsonl"
    path.write_text(f'{json.dumps({"order": "/orders/one/"})}\n{{"order": "/ord')

    assert books.receipts_in(path) == [{"order": "/orders/one/"}]
    assert books.receipts_in(tmp_path / "none") == []


def test_flag_is_charged_with_what_it_asked_for_the_copy_and_its_statement_is_named() -> None:
    event, flag = make_sale(), make_flag(budget_queries=0, budget_ms=5)
    make_grant(flag, event)
    run = begin(event)
    statements.switch_on()
    before, began_at = statements.read(), now()
    assert before is not None, "Postgres was not prepared for counting"
    carrier = Carrier({flag.name: True}, id=copy_of(run).pk)

    with regions.region(flag.name, carrier), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname <> 'of-a-flag'")
    costs.flush()

    asked = statements.between(before, statements.read())
    row = flag_costs.spent_on(copy_of(run), run.flags, asked, began_at=began_at, ended_at=now())[0]
    assert (row["name"], row["requests"], row["queries_p95"], row["budget_queries"]) == (flag.name, 1, 1, 0)
    assert [route["route"] for route in row["routes"]] == ["-"]
    assert row["statement"]["calls"] == 1
    assert f"/*flag='{flag.name}',route='-'*/" in row["statement"]["text"]
    summary = statements.summary(asked, requests=2)
    assert summary is not None
    assert summary["per_request"] == summary["calls"] / 2


def test_what_postgres_does_not_count_is_not_known() -> None:
    with transaction.atomic():
        found = statements.read()

    assert (found, statements.between(None, None), statements.summary([], requests=5)) == (None, [], None)


def test_flag_that_the_guard_switched_off_says_why() -> None:
    event, flag = make_sale(), make_flag()
    make_grant(flag, event)
    run = begin(event)
    Grant.objects.filter(event=copy_of(run)).update(
        is_on=False, expires_at=None, switched_off_by="guard", reason="40 queries a request"
    )

    row = flag_costs.spent_on(copy_of(run), run.flags, [], began_at=NOON, ended_at=NOON)[0]

    assert (row["switched_off"], row["requests"], row["statement"]) == ("40 queries a request", 0, None)


def test_costs_are_waited_for_until_every_process_has_put_them_down() -> None:
    assert flag_costs.put_down_at(NOON + timedelta(seconds=3)) == NOON + timedelta(seconds=11)


def test_run_is_true_until_code_flags_or_shape_change() -> None:
    event = make_sale()
    run = begin(event)
    fresh = is_stale(run, now=NOON)

    make_grant(make_flag("new-one"), event)
    Stock.objects.filter(quota__event=event).update(capacity=99)
    run.commit = "0" * 40

    assert (fresh, is_stale(run, now=NOON)) == (False, True)
    assert differs(run, now=NOON) == [
        "the code has changed", "flags have changed: new-one", "what is sold has changed",
    ]  # fmt: skip


def test_sale_that_is_moved_is_the_same_sale() -> None:
    event = make_sale()
    run = begin(event)

    event.ticket_types.update(sale_starts_at=NOON, sale_ends_at=None)

    assert differs(run, now=NOON) == []


def test_commit_is_known_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_git", lambda *_: "")

    digest = machine.commit.__wrapped__()

    assert len(digest) == 40
    assert set(digest) <= set("0123456789abcdef")
