"""What the worker does for the checkout, and how often."""

from datetime import datetime

from checkout.actions import availability, holds, mail, payments, refunds
from events.actions import reminders, waiting_list, waiting_mail
from flags.actions import guard, hours, notices, reviews
from kit.duties import Duty


def _sweep(now: datetime) -> bool:
    return holds.sweep(now=now) == holds.SWEPT_AT_ONCE


def _tick(_: datetime) -> bool:
    availability.refresh()
    return False


def _settle(now: datetime) -> bool:
    payments.settle_overdue(now=now)
    return False


def _mail(now: datetime) -> bool:
    return mail.drain(now=now) == mail.BATCH


def _refunds(now: datetime) -> bool:
    return refunds.drain(now=now) == refunds.BATCH


def _write_of_flags(now: datetime) -> bool:
    return notices.drain(now=now) == notices.BATCH


def _review_flags(now: datetime) -> bool:
    return reviews.review(now=now) == reviews.BATCH


def _end_unused_flags(now: datetime) -> bool:
    return reviews.expire_unused(now=now) == reviews.BATCH


def _guard_flags(now: datetime) -> bool:
    guard.watch(now=now)
    return False


def _keep_waiting_lists(now: datetime) -> bool:
    is_more = waiting_list.count(now=now) == waiting_list.EVENTS_AT_ONCE
    waiting_mail.choose(now=now)
    for letter in (waiting_mail.CONFIRMATION, waiting_mail.TICKETS):
        is_more |= waiting_mail.drain(letter, now=now) == waiting_mail.BATCH
    return is_more | (waiting_list.forget(now=now) == waiting_list.ROWS_AT_ONCE)


def _add_up_costs_of_flags(now: datetime) -> bool:
    return hours.roll_up(now=now) == hours.BATCH


def _remind(now: datetime) -> bool:
    return reminders.drain(now=now) == reminders.BATCH


DUTIES = [
    Duty("expire holds", 1.0, _sweep),
    Duty("say what is left", 1.0, _tick),
    Duty("settle overdue payments", 2.0, _settle),
    Duty("send mail", 1.0, _mail),
    Duty("send refunds", 1.0, _refunds),
    Duty("remind of on-sales", 20.0, _remind),
    Duty("keep waiting lists", 5.0, _keep_waiting_lists),
    Duty("write of flags", 5.0, _write_of_flags),
    Duty("review flags before on-sales", 60.0, _review_flags),
    Duty("end unused grants", 600.0, _end_unused_flags),
    Duty("guard flags", 0.5, _guard_flags),
    Duty("add up flags' costs", 10.0, _add_up_costs_of_flags),
]
