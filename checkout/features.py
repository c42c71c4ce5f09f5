"""The checkout's features under flags."""

from datetime import UTC, datetime

from flags.models import Kind
from flags.registry import declare

declare(
    name="express-checkout",
    owner="checkout@tito.example",
    purpose="Free tickets are had on one page: details and confirmation at one address.",
    kind=Kind.RELEASE,
    expires_at=datetime(2027, 6, 1, tzinfo=UTC),
    budget_queries=0,
    budget_ms=1,
)
