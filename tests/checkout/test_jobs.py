"""Many orders at once: each done once, whatever crashes or presses twice, and stopped when asked."""

import uuid
from typing import Any

import pytest
from django.db import connection

from accounts.models import LogEntry
from checkout import ledger
from checkout.actions import jobs
from checkout.actions.jobs import Plan
from checkout.models import Job, JobOrder, Mail, Order, Reversal, State
from events.models import Event
from tests.buyers import COMMITTED, NOON, make_held_order, race
from tests.checkout.sold import make_colleague, make_paid_order, money_of
from tests.makers import make_event

pytestmark = pytest.mark.django_db
CANCEL = {"kind": Job.Kind.CANCEL, "sends_money_back": True, "is_back_on_sale": True, "reason": "The hall burnt down."}


def start(event: Event, **over: Any) -> Job:
    ids = Order.objects.filter(event=event).values_list("pk", flat=True)
    plan = Plan(**{"kind": Job.Kind.RESEND, "key": uuid.uuid4(), "orders": ids, **over})
    return jobs.start(event=event, plan=plan, by=make_colleague(), now=NOON)


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_job_cancels_orders_and_sends_their_money_back() -> None:
    event = make_event()
    first, second = make_paid_order(event), make_paid_order(event, quantity=1)
    job = start(event, **CANCEL)

    worked = jobs.drain(now=NOON)

    done = again(job)
    assert (worked, done.total, done.done, done.failed, done.finished_at) == (2, 2, 2, 0, NOON)
    assert (money_of(first), money_of(second)) == ((2000, 2000), (1000, 1000))
    assert {order.state for order in Order.objects.all()} == {State.CANCELLED}
    assert list(LogEntry.objects.order_by("pk").values_list("said", flat=True)) == [
        "Cancel orders: asked for 2 orders.",
        "Cancel orders: finished, 2 done, 0 failed, 0 left.",
    ]
    assert ledger.check().faults == []


def test_job_fails_only_where_it_cannot_be_and_says_why() -> None:
    event = make_event()
    make_paid_order(event)
    make_held_order(event)
    job = start(event)

    jobs.drain(now=NOON)

    assert (again(job).done, again(job).failed) == (1, 1)
    assert JobOrder.objects.exclude(failed_at=None).get().problem == "It was not complete any more."
    assert Mail.objects.filter(key=f"job-{job.pk}").count() == 1


def test_job_asked_for_twice_is_one() -> None:
    event, key = make_event(), uuid.uuid4()
    make_paid_order(event)

    first, second = (start(event, key=key) for _ in range(2))

    assert (first, JobOrder.objects.count()) == (second, 1)


def test_job_takes_no_order_of_another_event() -> None:
    event = make_event()
    make_paid_order(event)
    foreign = make_paid_order()

    job = start(event, orders=[foreign.pk, *Order.objects.filter(event=event).values_list("pk", flat=True)])

    assert list(job.orders.values_list("order__event", flat=True)) == [event.pk]


def test_job_over_nothing_is_none() -> None:
    with pytest.raises(jobs.NobodyChosen):
        start(make_event())

    assert Job.objects.count() == 0


def test_job_stopped_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    for _ in range(3):
        make_paid_order(event)
    job = start(event, **CANCEL)
    monkeypatch.setattr(jobs, "BATCH", 1)
    jobs.drain(now=NOON)

    jobs.stop(job=job, by=make_colleague(), now=NOON)
    jobs.drain(now=NOON)

    done = again(job)
    assert (done.done, done.left, done.finished_at) == (1, 2, NOON)
    assert Order.objects.filter(state=State.COMPLETE).count() == 2


def die_before_the_mark(execute: Any, statement: str, *rest: Any) -> Any:
    """After what is done to an order, before it is marked as done."""
    if statement.startswith('UPDATE "checkout_joborder"'):
        raise KeyboardInterrupt
    return execute(statement, *rest)


def test_job_goes_on_after_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    for _ in range(3):
        make_paid_order(event)
    job = start(event, **CANCEL)
    monkeypatch.setattr(jobs, "BATCH", 2)

    with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(die_before_the_mark):
        jobs.drain(now=NOON)
    assert (again(job).done, Reversal.objects.count()) == (0, 0)
    while jobs.drain(now=NOON):
        pass

    assert (again(job).done, Reversal.objects.count(), again(job).finished_at) == (3, 3, NOON)
    assert ledger.check().faults == []


@COMMITTED
def test_many_workers_do_each_order_once() -> None:
    event = make_event()
    for _ in range(12):
        make_paid_order(event, quantity=1)
    job = start(event, **CANCEL)

    raced = race(*[lambda: jobs.drain(now=NOON)] * 4)
    jobs.drain(now=NOON)

    done = again(job)
    assert sum(one for one in raced if isinstance(one, int)) == 12
    assert (done.done, done.failed, Reversal.objects.count(), done.finished_at) == (12, 0, 12, NOON)
    assert ledger.check().faults == []
