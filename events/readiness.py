"""What keeps an event from being published. Rooms above add rules of their own for what is not known here.

Pages say the same reasons, with where each is mended (organise/readiness.py); the act that publishes is the judge
(events/actions/events.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts.models import StripeAccount
from events.models import Event, Kind, TicketType


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is missing, in a sentence. `code` names it for pages."""

    code: str
    said: str


Rule = Callable[[Event, datetime], Iterable[Reason]]
_rules: Final[list[Rule]] = []


def rule(judge: Rule) -> Rule:
    """Have this asked, too, before an event is published. It must be cheap, and speak to nobody outside."""
    _rules.append(judge)
    return judge


def missing(event: Event, *, now: datetime) -> list[Reason]:
    """All that keeps it from being published, in the order in which it is mended. A handful of queries."""
    return [reason for judge in _rules for reason in judge(event, now)]


def payments_are_connected(event: Event) -> bool:
    """Whether money for this event's paid tickets has somewhere to go: in test mode it is play money."""
    if event.is_test or settings.STRIPE_SECRET_KEY:
        return True
    return StripeAccount.objects.current().filter(organiser=event.organiser_id).exists()


@rule
def _has_not_ended(event: Event, now: datetime) -> Iterable[Reason]:
    if event.ends_at <= now:
        yield Reason("times", "The event is over. Give it a date that is still to come.")


@rule
def _sells_something(event: Event, now: datetime) -> Iterable[Reason]:
    listed = TicketType.objects.filter(event=event, is_hidden=False)
    if not listed.exists():
        yield Reason("tickets", "There is no ticket type yet. Add at least one, free or paid.")
    elif not listed.filter(Q(sale_ends_at=None) | Q(sale_ends_at__gt=now)).exists():
        yield Reason("tickets", "No ticket type is on sale, now or later: all sales have ended.")


@rule
def _quotas_have_room(event: Event, now: datetime) -> Iterable[Reason]:
    drawn_on = event.quotas.filter(draws__ticket_type__is_hidden=False, stock__capacity=0).distinct()
    for quota in drawn_on[:10]:
        yield Reason("quotas", f"The quota “{quota.name}” has no capacity, so nothing that draws on it can be sold.")


@rule
def _money_has_somewhere_to_go(event: Event, now: datetime) -> Iterable[Reason]:
    paid = TicketType.objects.filter(event=event, is_hidden=False).exclude(kind=Kind.FREE)
    if paid.exists() and not payments_are_connected(event):
        yield Reason("payments", "There are paid tickets, and no payments are connected.")
