"""The flags over features of this room that are in development: docs/operators/flags.md."""

from datetime import UTC, datetime

from flags.models import Kind
from flags.registry import declare

declare(
    name="waiting-list",
    owner="product@tito.example.org",
    purpose="Join a waiting list when everything is sold out, and hear when tickets come back.",
    kind=Kind.RELEASE,
    expires_at=datetime(2027, 5, 31, tzinfo=UTC),
    budget_queries=2,  # one when the page is made, one when somebody joins; a request may have to do both
    budget_ms=25,  # measured, on two cores with five times the load they can carry: 6 to 8 each, 18 at the worst
)
