"""check_ledger: silent about clean books, precise about each kind of damage, made here behind the database's back."""

from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from checkout import ledger
from checkout.actions import holds, orders
from checkout.models import Mail, Order, Payment, Refund, RefundState, State
from tests.buyers import ADA, NOON, make_complete_order, make_held_order, take_hold
from tests.makers import make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
CLEAN = "The ledger is clean.\n"


def check() -> tuple[int, list[str]]:
    """What the command ends with and prints, line by line."""
    out = StringIO()
    try:
        call_command("check_ledger", stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def damage(*statements: str, **values: Any) -> None:
    """Run SQL with all triggers and foreign keys asleep, as a faulty restore or a hand at the wrong console would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def make_paid_order(*, refunds: Iterable[int] = (), **over: Any) -> Order:
    """A complete order of two tickets at 10.00 whose payment went as in checkout.actions.payments, with these
    parts of it sent back."""
    order = make_held_order(quantity=2, **over)
    payment = Payment.objects.create(
        order=order, state="paid", attempt=1, amount_minor=2000, currency="GBP", created_at=NOON, paid_at=NOON,
        refunded_minor=sum(refunds),
    )  # fmt: skip
    for place, amount_minor in enumerate(refunds):
        Refund.objects.create(
            payment=payment, amount_minor=amount_minor, reason="", key=f"{order.pk}-{place}", created_at=NOON,
            next_attempt_at=NOON,
        )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(
        state="complete", completed_at=NOON, full_name=ADA.full_name, email=ADA.email
    )
    Mail.objects.create(order=order, kind="tickets", to=ADA.email, key="1", created_at=NOON, next_attempt_at=NOON)
    return order


def quota_of(order: Order) -> int:
    return int(order.tickets.all()[0].quota_ids[0])


# Clean books


def test_ledger_of_an_empty_shop_is_clean() -> None:
    assert check() == (0, [CLEAN.strip()])


def test_ledger_of_orders_in_every_state_is_clean() -> None:
    make_held_order()
    make_complete_order(quantity=3)
    make_paid_order()
    Order.objects.filter(pk=make_held_order().pk).update(state="paying")
    orders.close(order=make_held_order(), to=State.CANCELLED, by="buyer", now=NOON)
    orders.void(order=make_complete_order(), by="ada", now=NOON, back_on_sale=True)
    orders.void(order=make_complete_order(), by="ada", now=NOON, back_on_sale=False)
    orders.void(order=make_paid_order(refunds=[500, 1500]), by="ada", now=NOON, back_on_sale=True)
    make_held_order(now=NOON - timedelta(days=1))
    holds.sweep(now=NOON)

    assert check() == (0, [CLEAN.strip()])


# Damage to stock


def test_ledger_tells_of_units_that_nobody_holds() -> None:
    order = make_held_order(quantity=3)
    damage("UPDATE events_stock SET taken = taken + 2")

    assert check() == (
        1,
        [f"disagrees: quota {quota_of(order)}: 5 units are marked as taken, its orders hold 3, its capacity is 100"],
    )


def test_ledger_tells_of_tickets_that_took_nothing() -> None:
    order = make_held_order(quantity=3)
    damage("UPDATE events_stock SET taken = 0")

    assert check() == (
        1,
        [f"disagrees: quota {quota_of(order)}: 0 units are marked as taken, its orders hold 3, its capacity is 100"],
    )


def test_ledger_tells_of_a_quota_sold_over() -> None:
    order = make_held_order(quantity=3)
    damage("ALTER TABLE events_stock DROP CONSTRAINT stock_never_oversold", "UPDATE events_stock SET capacity = 2")

    assert check() == (
        1,
        [f"disagrees: quota {quota_of(order)}: 3 units are marked as taken, its orders hold 3, its capacity is 2"],
    )


def test_ledger_tells_of_stock_that_is_gone() -> None:
    order = make_held_order(quantity=3)
    damage("DELETE FROM events_stock")

    assert check() == (
        1,
        [f"disagrees: quota {quota_of(order)}: 0 units are marked as taken, its orders hold 3, its capacity is 0"],
    )


@pytest.mark.parametrize("state", ["expired", "cancelled"])
def test_ledger_tells_of_an_order_closed_without_giving_back(state: str) -> None:
    order = make_held_order(quantity=3)
    damage("UPDATE checkout_order SET state = %(state)s, closed_at = now()", state=state)

    assert check() == (
        1,
        [f"disagrees: quota {quota_of(order)}: 3 units are marked as taken, its orders hold 0, its capacity is 100"],
    )


def test_ledger_tells_of_a_closed_order_opened_again_by_hand() -> None:
    order = make_held_order(quantity=3)
    holds.sweep(now=NOON + timedelta(hours=1))
    damage("UPDATE checkout_order SET state = 'held'")

    assert check() == (
        1,
        [f"disagrees: quota {quota_of(order)}: 0 units are marked as taken, its orders hold 3, its capacity is 100"],
    )


def test_ledger_tells_of_a_ticket_voided_without_giving_back() -> None:
    order = make_complete_order(quantity=3)
    damage("UPDATE checkout_ticket SET voided_at = now() WHERE number = 1")

    assert check() == (
        1,
        [f"disagrees: quota {quota_of(order)}: 3 units are marked as taken, its orders hold 2, its capacity is 100"],
    )


def test_ledger_tells_of_a_ticket_that_claims_other_quotas() -> None:
    order, other = make_held_order(), make_held_order()
    damage(
        "UPDATE checkout_ticket SET quota_ids = %(others)s WHERE order_id = %(order)s",
        others=other.tickets.all()[0].quota_ids, order=order.pk,
    )  # fmt: skip

    code, lines = check()

    assert code == 1
    assert [line.partition(": ")[2].partition(":")[0] for line in lines] == [
        f"quota {pk}"
        for pk in sorted(
            Order.objects.get(pk=pk).tickets.all()[0].ticket_type.quotas.get().pk for pk in (order.pk, other.pk)
        )
    ]


# Damage to money


def test_ledger_tells_of_tickets_nobody_paid() -> None:
    order = make_paid_order()
    damage("DELETE FROM checkout_payment")

    assert check() == (
        1,
        [
            f"disagrees: order {order.reference} (complete): paid 0, sent back 0,"
            " but its tickets cost 2000 (minor units)"
        ],
    )


def test_ledger_tells_of_money_taken_and_given_back_with_the_tickets_kept() -> None:
    order = make_paid_order(refunds=[2000])

    assert check() == (
        1,
        [
            f"disagrees: order {order.reference} (complete): paid 2000, sent back 2000,"
            " but its tickets cost 2000 (minor units)"
        ],
    )


def test_ledger_tells_of_money_kept_for_no_tickets() -> None:
    order = make_paid_order()
    orders.void(order=order, by="ada", now=NOON, back_on_sale=True)

    assert check() == (
        1,
        [
            f"disagrees: order {order.reference} (cancelled): paid 2000, sent back 0,"
            " but its tickets cost 0 (minor units)"
        ],
    )


@pytest.mark.parametrize("state", ["held", "paying"])
def test_ledger_tells_of_money_taken_for_an_order_left_open(state: str) -> None:
    order = make_paid_order()
    damage("UPDATE checkout_order SET state = %(state)s", state=state)

    assert check() == (
        1,
        [f"disagrees: order {order.reference} ({state}): paid 2000, sent back 0, but its tickets cost 0 (minor units)"],
    )


def test_ledger_tells_of_a_payment_of_the_wrong_amount() -> None:
    order = make_paid_order()
    damage("UPDATE checkout_payment SET amount_minor = 1999")

    assert check() == (
        1,
        [
            f"disagrees: order {order.reference} (complete): paid 1999, sent back 0,"
            " but its tickets cost 2000 (minor units)"
        ],
    )


def test_ledger_tells_of_a_refund_that_is_lost() -> None:
    order = make_paid_order(refunds=[500, 1500])
    orders.void(order=order, by="ada", now=NOON, back_on_sale=True)
    damage("DELETE FROM checkout_refund WHERE amount_minor = 500")

    payment = order.payments.get()
    assert check() == (1, [f"disagrees: payment {payment.pk}: 2000 is marked as going back, its refunds are 1500"])


# Damage to orders


def test_ledger_tells_of_an_order_without_tickets() -> None:
    order = make_held_order(make_ticket_type().event)
    damage("DELETE FROM checkout_ticket", "UPDATE events_stock SET taken = 0")

    assert check() == (1, [f"disagrees: order {order.reference} has no tickets"])


def test_ledger_tells_of_a_total_that_is_not_the_sum() -> None:
    order = make_held_order(quantity=2)
    damage("UPDATE checkout_order SET total_minor = 1")

    assert check() == (1, [f"disagrees: order {order.reference} total differs from its tickets"])


def test_ledger_tells_of_a_complete_order_that_nobody_was_told_of() -> None:
    order = make_complete_order()
    damage("DELETE FROM checkout_mail")

    assert check() == (1, [f"disagrees: order {order.reference} is complete and no mail was owed"])


def test_ledger_tells_of_every_fault_at_once() -> None:
    order, quota = make_complete_order(), make_quota()
    damage("DELETE FROM checkout_mail", "UPDATE events_stock SET taken = 7 WHERE quota_id = %(quota)s", quota=quota.pk)

    assert check() == (
        1,
        [
            f"disagrees: quota {quota.pk}: 7 units are marked as taken, its orders hold 0, its capacity is 100",
            f"disagrees: order {order.reference} is complete and no mail was owed",
        ],
    )


# What waits for a person


def test_ledger_lists_a_refund_that_the_provider_refused_and_stays_clean() -> None:
    order = make_paid_order(refunds=[2000])
    orders.void(order=order, by="ada", now=NOON, back_on_sale=True)
    Refund.objects.update(state=RefundState.FAILED, last_error="Card closed.")

    assert check() == (
        0,
        [
            f"needs a person: order {order.reference}: a refund was refused by the provider: Card closed.",
            CLEAN.strip(),
        ],
    )


def test_ledger_lists_mail_that_could_not_be_sent_and_stays_clean() -> None:
    order = make_complete_order()
    Mail.objects.update(failed_at=NOON, last_error="No such mailbox.")

    assert check() == (
        0,
        [
            f"needs a person: order {order.reference}: mail to {ADA.email} could not be sent: No such mailbox.",
            CLEAN.strip(),
        ],
    )


def test_ledger_counts_each_order_of_many_once() -> None:
    quota = make_quota()
    ticket_type = make_ticket_type(quotas=[quota], price_minor=0)
    for quantity in (1, 2, 3):
        take_hold((ticket_type, quantity))

    found = ledger.check()

    assert (found.faults, found.stuck, found.is_clean) == ([], [], True)
