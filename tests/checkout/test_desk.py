"""What an organiser's people do to an order without touching its money; and orders that they give away."""

import uuid
from typing import Any

import pytest
from django.db.models import Max

from accounts.models import LogEntry
from checkout import ledger
from checkout.actions import complimentary, desk, holds
from checkout.actions.complimentary import Gift
from checkout.actions.desk import Buyer
from checkout.choice import Line
from checkout.models import Mail, Order, OrderEvent, State
from events.models import TicketType
from tests.buyers import COMMITTED, NOON, make_held_order, race, stock_of
from tests.checkout.sold import make_colleague, make_paid_order
from tests.makers import make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
ADA, BOB = Buyer("Ada Lovelace", "ada@example.com"), Buyer("Bob", "bob@example.com")


def test_buyer_and_attendee_are_corrected_with_history() -> None:
    order, person = make_paid_order(), make_colleague()

    desk.change_buyer(order=order, was=ADA, to=BOB, by=person, now=NOON)
    desk.change_attendee(ticket=order.tickets.get(number=2), was="", to="Eve", by=person, now=NOON)

    fresh = Order.objects.get()
    assert (fresh.full_name, fresh.email, order.tickets.get(number=2).attendee_name) == ("Bob", BOB.email, "Eve")
    assert list(order.history.values_list("kind", "by", "note"))[-2:] == [
        ("buyer changed", "Grace Hopper", "buyer Ada Lovelace <ada@example.com> is now Bob <bob@example.com>"),
        ("attendee changed", "Grace Hopper", "ticket 2: nobody is now Eve"),
    ]
    assert LogEntry.objects.count() == 2


@COMMITTED
def test_two_people_correcting_one_buyer_do_not_overwrite_each_other() -> None:
    order, people = make_paid_order(), [make_colleague(), make_colleague("Alan Turing")]

    made = race(
        *[
            lambda person=person, place=place: desk.change_buyer(
                order=Order.objects.select_related("event__organiser").get(), was=ADA,
                to=Buyer(f"Ada {place}", "ada@example.com"), by=person, now=NOON,
            )
            for place, person in enumerate(people)
        ]
    )  # fmt: skip

    assert sorted(type(one).__name__ for one in made) == ["ChangedMeanwhile", "NoneType"]
    assert order.history.filter(kind="buyer changed").count() == 1


def test_void_ticket_gets_no_other_name() -> None:
    order = make_paid_order()
    order.tickets.filter(number=1).update(voided_at=NOON)

    with pytest.raises(desk.ChangedMeanwhile):
        desk.change_attendee(ticket=order.tickets.get(number=1), was="", to="Eve", by=make_colleague(), now=NOON)


def test_tickets_are_sent_again_once_a_key_to_the_corrected_address() -> None:
    order, person = make_paid_order(), make_colleague()

    for _ in range(2):
        desk.resend(order=order, to=BOB.email, key="click", by=person, now=NOON)

    assert list(order.mail.values_list("to", flat=True)) == [ADA.email, BOB.email]
    assert Order.objects.get().email == BOB.email
    assert list(order.history.values_list("kind", flat=True))[-2:] == ["buyer changed", "sent again"]


def test_held_order_has_no_tickets_to_send() -> None:
    order = make_held_order()

    with pytest.raises(desk.NotComplete):
        desk.resend(order=order, to=ADA.email, key="click", by=make_colleague(), now=NOON)

    assert Mail.objects.count() == 0


def test_mail_that_failed_goes_to_the_corrected_address() -> None:
    order = make_paid_order()
    Mail.objects.update(failed_at=NOON, bounced_at=NOON, attempts=12, last_error="550 no such user")

    desk.retry_mail(message=order.mail.get(), to=BOB.email, by=make_colleague(), now=NOON)

    message = Mail.objects.get()
    assert (message.to, message.failed_at, message.attempts, message.last_error) == (BOB.email, None, 0, "")
    assert Order.objects.get().email == BOB.email


def test_note_is_kept_in_the_history() -> None:
    order = make_paid_order()

    desk.note(order=order, text="Called: comes by train.", by=make_colleague(), now=NOON)

    event = OrderEvent.objects.get(kind="note")
    assert (event.by, event.note) == ("Grace Hopper", "Called: comes by train.")


def gift(ticket_type: TicketType, quantity: int = 1, **over: Any) -> Gift:
    return Gift(
        **{"key": uuid.uuid4(), "quantities": {ticket_type.slug: quantity}, "full_name": BOB.full_name,
           "email": BOB.email, **over}
    )  # fmt: skip


def test_gift_goes_past_window_limit_and_secret_but_takes_stock() -> None:
    quota = make_quota(capacity=20)
    ticket_type = make_ticket_type(
        quotas=[quota], max_per_order=2, secret=True, secret_key="hidden-door", sale_starts_at=NOON.replace(year=2031)
    )

    order = complimentary.give(event=quota.event, gift=gift(ticket_type, 12), by=make_colleague(), now=NOON)

    assert (order.state, order.total_minor, order.tickets.aggregate(most=Max("price_minor"))) == (
        State.COMPLETE, 0, {"most": 0},
    )  # fmt: skip
    assert (stock_of(quota).taken, order.mail.get().to) == (12, BOB.email)
    assert list(order.history.values_list("kind", "by")) == [("given", "Grace Hopper")]
    assert ledger.check().faults == []


def test_gift_never_goes_past_capacity() -> None:
    quota = make_quota(capacity=3)
    ticket_type = make_ticket_type(quotas=[quota])

    with pytest.raises(holds.Refused) as refused:
        complimentary.give(event=quota.event, gift=gift(ticket_type, 4), by=make_colleague(), now=NOON)

    assert [(fault.code, fault.limit) for fault in refused.value.faults] == [("short", 3)]
    assert (stock_of(quota).taken, Order.objects.count()) == (0, 0)


def test_gift_takes_what_a_lapsed_hold_had() -> None:
    quota = make_quota(capacity=1)
    ticket_type = make_ticket_type(quotas=[quota])
    held = holds.take(
        event_id=quota.event_id, lines=[Line(ticket_type.slug, 1, None)], secret="", key=uuid.uuid4(), now=NOON
    )

    complimentary.give(event=quota.event, gift=gift(ticket_type), by=make_colleague(), now=NOON.replace(hour=20))

    assert (Order.objects.get(token=held).state, stock_of(quota).taken) == (State.EXPIRED, 1)


@COMMITTED
def test_gift_clicked_many_times_makes_one_and_many_gifts_never_too_many() -> None:
    quota, person = make_quota(capacity=5), make_colleague()
    ticket_type = make_ticket_type(quotas=[quota])
    same = gift(ticket_type, 2)

    made = race(
        *[lambda: complimentary.give(event=quota.event, gift=same, by=person, now=NOON)] * 4,
        *[lambda: complimentary.give(event=quota.event, gift=gift(ticket_type, 2), by=person, now=NOON)] * 4,
    )

    assert len({one.pk for one in made[:4] if isinstance(one, Order)}) <= 1
    assert (stock_of(quota).taken, Order.objects.count(), Mail.objects.count()) == (4, 2, 2)
    assert ledger.check().faults == []
