"""What the worker does, and how often."""

from datetime import datetime

from checkout.actions import availability, exports, holds, jobs, mail, numbers, payments, refunds
from events.actions import pictures, reminders, waiting_list, waiting_mail
from flags.actions import guard, hours, notices, reviews
from kit.duties import Duty, in_batches


def _tick(_: datetime) -> bool:
    availability.refresh()
    return False


def _settle(now: datetime) -> bool:
    payments.settle_overdue(now=now)
    return False


def _guard_flags(now: datetime) -> bool:
    guard.watch(now=now)
    return False


def _keep_waiting_lists(now: datetime) -> bool:
    is_more = waiting_list.count(now=now) == waiting_list.EVENTS_AT_ONCE
    waiting_mail.choose(now=now)
    for letter in (waiting_mail.CONFIRMATION, waiting_mail.TICKETS):
        is_more |= waiting_mail.drain(letter, now=now) == waiting_mail.BATCH
    return is_more | (waiting_list.forget(now=now) == waiting_list.ROWS_AT_ONCE)


def _count_numbers(_: datetime) -> bool:
    return numbers.count() == numbers.BATCH


def _keep_exports(now: datetime) -> bool:
    is_more = exports.start_due(now=now) == exports.AT_ONCE
    is_more |= exports.make(now=now) == 1
    is_more |= exports.tell(now=now) == exports.AT_ONCE
    return is_more | (exports.forget(now=now) == exports.AT_ONCE)


DUTIES = [
    Duty("expire holds", 1.0, in_batches(holds.sweep, holds.SWEPT_AT_ONCE)),
    Duty("say what is left", 1.0, _tick),
    Duty("count numbers", 1.0, _count_numbers),
    Duty("settle overdue payments", 2.0, _settle),
    Duty("send mail", 1.0, in_batches(mail.drain, mail.BATCH)),
    Duty("send refunds", 1.0, in_batches(refunds.drain, refunds.BATCH)),
    Duty("do jobs over orders", 1.0, in_batches(jobs.drain, jobs.BATCH)),
    Duty("remind of on-sales", 20.0, in_batches(reminders.drain, reminders.BATCH)),
    Duty("keep waiting lists", 5.0, _keep_waiting_lists),
    Duty("forget pictures", 600.0, in_batches(pictures.forget, pictures.ROWS_AT_ONCE)),
    Duty("make exports", 2.0, _keep_exports),
    Duty("write of flags", 5.0, in_batches(notices.drain, notices.BATCH)),
    Duty("review flags before on-sales", 60.0, in_batches(reviews.review, reviews.BATCH)),
    Duty("end unused grants", 600.0, in_batches(reviews.expire_unused, reviews.BATCH)),
    Duty("guard flags", 0.5, _guard_flags),
    Duty("add up flags' costs", 10.0, in_batches(hours.roll_up, hours.BATCH)),
]
