"""One act on many orders, in the background: it can be watched and stopped, and goes on after a crash.

Each order's act and the mark that it is done are one transaction: any number of workers do every order once.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import structlog
from django.db import transaction
from django.db.models import F, Sum

from accounts.actions import log as audit
from accounts.models import User
from checkout.actions import mail, refunds, reversals
from checkout.models import Job, JobOrder, Mail, Order, OrderEvent, State
from events.models import Event

log = structlog.stdlib.get_logger("jobs")

BATCH: Final = 50
WRITTEN_AT_ONCE: Final = 5000
KINDS: Final = Job.Kind


class NobodyChosen(Exception):
    """There is no order to do it to."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, and the orders' ids it is to be done to. Two requests with one `key` make one job."""

    kind: Job.Kind
    key: uuid.UUID
    orders: Iterable[int]
    sends_money_back: bool = False
    is_back_on_sale: bool = False
    reason: str = ""


@transaction.atomic
def start(*, event: Event, plan: Plan, by: User, now: datetime) -> Job:
    """Write down what is to be done to which orders; the worker does it. Raises NobodyChosen."""
    job, is_new = Job.objects.get_or_create(
        event=event, key=plan.key,
        defaults={
            "kind": plan.kind, "total": 0, "by": by.get_full_name()[:80], "created_at": now, "reason": plan.reason,
            "sends_money_back": plan.sends_money_back, "is_back_on_sale": plan.is_back_on_sale,
        },
    )  # fmt: skip
    if not is_new:
        return job
    ours = Order.objects.filter(event=event)
    chosen = iter(plan.orders)
    while ids := list(islice(chosen, WRITTEN_AT_ONCE)):
        found = ours.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)
        JobOrder.objects.bulk_create([JobOrder(job=job, order_id=pk) for pk in found], ignore_conflicts=True)
    job.total = job.orders.count()
    if not job.total:
        raise NobodyChosen
    job.save(update_fields=["total"])
    _log(job, f"{job.get_kind_display()}: asked for {job.total} orders", by, now)
    return job


@transaction.atomic
def stop(*, job: Job, by: User, now: datetime) -> None:
    """Leave the orders that are not done yet as they are. Pressed twice, or too late, it changes nothing."""
    if Job.objects.filter(pk=job.pk, finished_at=None, stopped_at=None).update(stopped_at=now):
        _log(job, f"{job.get_kind_display()}: asked to stop", by, now)


def drain(*, now: datetime) -> int:
    """Do up to a batch of orders of the jobs under way; answers how many were done or failed."""
    worked = 0
    for job in Job.objects.filter(finished_at=None).select_related("event__organiser").order_by("pk"):
        while worked < BATCH and job.stopped_at is None and _next(job, now):
            worked += 1
        if worked >= BATCH:
            break
        _finish(job, now)
    return worked


@transaction.atomic
def _next(job: Job, now: datetime) -> bool:
    """One more order of this job; False when none is left that nobody works on. It fails without undoing the others."""
    waiting = JobOrder.objects.filter(job=job, done_at=None, failed_at=None).order_by("pk")
    one = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("order__event__organiser").first()
    if one is None:
        return False
    try:
        with transaction.atomic():
            ACTS[KINDS(job.kind)](job, one.order, now)
    except WHAT_CANNOT_BE as fault:
        one.failed_at, one.problem = now, PROBLEMS.get(type(fault)) or str(fault)[:300]
    except Exception as fault:
        log.exception("order of a job failed", job=job.pk, order=one.order_id)
        one.failed_at, one.problem = now, f"Something went wrong: {fault}"[:300]
    else:
        one.done_at = now
    one.save(update_fields=["done_at", "failed_at", "problem"])
    counted = {"done": F("done") + 1} if one.done_at else {"failed": F("failed") + 1}
    Job.objects.filter(pk=job.pk).update(**counted)  # last, so that workers wait for each other the shortest
    return True


@transaction.atomic
def _finish(job: Job, now: datetime) -> None:
    """Say that it is over, when nobody works on any of its orders any more."""
    fresh = Job.objects.select_for_update().get(pk=job.pk)
    if fresh.finished_at or (fresh.stopped_at is None and fresh.left):
        return
    Job.objects.filter(pk=job.pk).update(finished_at=now)
    how = "stopped" if fresh.left else "finished"
    counts = f"{fresh.done} done, {fresh.failed} failed, {fresh.left} left"
    _log(job, f"{job.get_kind_display()}: {how}, {counts}", None, now)


def _log(job: Job, said: str, by: User | None, now: datetime) -> None:
    event = job.event
    audit.record(
        organiser=event.organiser, event=event, by=by, kind="orders-job", said=f"{said}.", now=now,
        details={"job": job.pk},
    )  # fmt: skip


def _resend(job: Job, order: Order, now: datetime) -> None:
    """The tickets once more, to the order's address."""
    if order.state != State.COMPLETE:
        raise reversals.NotComplete
    mail.owe(Mail.Kind.TICKETS, order=order, now=now, key=f"job-{job.pk}")
    OrderEvent.objects.record("sent again", order=order, at=now, by=job.by, note=f"tickets sent again to {order.email}")


def _cancel(job: Job, order: Order, now: datetime) -> None:
    """All its live tickets, and all that is left of its money when that is asked for."""
    order = Order.objects.select_for_update(of=("self",)).select_related("event__organiser").get(pk=order.pk)
    numbers = list(order.tickets.live().values_list("number", flat=True))
    if order.state != State.COMPLETE or not numbers:
        raise reversals.NotComplete
    left = reversals.paid(order).aggregate(left=Sum(F("amount_minor") - F("refunded_minor")))["left"] or 0
    wanted = reversals.Wanted(
        key=f"job-{job.pk}-order-{order.pk}", tickets=numbers, amount_minor=left if job.sends_money_back else 0,
        is_back_on_sale=job.is_back_on_sale, reason=job.reason,
    )  # fmt: skip
    reversals.make(order=order, wanted=wanted, by=job.by, now=now)


ACTS: Final[dict[Job.Kind, Callable[[Job, Order, datetime], None]]] = {KINDS.RESEND: _resend, KINDS.CANCEL: _cancel}
WHAT_CANNOT_BE: Final = (reversals.NotComplete, reversals.TicketsGone, refunds.TooMuch)
PROBLEMS: Final[dict[type[Any], str]] = {
    reversals.NotComplete: "It was not complete any more.",
    reversals.TicketsGone: "Somebody else cancelled its tickets meanwhile.",
    refunds.TooMuch: "Somebody else sent its money back meanwhile.",
}
