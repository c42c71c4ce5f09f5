"""Proves the invariants of stock and money, and lists what needs a person."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils.timezone import now

from checkout.models import Mail, Order, Refund, RefundState, State


@dataclass(frozen=True, slots=True)
class Ledger:
    """`faults` must be empty at any moment. `stuck` is known trouble: nothing is wrong in the books, somebody waits."""

    faults: list[str]
    stuck: list[str]

    @property
    def is_clean(self) -> bool:
        return not self.faults


UNSETTLED = timedelta(hours=1)
UNTOLD = "the provider cannot say how it ended"

CHECKS = (
    (
        "SELECT * FROM checkout_ledger_of_stock()",
        "quota {0}: {1} units are marked as taken, its orders hold {2}, its capacity is {3}",
    ),
    (
        "SELECT * FROM checkout_ledger_of_money()",
        "order {1} ({2}): paid {3}, sent back {4}, but its tickets cost {5} (minor units)",
    ),
    (
        "SELECT * FROM checkout_ledger_of_refunds()",
        "payment {0}: {1} is marked as going back, its refunds are {2}",
    ),
    (
        "SELECT * FROM checkout_ledger_of_reversals()",
        "order {1}: a reversal says {2} goes back for tickets of {4}; its refunds are {3}, its void tickets {5}",
    ),
    ("SELECT * FROM checkout_ledger_of_orders()", "order {1} {2}"),
    (
        "SELECT * FROM checkout_ledger_of_numbers()",
        "numbers of event {0}, ticket type {1}, {4} at {3}: kept {5}, counted {6} (grain {2}; see rebuild_numbers)",
    ),
    (
        "SELECT * FROM checkout_ledger_of_codes()",
        "code {0}: {1} uses are marked as taken, its orders hold {2}, its most is {3}",
    ),
)


def check() -> Ledger:
    """Read the whole ledger. Each check is one statement, so it sees one moment even while orders go through."""
    faults = []
    with connection.cursor() as cursor:
        for statement, sentence in CHECKS:
            cursor.execute(statement)
            faults += [sentence.format(*row) for row in cursor.fetchall()]
    return Ledger(faults, _stuck())


def _stuck() -> list[str]:
    refunds = Refund.objects.filter(state=RefundState.FAILED).select_related("payment__order")
    mail = Mail.objects.exclude(failed_at=None).select_related("order")
    paying = Order.objects.filter(state=State.PAYING).overdue(at=now() - UNSETTLED)
    return [
        *(f"order {o.reference}: paying for an hour after its time, {UNTOLD}" for o in paying),
        *(f"order {r.payment.order.reference}: a refund was refused by the provider: {r.last_error}" for r in refunds),
        *(f"order {m.order.reference}: mail to {m.to} could not be sent: {m.last_error}" for m in mail),
    ]
