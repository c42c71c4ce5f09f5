"""Who walks through the big world: a browser, and the acts that bring an order to where a page is asked for."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, F
from django.test import Client
from django.utils.timezone import now

from accounts.models import Organiser
from checkout.actions import holds, orders, payments, test_mode
from checkout.choice import Line
from checkout.models import Order, State
from events import facts, pages
from events.models import Code, CodeUse, Event, QuestionKind, Stock, TicketType
from fakestripe import FakeStripe
from flags.models import Flag
from tests.buyers import ADA, make_complete_order
from tests.checkout.payers import again
from tests.makers import make_event, make_quota, make_ticket_type
from tests.plans.watching import Watch
from tests.questions import make_question

VISITED = 6  # events 1 to 6 of the world: 1,000, 300 and four times 5 ticket types, free and paid in turn
FREE, PAID = "type-1", "type-2"


@dataclass
class Guide:
    """One walk. `n` counts its rounds, so that each visits another event; what is only prepared is not watched.

    `costs` has the number of statements of each request so far; `is_cold` forgets all copies before each.
    """

    watch: Watch
    stripe: FakeStripe
    n: int = 0
    is_cold: bool = True
    costs: list[int] = field(default_factory=list)

    @cached_property
    def client(self) -> Client:
        return Client()

    @property
    def event_id(self) -> int:
        return 1 + self.n % VISITED

    @property
    def event_path(self) -> str:
        return f"/organiser-{self.event_id}/event-{self.event_id}/"

    @property
    def secret(self) -> str:
        """What opens the event's fourth ticket type."""
        return f"secret-{self.event_id}-4"

    def get(self, path: str, status: int = 200) -> None:
        self.ask(lambda: self.client.get(path), status)

    def post(self, path: str, form: Mapping[str, str], status: int = 303) -> None:
        self.ask(lambda: self.client.post(path, form), status)

    def ask(self, send: Callable[[], Any], status: int) -> None:
        """Send a request and count what it asks of the database."""
        if self.is_cold:
            forget_all()
        self.costs.append(0)
        with connection.execute_wrapper(self._count):
            response = send()
            b"".join(response)  # read to its end, so that a file is closed
        assert response.status_code == status, response.request["PATH_INFO"]

    def _count(self, execute: Any, statement: str, *rest: Any) -> Any:
        self.costs[-1] += not statement.startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))
        return execute(statement, *rest)

    def held(self, slug: str = FREE, *, event_id: int | None = None) -> Order:
        """A new order of the event that this round visits, or of this one."""
        with self.watch.at(""):
            lines = [Line(slug, 2, None)]
            token = holds.take(event_id=event_id or self.event_id, lines=lines, secret="", key=uuid.uuid4(), now=now())
            return Order.objects.select_related("event__organiser").get(token=token)

    def reviewed(self) -> Order:
        """Held, to be paid, with its buyer's name."""
        order = self.held(PAID)
        with self.watch.at(""):
            orders.record_details(order=order, details=ADA)
            return again(order)

    def paying(self, *, paid: bool = False) -> Order:
        """Its payment page is open, or was paid a moment ago and we have not heard of it."""
        order = self.reviewed()
        with self.watch.at(""):
            session_id = payments.begin(order=order, now=now()).session_id
            if paid and session_id:
                self.stripe.pay(session_id)
            return again(order)

    def complete(self) -> Order:
        order = self.held()
        with self.watch.at(""):
            orders.complete_free(order=order, details=ADA, now=now())
            return again(order)

    def expired(self, order: Order | None = None) -> Order:
        order = order or self.held(PAID)
        with self.watch.at(""):
            orders.close(order=order, to=State.EXPIRED, by="system", now=now())
            return again(order)

    def voided(self) -> Order:
        """One of the world's that was paid, cancelled and paid back."""
        with self.watch.at(""):
            found = Order.objects.filter(state=State.CANCELLED, payments__refunded_minor__gt=0).order_by("pk")
            return found[self.n]

    def asked(self) -> tuple[Order, int, int]:
        """A complete order of an event that asks for a diet and a file, and the numbers of both questions."""
        with self.watch.at(""):
            event = make_event()
            diet, proof = make_question(event, label="Diet"), make_question(event, QuestionKind.FILE, label="Proof")
            order = make_complete_order(event, quantity=2, now=now())
            return again(order), diet.pk, proof.pk

    def code(self) -> str:
        """A code of the event that this round visits, of which nobody else's uses are."""
        with self.watch.at(""):
            only = list(TicketType.objects.filter(event=self.event_id, slug=PAID).values_list("pk", flat=True))
            terms = {"percent": 50, "ticket_type_ids": only}
            made = Code.objects.get_or_create(event_id=self.event_id, text=f"GUIDE-{self.n}", defaults=terms)
            CodeUse.objects.get_or_create(code=made[0], defaults={"capacity": 1000})
        return made[0].text

    def tested(self, *, begun: bool = True) -> Event:
        """A new event of the organiser that this round visits, in test mode or about to be."""
        organiser = Organiser.objects.get(slug=self.event_path.split("/")[1])
        event = make_event(organiser=organiser, slug=f"tried-{uuid.uuid4().hex}")
        make_ticket_type(event=event, quotas=[make_quota(event=event)], slug=PAID)
        if begun:
            test_mode.begin(event=event, by=None, now=now())
        return Event.objects.select_related("organiser").get(pk=event.pk)

    def sold_out(self) -> TicketType:
        """A ticket type of the world of which nothing is left."""
        with self.watch.at(""):
            # Looked up first: where statistics are those of empty tables, Postgres joins both ways round for minutes.
            gone = list(
                Stock.objects.filter(taken=F("capacity"), quota__event__state="live", taken__gt=0)
                .order_by("quota")
                .values_list("quota", flat=True)[:50]
            )
            return TicketType.objects.filter(quotas__in=gone, secret=False).select_related("event__organiser")[self.n]

    def gone(self) -> TicketType:
        """The one of an event that is sold out and has a waiting list."""
        with self.watch.at(""):
            Flag.objects.get_or_create(name="waiting-list", defaults={"stage": "general"})
            ahead = Event.objects.filter(state="live", ends_at__gt=now()).exclude(pk=self.event_id)
            small = ahead.annotate(types=Count("ticket_types")).filter(types=1).order_by("-pk")[self.n]
            small.ticket_types.update(availability="sold_out")
            return small.ticket_types.select_related("event__organiser").get()

    def bring_back(self, gone: TicketType) -> None:
        """There are tickets of it again, in words."""
        with self.watch.at(""):
            TicketType.objects.filter(pk=gone.pk).update(availability="plenty")


def forget_all() -> None:
    """As a process that has just started, before an empty Redis."""
    facts.forget()
    pages.forget()
    cache.clear()


def path_of(order: Order, what: str = "") -> str:
    return f"{order.get_absolute_url()}{what}"


def ada(**more: Any) -> dict[str, str]:
    """Ada's answers on the details page."""
    return {"full_name": ADA.full_name, "email": ADA.email, **more}
