"""What organisers do to orders: the acts, and the lists as they are searched and filtered."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils.timezone import now

from accounts.models import User
from checkout.actions import complimentary, desk, jobs, payments, refunds, reversals
from checkout.models import Job, Mail, Order, Refund
from organise.queries import attention, orders
from organise.queries.orders import Wanted
from tests.checkout.payers import again
from tests.plans.guide import FREE, Guide

NARROWED: Final = [
    Wanted(q="ada"), Wanted(q="buyer-12000@example.com"), Wanted(q="BCDF"), Wanted(state="paying"),
    Wanted(type="type-2"), Wanted(money="refunded"), Wanted(money="free"),
]  # fmt: skip


def staff() -> User:
    return User.objects.get(is_superuser=True)


def paid(guide: Guide) -> Order:
    """Of two paid tickets, just now."""
    with guide.watch.at(""):
        order = guide.paying(paid=True)
        payments.look(order=order, now=now())
        return Order.objects.select_related("event__organiser").get(pk=order.pk)


def take_back(guide: Guide) -> None:
    """A ticket for good, then the rest, then all the provider refused: asked again and paid by hand."""
    order = paid(guide)
    for numbers, back_on_sale in (([1], False), ([2], True)):
        wanted = reversals.Wanted(str(uuid.uuid4()), numbers, 500, back_on_sale)
        reversals.take_back(order=order, wanted=wanted, by=staff(), now=now())
    first, second = Refund.objects.filter(payment__order=order).select_related("payment__order__event__organiser")
    with guide.watch.at(""):
        Refund.objects.filter(pk__in=(first.pk, second.pk)).update(state="failed")
    refunds.ask_again(refund=first, by=staff(), now=now())
    refunds.paid_by_hand(refund=second, by=staff(), now=now())
    with guide.watch.at(""):
        Refund.objects.filter(pk=first.pk).update(state="done", done_at=now())


def look_after(guide: Guide) -> None:
    """Correct, note, send again; and a mail that has failed."""
    order = paid(guide)
    by, key = staff(), str(uuid.uuid4())
    desk.change_buyer(order=order, was=desk.buyer_of(order), to=desk.Buyer("Eve", "e@example.com"), by=by, now=now())
    ticket = order.tickets.get(number=1)
    ticket.order = order
    desk.change_attendee(ticket=ticket, was="", to=f"Zoë {guide.n}", by=by, now=now())
    desk.note(order=order, text="Seen", by=by, now=now())
    desk.resend(order=order, to=order.email, key=key, by=by, now=now())
    with guide.watch.at(""):
        Mail.objects.filter(order=order, sent_at=None).update(failed_at=now())
    message = order.mail.filter(failed_at__isnull=False).select_related("order__event__organiser").order_by("pk")[0]
    desk.retry_mail(message=message, to=order.email, by=by, now=now())
    desk.mark_seen(order=order, by=by, now=now())


def give(guide: Guide) -> None:
    with guide.watch.at(""):
        event = again(guide.held()).event
    gift = complimentary.Gift(uuid.uuid4(), {FREE: 2}, "Lin", "lin@example.com")
    complimentary.give(event=event, gift=gift, by=staff(), now=now())


def do_jobs(guide: Guide) -> None:
    orders_of_it = [paid(guide) for _ in range(2)]
    event, ids = orders_of_it[0].event, [order.pk for order in orders_of_it]
    for kind in (Job.Kind.RESEND, Job.Kind.CANCEL):
        plan = jobs.Plan(kind, uuid.uuid4(), ids, sends_money_back=True)
        job = jobs.start(event=event, plan=plan, by=staff(), now=now())
        jobs.drain(now=now())
    jobs.stop(job=job, by=staff(), now=now())


def narrow_lists(guide: Guide) -> None:
    """Searched and filtered, at their beginning and far into them."""
    with guide.watch.at(""):
        event = guide.held().event
        far = Order.objects.filter(Q(event=event), ~Q(email="")).order_by("pk")[0].pk + 100
    for wanted in NARROWED:
        orders.order_page(orders.orders(event, wanted))
        orders.attendee_page(orders.attendees(event, wanted))
    for after, before in ((str(far), ""), ("", str(far))):
        orders.order_page(orders.orders(event, Wanted()), after=after, before=before)
        places = (f"{after}.1" if after else "", f"{before}.1" if before else "")
        orders.attendee_page(orders.attendees(event, Wanted()), after=places[0], before=places[1])


def need_attention(guide: Guide) -> None:
    with guide.watch.at(""):
        event = guide.held().event
    attention.count(event, now=now() + timedelta(minutes=1))
    for rows in (attention.hanging(event, now=now()), attention.late(event), attention.unsent(event)):
        list(rows[:50])
    for refused in (attention.refused(event), attention.slow(event, now=now())):
        list(refused[:50])


ORDER_ACTS: Final[dict[str, Callable[[Guide], object]]] = {
    "act: take tickets and money back": take_back,
    "act: look after an order": look_after,
    "act: give tickets away": give,
    "act: do jobs over orders": do_jobs,
    "act: narrow the lists of orders": narrow_lists,
    "act: see what needs attention": need_attention,
}
