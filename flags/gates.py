"""The gates: what stands in the way of turning a flag on that is not general yet.

They look at release and operations flags in trial or beta. A draft is off whatever is granted; general, permission and
unstaged flags are for everybody or for whoever they were given to, and not on trial.
"""

from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from flags import shapes
from flags.models import Evidence, Flag, Kind, Stage
from flags.models.grants import Recipient
from flags.shapes import Shape

ON_TRIAL: Final = Q(stage__in=[Stage.TRIAL, Stage.BETA]) & ~Q(kind=Kind.PERMISSION)
NO_EVIDENCE: Final = "There is no evidence for it: nothing shows that it holds on an event of any size."


class Refused(Exception):
    """A gate stands in the way; `refusals` says why, a sentence each."""

    def __init__(self, refusals: list[str]) -> None:
        super().__init__(" ".join(refusals))
        self.refusals = refusals


def refusals(*, flag: Any, to: Recipient, now: datetime) -> list[str]:
    """Why this flag is not turned on for them now, a sentence each; empty if it may be. Two queries at most.

    Of an organiser all events count that are not over: the largest, and the one that goes on sale next.
    """
    if not applies_to(flag):
        return []
    tried: Any = with_trials(Flag.objects.filter(pk=flag.pk)).get()
    events = shapes.of(to, now=now)
    largest = max(events, key=lambda event: event.ticket_types, default=None)
    return [why for why in (unproven(largest, tried.tried_with, tried.failed_in), _opens_soon(events)) if why]


def with_trials(flags: "QuerySet[Any]") -> "QuerySet[Any]":
    """These flags, each with `tried_with`, the most ticket types of any rehearsal that still proves it, or None; and
    `failed_in`, the last rehearsal that it did not bear and has not borne since, or None."""
    of_it = Evidence.objects.filter(flag=OuterRef("pk"))
    with_both: QuerySet[Any] = flags.annotate(
        tried_with=Subquery(of_it.proofs().order_by("-ticket_types").values("ticket_types")[:1]),
        failed_in=Subquery(of_it.unanswered().order_by("-at", "-pk").values("rehearsal")[:1]),
    )
    return with_both


def applies_to(flag: Any) -> bool:
    """The same as ON_TRIAL, of one flag."""
    return flag.stage in {Stage.TRIAL, Stage.BETA} and flag.kind != Kind.PERMISSION


def unproven(event: Shape | None, tried_with: int | None, failed_in: str | None = None) -> str:
    """Why nothing shows that a flag holds on this event, or nothing; the two others are those of `with_trials`."""
    failed = f" It failed in {failed_in}, and has not been proven since." if failed_in else ""
    if tried_with is None:
        return failed.strip() or NO_EVIDENCE
    if event is None or event.ticket_types <= tried_with:
        return ""
    return f"{event.title} has {event.ticket_types:,} ticket types; it was tried with {tried_with:,} at most.{failed}"


def _opens_soon(events: list[Shape]) -> str:
    openings = [(event.opens_at, event.event_id, event) for event in events if event.opens_at]
    if not openings:
        return ""
    at, _, event = min(openings)
    return f"{event.title} goes on sale on {event.moment(at)}, within 48 hours."
