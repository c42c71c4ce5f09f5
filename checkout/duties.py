"""What the worker does for the checkout, and how often."""

from datetime import datetime

from checkout.actions import availability, holds, mail, payments, refunds
from events.actions import reminders
from flags.actions import hours, notices
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
    Duty("write of flags", 5.0, _write_of_flags),
    Duty("add up flags' costs", 10.0, _add_up_costs_of_flags),
]
