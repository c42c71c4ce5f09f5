"""Every address of the organiser's pages, with a value for each of its keywords; and people who try them.

A keyword without a maker here fails the walk of test_walls.py.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from django.test import Client
from django.urls import URLPattern
from django.utils.timezone import now

from accounts.actions import invitations
from accounts.models import Chosen, Invitation, Membership, Organiser, Role, StripeAccount, User
from checkout.actions import jobs, refunds
from checkout.models import Answer, AnswerFile, Export, Job, Order, Refund
from events.models import Event, Question, QuestionKind
from organise.doors import Door
from organise.urls import urlpatterns
from surge.models import RehearsalRun, RunState
from tests.buyers import make_complete_order
from tests.checkout.sold import make_paid_order
from tests.makers import make_code, make_quota, make_ticket_type, make_user
from tests.questions import make_png, make_question

KEYWORD: Final = re.compile(r"<(?:\w+:)?(\w+)>")


def make_rehearsal(event: Event) -> RehearsalRun:
    at = datetime(2030, 5, 1, tzinfo=UTC)
    return RehearsalRun.objects.create(event=event, state=RunState.FAILED, started_at=at, ended_at=at, commit="0123abc")


def make_export(event: Event) -> Export:
    at = datetime(2030, 5, 1, tzinfo=UTC)
    return Export.objects.create(
        event=event,
        asked_by=make_somebody(),
        key=uuid.uuid4(),
        kind="orders",
        created_at=at,
        next_attempt_at=at,
        ready_at=at,
    )


def make_order(event: Event) -> Order:
    """A paid one, with a refund that failed, a mail that failed, and a job over it."""
    order = make_paid_order(event)
    payment, person, at = order.payments.get(), make_user(), datetime(2030, 5, 1, tzinfo=UTC)
    refunds.claim(payment=payment, amount_minor=1, reason="", key=f"place-{order.pk}", by="staff", now=at)
    Refund.objects.filter(payment=payment).update(state="failed", last_error="No money.")
    order.mail.update(failed_at=at, last_error="550 no such user")
    jobs.start(event=event, plan=jobs.Plan(Job.Kind.RESEND, uuid.uuid4(), [order.pk]), by=person, now=at)
    return order


def order_of(event: Event) -> Order:
    return Order.objects.filter(event=event, payments__refunded_minor=1).first() or make_order(event)


def make_retired_account(organiser: Organiser) -> StripeAccount:
    at = datetime(2030, 5, 1, tzinfo=UTC)
    account = StripeAccount(
        organiser=organiser, stripe_id="acct_1", is_live=False, created_at=at, checked_at=at, retired_at=at
    )
    account.seal(secret_key="sk_test_0123456789")
    account.save()
    return account


def make_somebody() -> User:
    """Whom there is also room for in the big world of tests/plans, which has numbered people of its own."""
    return make_user(email=f"{uuid4().hex}@example.com")


def make_invitation(event: Event) -> Invitation:
    by = make_somebody()
    return invitations.invite(
        organiser=event.organiser, email=f"asked-{by.email}", role=Role.MANAGER, events=None, by=by, now=now()
    ).invitation


def make_file_answer(event: Event) -> Answer:
    """A file that somebody has answered with."""
    question = make_question(event, QuestionKind.FILE)
    order = make_complete_order(event)
    answer = Answer.objects.create(
        order=order, ticket=order.tickets.get(), question=question, version=question.versions.get(),
        texts=["proof.png"], answered_at=order.created_at,
    )  # fmt: skip
    AnswerFile.objects.create(
        answer=answer, name="proof.png", content_type="image/png", content=make_png().read()
    )  # fmt: skip
    return answer


# By keyword: what stands there for an event, made as the address wants it. Must be safe to call for several events.
MAKERS: Final[Mapping[str, Callable[[Event], object]]] = {
    "organiser_slug": lambda event: event.organiser.slug,
    "account_id": lambda event: make_retired_account(event.organiser).pk,
    "event_slug": lambda event: event.slug,
    "type_slug": lambda event: (event.ticket_types.first() or make_ticket_type(event=event)).slug,
    "quota_slug": lambda event: (event.quotas.first() or make_quota(event=event)).slug,
    "export_id": lambda event: make_export(event).pk,
    "schedule_id": lambda _: 1,
    "code_id": lambda event: (event.codes.first() or make_code(event=event)).pk,
    "member_id": lambda event: (
        Membership.objects.create(organiser=event.organiser, user=make_somebody(), role=Role.MANAGER).pk
    ),
    "invitation_id": lambda event: make_invitation(event).pk,
    "question_id": lambda event: (Question.objects.filter(event=event).first() or make_question(event)).pk,
    "answer_id": lambda event: make_file_answer(event).pk,
    "run_id": lambda event: (RehearsalRun.objects.filter(event=event).first() or make_rehearsal(event)).pk,
    "reference": lambda event: order_of(event).reference,
    "number": lambda event: 1,
    "refund_id": lambda event: Refund.objects.get(payment__order=order_of(event)).pk,
    "mail_id": lambda event: order_of(event).mail.all()[0].pk,
    "job_id": lambda event: order_of(event) and Job.objects.filter(event=event)[0].pk,
}


@dataclass(frozen=True, slots=True)
class Place:
    """One address, and what stands on its door. None for those of the person, which show nothing of any organiser."""

    path: str
    name: str
    door: Door | None


def places(event: Event) -> Iterator[Place]:
    """All of them, for this event."""
    made: dict[str, str] = {}
    for entry in urlpatterns:
        assert isinstance(entry, URLPattern)
        for word in KEYWORD.findall(str(entry.pattern)):
            made.setdefault(word, str(MAKERS[word](event)))
        path = "/organise/" + KEYWORD.sub(lambda found: made[found[1]], str(entry.pattern))
        door: Any = getattr(entry.callback, "door", None)
        yield Place(path, str(entry.name), door)


def guarded(event: Event) -> list[tuple[Place, Door]]:
    """Those of an organiser."""
    return [(place, place.door) for place in places(event) if place.door]


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def member(event: Event, role: str = Role.OWNER, *, only: Event | None = None) -> Client:
    """Signed in as one of the event's organiser; `only` limits them to one event."""
    membership = Membership.objects.create(
        organiser=event.organiser, user=make_user(), role=role, is_limited=only is not None
    )
    if only:
        Chosen.objects.create(membership=membership, event=only)
    return browser_of(membership.user)
