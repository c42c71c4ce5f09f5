"""The numbers that the worker keeps: at rest they are the books', to the cent, whatever became of the orders."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from checkout import ledger
from checkout.actions import holds, numbers, orders
from checkout.models import Counted, Number, NumbersMark, Order, Payment, Refund, RefundState, State
from checkout.models.numbers import Grain
from tests.buyers import ADA, NOON, make_complete_order, make_held_order, take_hold
from tests.checkout.recount import count_all, kept, recounted
from tests.checkout.test_ledger import damage
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=2)


def pay(order: Order, *, amount_minor: int | None = None, now: datetime = NOON) -> Payment:
    """As checkout.actions.payments leaves it when the money has come."""
    payment = order.payments.create(
        state="paid", attempt=order.payments.count() + 1, currency="GBP", created_at=now, paid_at=now,
        amount_minor=order.total_minor if amount_minor is None else amount_minor,
    )  # fmt: skip
    if order.state == State.HELD:
        Order.objects.filter(pk=order.pk).update(
            state=State.COMPLETE, completed_at=now, full_name=ADA.full_name, email=ADA.email
        )
    order.history.create(kind="completed", at=now, by="system")
    order.refresh_from_db()
    return payment


def send_back(payment: Payment, amount_minor: int, *, at: datetime, state: str = RefundState.DONE) -> Refund:
    payment.refunded_minor += amount_minor
    payment.save()
    payment.order.history.create(kind="refunded", at=at, by="system")
    refund: Refund = payment.refunds.create(
        state=state, amount_minor=amount_minor, key=f"{payment.pk}-{payment.refunded_minor}", created_at=at,
        next_attempt_at=at, done_at=at if state == RefundState.DONE else None,
    )  # fmt: skip
    return refund


def rows(event_id: int, grain: Grain, *facts: str) -> list[tuple[object, ...]]:
    found = Number.objects.filter(event=event_id, grain=grain, ticket_type__isnull=False)
    return list(found.order_by("at", "ticket_type").values_list("at", *facts))


def test_numbers_of_an_order_in_every_state() -> None:
    event = make_event()
    make_held_order(event, quantity=2)
    make_complete_order(event, quantity=3)
    Order.objects.filter(pk=make_held_order(event).pk).update(state="paying")
    orders.close(order=make_held_order(event), to=State.CANCELLED, by="buyer", now=NOON)
    orders.void(order=make_complete_order(event, quantity=4), by="ada", now=LATER, back_on_sale=True)
    make_held_order(event, now=NOON - timedelta(days=1))
    holds.sweep(now=NOON)

    count_all()

    assert kept(event) == {"holds": 6, "lapsed": 2, "orders": 2, "held": 3, "sold": 7, "voided": 4}
    assert kept(event) == kept(event, Grain.QUARTER) == kept(event, Grain.MINUTE) == recounted(event)
    assert ledger.check().faults == []


def test_numbers_follow_an_order_through_its_life() -> None:
    order = make_held_order(quantity=2)
    event = order.event
    count_all()
    held = kept(event)

    payment = pay(order, now=LATER)
    count_all()
    paid = kept(event)
    orders.void(order=order, by="ada", now=LATER, back_on_sale=True)
    send_back(payment, 2000, at=LATER)
    count_all()

    assert held == {"holds": 1, "held": 2}
    assert paid == {"holds": 1, "orders": 1, "sold": 2, "gross_minor": 2000}
    assert kept(event) == {**paid, "voided": 2, "refunded_minor": 2000}
    assert ledger.check().faults == []


def test_each_fact_stands_at_its_own_moment() -> None:
    order = make_held_order()
    payment = pay(order, now=NOON + timedelta(minutes=20, seconds=30))
    send_back(payment, 400, at=LATER)

    count_all()

    sale, back = datetime(2030, 5, 1, 12, 20, tzinfo=UTC), datetime(2030, 5, 3, 12, tzinfo=UTC)
    facts = ("sold", "gross_minor", "refunded_minor")
    assert rows(order.event_id, Grain.MINUTE, *facts) == [(sale, 1, 1000, 0), (back, 0, 0, 400)]
    assert rows(order.event_id, Grain.QUARTER, *facts) == [(sale.replace(minute=15), 1, 1000, 0), (back, 0, 0, 400)]


def test_money_back_is_of_the_voided_tickets_first_to_the_cent() -> None:
    event = make_event()
    dear, cheap = make_ticket_type(event=event, price_minor=1001), make_ticket_type(event=event, price_minor=333)
    order = take_hold((dear, 1), (cheap, 2))
    payment = pay(order)
    order.tickets.filter(number=3).update(voided_at=LATER)
    send_back(payment, 300, at=LATER)
    send_back(payment, 100, at=LATER + timedelta(hours=1))

    count_all()

    refunded = dict(Number.objects.filter(grain=Grain.ALL).values_list("ticket_type", "refunded_minor"))
    assert refunded == {None: 400, dear.pk: 67, cheap.pk: 333}
    assert kept(event) == recounted(event)


def test_money_that_came_for_no_ticket_is_in_no_other_number() -> None:
    late = make_held_order()
    orders.close(order=late, to=State.EXPIRED, by="system", now=NOON)
    late.refresh_from_db()
    send_back(pay(late), 1000, at=LATER)
    twice = make_held_order(late.event)
    pay(twice)
    send_back(pay(twice), 600, at=LATER)

    count_all()

    assert kept(late.event) == {
        "holds": 2, "lapsed": 1, "orders": 1, "sold": 1, "gross_minor": 1000, "stray_minor": 2000,
        "stray_back_minor": 1600,
    }  # fmt: skip
    assert kept(late.event) == recounted(late.event)


def test_refund_that_waits_or_failed_is_told_apart_until_it_is_done() -> None:
    order = make_held_order()
    payment = pay(order)
    refund = send_back(payment, 250, at=LATER, state=RefundState.PENDING)
    count_all()
    before = kept(order.event)

    Refund.objects.filter(pk=refund.pk).update(state=RefundState.DONE, done_at=LATER)
    order.history.create(kind="refunded", at=LATER, by="system")
    count_all()

    after = kept(order.event)
    assert (before.get("refunding_minor"), before.get("refunded_minor")) == (250, None)
    assert (after.get("refunding_minor"), after.get("refunded_minor")) == (None, 250)


def test_late_payment_makes_a_lapsed_hold_an_order() -> None:
    order = make_held_order()
    orders.close(order=order, to=State.EXPIRED, by="system", now=NOON)
    count_all()
    lapsed = kept(order.event)

    Order.objects.filter(pk=order.pk).update(state="complete", completed_at=LATER, full_name="Ada", email=ADA.email)
    order.history.create(kind="completed", at=LATER, by="system", note="paid late")
    count_all()

    assert lapsed == {"holds": 1, "lapsed": 1}
    assert kept(order.event) == {"holds": 1, "orders": 1, "sold": 1, "gross_minor": 1000}


def test_old_history_is_read_by_itself_in_batches() -> None:
    event = make_event()
    for _ in range(7):
        make_complete_order(event)

    passes = count_all(most=3)

    assert passes == 6  # 14 lines by threes, and one pass that finds nothing
    assert kept(event) == recounted(event)


def test_quiet_second_writes_nothing() -> None:
    make_complete_order()
    count_all()
    before = NumbersMark.objects.values_list("seen", "old_since").get()

    assert numbers.count() == 0
    assert NumbersMark.objects.values_list("seen", "old_since").get() == before


def test_ledger_tells_of_numbers_that_are_not_the_sums_of_what_was_counted() -> None:
    order = make_complete_order()
    count_all()
    damage("UPDATE checkout_number SET sold = sold + 5 WHERE grain = 0 AND ticket_type_id IS NOT NULL")

    (fault,) = ledger.check().faults

    type_id = order.tickets.get(number=1).ticket_type_id
    assert fault.startswith(f"numbers of event {order.event_id}, ticket type {type_id}, sold at 2000-01-01")
    assert "kept 6, counted 1" in fault


def test_ledger_tells_of_an_order_that_changed_without_a_line_of_history() -> None:
    order = make_complete_order()
    count_all()
    damage("UPDATE checkout_ticket SET voided_at = now()", "UPDATE events_stock SET taken = 0")

    (fault,) = ledger.check().faults

    assert f"numbers of event {order.event_id}" in fault
    assert "voided" in fault


def test_rebuilding_puts_damaged_numbers_right() -> None:
    event = make_complete_order(quantity=2).event
    count_all()
    other = make_complete_order()
    count_all()
    damage("UPDATE checkout_number SET sold = 99", "DELETE FROM checkout_counted")

    out = StringIO()
    call_command("rebuild_numbers", f"{event.organiser.slug}/{event.slug}", stdout=out)
    call_command("rebuild_numbers", stdout=StringIO())

    assert out.getvalue() == f"{event.organiser.slug}/{event.slug}: 1 orders\n"
    assert (kept(event)["sold"], kept(other.event)["sold"]) == (2, 1)
    assert ledger.check().faults == []


def test_rebuilding_refuses_an_event_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="no event nobody/nothing"):
        call_command("rebuild_numbers", "nobody/nothing")


def test_numbers_of_a_rehearsal_go_with_it() -> None:
    event = make_event()
    quota = make_quota(event=event)
    rehearsal = make_event(rehearsal_of=event, state="live")
    take_hold((make_ticket_type(event=rehearsal, price_minor=0), 1))
    count_all()
    counted = kept(rehearsal)
    type(rehearsal).objects.filter(pk=rehearsal.pk).update(state="closed")

    with connection.cursor() as cursor:
        cursor.execute("SELECT checkout_remove_rehearsal(%s)", [rehearsal.pk])

    assert counted == {"holds": 1, "held": 1}
    assert quota.event_id == event.pk
    assert (Number.objects.count(), Counted.objects.count()) == (0, 0)
