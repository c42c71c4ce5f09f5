"""The checkout's features under flags (docs/operators/flags.md)."""

from datetime import UTC, datetime

from flags.models import Kind
from flags.registry import declare

declare(
    name="express-checkout",
    owner="ada@example.com",
    purpose="Details and confirmation on one page for free orders.",
    kind=Kind.RELEASE,
    expires_at=datetime(2027, 6, 1, tzinfo=UTC),
    budget_queries=1,
    budget_ms=10,
)
