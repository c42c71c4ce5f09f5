"""What the checkout needs of a payment provider, in its own words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ProviderUnavailable(Exception):
    """The provider did not answer, or answered that it could not just now. The same call may be made again."""


class ProviderBroke(ProviderUnavailable):
    """The provider answered with a fault of its own, or not as its rules say. It replays that under the same
    idempotency key."""


class ProviderRefused(Exception):
    """The provider understood and said no. Calling again will not help. Its text is a sentence for the buyer."""


class NotAuthentic(Exception):
    """A webhook that the provider did not sign, or not recently."""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One line on the provider's payment page."""

    name: str
    quantity: int
    unit_minor: int


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """All that is needed to open a payment page. `payment_id` comes back with every notice about it."""

    payment_id: int
    order_token: str
    reference: str
    email: str
    currency: str
    lines: Sequence[SessionLine]
    success_url: str
    cancel_url: str
    expires_at: datetime
    idempotency_key: str
    statement_name: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A payment page as the provider sees it. `status` is open, paid or expired. `payment_id` and `order_token` are
    what we sent when it was opened: None and empty when it is not one of ours."""

    id: str
    url: str
    status: str
    amount_minor: int
    currency: str
    payment_reference: str
    payment_id: int | None
    order_token: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified webhook: what happened, to which session (if it names one) or payment."""

    id: str
    kind: str
    session: Session | None
    payment_id: int | None
    problem: str = ""


class Provider(Protocol):
    """Every call may raise ProviderUnavailable or ProviderRefused."""

    def open(self, request: SessionRequest) -> Session:
        """Open a payment page; the same idempotency key answers the same one."""
        ...

    def retrieve(self, session_id: str) -> Session:
        """The session as it is now, with the reason of the last failed attempt in `problem`."""
        ...

    def expire(self, session_id: str) -> Session:
        """Close the page so that it cannot be paid any more, and answer how it ended: paid or expired."""
        ...

    def refund(self, payment_reference: str, amount_minor: int, currency: str, *, key: str, attempt: int) -> str:
        """Send money back; answers the provider's reference for the refund. One `key` is one refund, whatever the
        attempt: a later attempt first looks whether an earlier one got through."""
        ...

    def sessions_since(self, moment: datetime) -> Iterator[Session]:
        """Every session created since then."""
        ...

    def read_notice(self, body: bytes, signature: str) -> Notice:
        """A webhook's content. Raises NotAuthentic."""
        ...
