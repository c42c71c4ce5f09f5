"""Play money, for events in test mode: a payment page of our own that charges nobody. It asks nothing of the outside.

Its page is checkout/views/pretending.py. What it knows it keeps in PretendPayment.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from checkout.models.pretend import PretendPayment, PretendState
from checkout.providers.protocol import NotAuthentic, Notice, ProviderRefused, Session, SessionRequest

PREFIX: Final = "play_"  # checkout/sql/takers.sql knows it too: no other session is let to a test order
DECLINED: Final = "The card was declined, because you pressed Decline."


class PlayMoney:
    """Implements Provider."""

    def open(self, request: SessionRequest) -> Session:
        total_minor = sum(line.quantity * line.unit_minor for line in request.lines)
        found, _ = PretendPayment.objects.get_or_create(
            payment_id=request.payment_id,
            defaults={"amount_minor": total_minor, "currency": request.currency},
        )
        return self.retrieve(f"{PREFIX}{found.pk}")

    def retrieve(self, session_id: str) -> Session:
        found = PretendPayment.objects.select_related("payment__order").filter(pk=_number(session_id)).first()
        if found is None:
            raise ProviderRefused("There is no such payment page.")
        token = found.payment.order.token
        return Session(
            id=session_id, url=f"/orders/{token}/pretend-payment/", status=found.state,
            amount_minor=found.amount_minor, currency=found.currency, payment_reference=f"{PREFIX}paid_{found.pk}",
            payment_id=found.pk, order_token=token, problem=found.problem,
        )  # fmt: skip

    def expire(self, session_id: str) -> Session:
        _open(session_id).update(state=PretendState.EXPIRED)
        return self.retrieve(session_id)

    def refund(self, payment_reference: str, amount_minor: int, currency: str, *, key: str, attempt: int) -> str:
        return f"{PREFIX}refund_{key}"

    def sessions_since(self, moment: datetime) -> Iterator[Session]:
        """None: these books are our own."""
        return iter(())

    def read_notice(self, body: bytes, signature: str) -> Notice:
        raise NotAuthentic("Play money sends no notices.")

    def pay(self, session_id: str) -> bool:
        """The tester presses Pay. False when the page was closed, or paid, before."""
        return bool(_open(session_id).update(state=PretendState.PAID, problem=""))

    def decline(self, session_id: str) -> bool:
        """The tester presses Decline; the page stays open, as a real one would."""
        return bool(_open(session_id).update(problem=DECLINED))


def _number(session_id: str) -> int:
    number = session_id.removeprefix(PREFIX)
    return int(number) if number.isdecimal() else 0


def _open(session_id: str) -> QuerySet[PretendPayment]:
    """Of two racers, one to pay and one to close it, one wins."""
    return PretendPayment.objects.filter(pk=_number(session_id), state=PretendState.OPEN)
