"""A row of every model that staff have pages for, room by room: what tests/test_admin.py looks at."""

import uuid
from typing import Any

from accounts.actions import log
from accounts.models import Invitation, LogEntry, Membership, Organiser, User
from checkout.actions import orders
from checkout.models import (
    Answer,
    Job,
    JobOrder,
    Mail,
    Order,
    OrderEvent,
    Payment,
    Refund,
    Reversal,
    Ticket,
    WebhookReceipt,
)
from events.models import Code, Event, Question, Quota, Reminder, TicketType, Waiting, WaitingList
from flags.models import Change, Evidence, Flag, Grant, Keep, Override, Prerequisite
from surge.models import RehearsalRun
from tests.buyers import ADA, NOON, take_hold
from tests.makers import make_code, make_event, make_organiser, make_quota, make_ticket_type, make_user
from tests.organise.places import make_invitation
from tests.questions import make_question

Rows = dict[Any, Any]


def make_one_of_each() -> Rows:
    """By model; all of one new event."""
    user = make_user()
    event = make_event(organiser=make_organiser(owner=user))
    rows: Rows = {User: user, Event: event, Organiser: event.organiser}
    return rows | of_people(user, event) | of_catalogue(event) | of_orders(event) | of_flags(user, event)


def of_people(user: User, event: Event) -> Rows:
    """Who belongs to the organiser, and what they did."""
    asked = make_invitation(event)
    entry = log.record(
        organiser=event.organiser, event=event, by=user, kind="event-made", said="Made the event.", now=NOON
    )
    return {Membership: Membership.objects.get(user=user), LogEntry: entry, Invitation: asked}


def of_catalogue(event: Event) -> Rows:
    """What is for sale, and who waits for it."""
    ticket_type = make_ticket_type(quotas=[make_quota(event=event)])
    reminder = Reminder.objects.create(event=event, email="eve@example.com", created_at=NOON, next_attempt_at=NOON)
    waiting = Waiting.objects.create(event=event, email="eve@example.com", wanted=2, created_at=NOON)
    WaitingList.objects.create(event=event, shown=1, next_round_at=NOON)
    return {TicketType: ticket_type, Quota: ticket_type.quotas.get(), Reminder: reminder, Waiting: waiting}


def of_orders(event: Event) -> Rows:
    """An order and all that hangs on it."""
    order = make_paid_order(event)
    question = make_question(event)
    Answer.objects.create(
        order=order, ticket=order.tickets.get(), question=question, version=question.versions.get(), texts=["Yes"],
        answered_at=NOON,
    )  # fmt: skip
    reversal = Reversal.objects.create(
        order=order, key=f"once-{order.pk}", ticket_numbers=[1], tickets_minor=1000, amount_minor=1,
        is_back_on_sale=True, is_by_hand=False, at=NOON,
    )  # fmt: skip
    job = Job.objects.create(event=event, kind="resend", key=uuid.uuid4(), total=1, created_at=NOON)
    return {
        Question: question, Reversal: reversal, Job: job, JobOrder: JobOrder.objects.create(job=job, order=order),
        Order: order, Code: make_code(event=event),
        Ticket: order.tickets.get(), OrderEvent: order.history.first(), Mail: order.mail.first(),
        Payment: order.payments.get(), Refund: Refund.objects.get(payment__order=order),
        WebhookReceipt: WebhookReceipt.objects.get(provider_id=f"evt_{order.pk}"),
    }  # fmt: skip


def make_paid_order(event: Event, *, tickets: int = 1) -> Order:
    """A complete order with a payment, a refund, mail and history, as the books would have it."""
    ticket_type = make_ticket_type(event=event, price_minor=0, max_per_order=50)
    order = take_hold((ticket_type, tickets))
    orders.complete_free(order=order, details=ADA, now=NOON)
    payment = Payment.objects.create(
        order=order, state="paid", attempt=1, session_id=f"cs_{order.pk}", amount_minor=500, refunded_minor=200,
        currency="GBP", created_at=NOON, paid_at=NOON,
    )  # fmt: skip
    Refund.objects.create(
        payment=payment, amount_minor=200, reason="Goodwill", key=f"r{order.pk}", created_at=NOON, next_attempt_at=NOON
    )
    WebhookReceipt.objects.create(provider_id=f"evt_{order.pk}", kind="paid", received_at=NOON)
    return order


def of_flags(user: User, event: Event) -> Rows:
    """A flag that is granted, proven, overridden and kept; and a rehearsal of it."""
    flag: Any = Flag.objects.create(name=f"flag-{event.pk}")
    grant = Grant.objects.create(flag=flag, event=event, reason="Trial", given_by=user)
    Grant.objects.create(flag=flag, organiser=event.organiser, reason="Trial", given_by=user)
    Prerequisite.objects.create(flag=flag, requires=Flag.objects.create(name=f"required-{event.pk}"))
    evidence = Evidence.objects.create(
        flag=flag, rehearsal="One", commit="0123abc", ticket_types=5, requests_per_second=500, at=NOON, recorded_by=user
    )
    override = Override.objects.create(
        flag=flag, event=event, reason="Trial", refusal="Too large.", asked_by=user, asked_at=NOON, open_until=NOON
    )
    keep = Keep.objects.create(flag=flag, event=event, on_sale_at=NOON, reason="Trial", kept_by=user, kept_at=NOON)
    run = RehearsalRun.objects.create(
        event=event, started_at=NOON, ended_at=NOON, state="failed", commit="0123abc",
        figures={"verdict": {"findings": [{"rule": "hold", "mark": "failed", "words": "Too slow."}]}},
    )  # fmt: skip
    change = Change.objects.filter(event=event).latest("pk")
    return {
        Flag: flag, Grant: grant, Override: override, Keep: keep, Evidence: evidence, Change: change, RehearsalRun: run
    }  # fmt: skip
