"""An order's whole life, played at random: buyers, payment page, webhooks, worker and crashes in any order.

A Hypothesis state machine over the real actions, a real Postgres and the fake Stripe behind the real SDK. After
every step the ledger must be clean. At the end webhooks stay away, the worker does its duties with the clock beyond
every expiry, and then nothing may be open, nobody may have paid without tickets or the money back (by the
provider's own books), and each quota's units must be exactly those of the complete orders.

A crash is a `Died` raised before the n-th statement of an act, so between any two statements and between any
statement and the outside call beside it; an answer that is lost on the way is the fake's `drop_next`.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail as outbox
from django.db import connection, transaction
from django.utils.timezone import now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from checkout import ledger
from checkout.actions import availability, holds, mail, numbers, orders, payments, refunds
from checkout.actions.orders import Details
from checkout.choice import Line
from checkout.models import Mail, Order, Payment, PaymentState, Refund, RefundState, State
from checkout.models.orders import OPEN_STATES
from checkout.providers import provider
from checkout.providers.protocol import ProviderRefused, ProviderUnavailable
from checkout.reconcile import reconcile
from events.models import Event, Stock, TicketType
from fakestripe import FakeStripe
from tests.buyers import ADA, COMMITTED, NOON
from tests.checkout import recount
from tests.checkout.payers import post_event
from tests.makers import make_event, make_quota, make_ticket_type

# Derandomized, so that a red build is about the change and not about the dice. For a long search set
# `derandomize=False` and some thousand examples.
EXAMPLES, STEPS, MOST_ORDERS, MOST_STATEMENTS = 40, 30, 4, 12
GRACE = Details("Grace Hopper", "grace@example.com", {1: "Grace"})

TABLES = (
    "checkout_number", "checkout_counted", "checkout_numbersmark",
    "checkout_mail", "checkout_refund", "checkout_payment", "checkout_webhookreceipt", "checkout_orderevent",
    "checkout_ticket", "checkout_order", "events_draw", "events_stock", "events_quota", "events_tickettype",
    "events_event",
)  # fmt: skip
REFUSALS = (
    holds.Refused, holds.CannotRenew, orders.NotOpen, orders.NotFree, payments.NothingToPay, payments.AlreadyPaid,
    ProviderUnavailable, ProviderRefused,
)  # fmt: skip
EXPIRE = "POST /v1/checkout/sessions/"


class Died(BaseException):
    """The process ended in the middle of what it was doing."""


class NoSuchOrder(Exception):
    """No order is in a state for this."""


@contextmanager
def mortal(dies_before: int | None) -> Iterator[None]:
    """Let what runs inside die before its n-th statement, counted from 1; not at all for None."""
    left = dies_before or 0

    def count(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Died
        return execute(*statement)

    with connection.execute_wrapper(count):
        yield


# How an act goes: mostly well; or the process dies in it; or the provider is in trouble meanwhile.
DEATHS = st.one_of(st.none(), st.none(), st.none(), st.integers(min_value=1, max_value=MOST_STATEMENTS))
TROUBLES = st.sampled_from(["none", "none", "none", "none", "none", "lost", "broken", "down", "refusing"])
PICKS = st.integers(min_value=0, max_value=15)
DUTIES: dict[str, Callable[[datetime], object]] = {
    "sweep": lambda at: holds.sweep(now=at, most=3),
    "settle": lambda at: settle(at),  # noqa: PLW0108  -- defined below
    "refund": lambda at: refunds.drain(now=at),
    "mail": lambda at: mail.drain(now=at),
    "words": lambda at: availability.refresh(),
    "numbers": lambda at: numbers.count(most=4),
    "reconcile": lambda at: reconcile(since=NOON, now=at),
}


def when(*states: str) -> Any:
    """A rule for orders in these states: it runs only while there is one."""
    return precondition(lambda self: any(state in states for state in self.states.values()))


def settle(at: datetime) -> int:
    """Settling goes through the orders in any order: in one that is the same whenever an example is played again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0)")
    return payments.settle_overdue(now=at)


class OrderLife(RuleBasedStateMachine):
    """One event with few places, some buyers, and everything that can happen to their orders."""

    stripe: FakeStripe

    # The stage

    @initialize()
    def open_shop(self) -> None:
        self.travel = time_machine.travel(NOON, tick=True)
        self.clock = self.travel.start()
        self.states: dict[str, str] = {}  # each order's, by its token, as of the last step
        self.free: set[str] = set()
        self.owes_refunds = False
        self.shown: list[str] = []  # the payment pages that buyers have seen,
        self.lied_about: set[str] = set()  # and those of which the provider said that they were closed
        self.event = empty_and_make_event()
        self.stripe.reset()
        self.stripe.hold_webhooks()
        outbox.outbox.clear()
        for kind, quantity in ((1, 2), (0, 1)):
            self.hold(kind, quantity, None)
        self.ledger_is_clean()
        self.press_pay(2, None, None, "none", "leave")
        self.ledger_is_clean()

    def perform(self, act: Callable[[], object], *, dies: int | None = None, trouble: str = "none") -> object:
        """Do something, perhaps badly; answers what it answered, or how it ended."""
        self.cause(trouble)
        try:
            with mortal(dies):
                return act()
        except REFUSALS as refusal:
            return refusal
        except Died as died:
            connection.close()
            return died
        finally:
            self.stripe.clear_faults()

    def cause(self, trouble: str) -> None:
        if trouble == "lost":
            self.stripe.drop_next(3)
        elif trouble == "broken":
            self.stripe.fail_next(1, status=500)
        elif trouble == "down":
            self.stripe.fail_next(3, status=503)
        elif trouble == "refusing":
            self.stripe.fail_next(1, status=400, only=EXPIRE)

    def order(self, pick: int, *states: str) -> Order:
        """One of the orders in these states, and now and then one that is in another. Raises NoSuchOrder."""
        fitting = [token for token, state in self.states.items() if state in states]
        among = list(self.states) if pick == 0 else fitting
        if not among:
            raise NoSuchOrder
        return Order.objects.select_related("event").get(token=among[pick % len(among)])

    # What buyers do

    @precondition(lambda self: len(self.states) < MOST_ORDERS)
    @rule(kind=st.integers(0, 2), quantity=st.integers(1, 2), dies=DEATHS)
    def hold(self, kind: int, quantity: int, dies: int | None) -> None:
        ticket_type = TicketType.objects.order_by("pk")[kind]
        line = Line(ticket_type.slug, quantity, None)
        ended = self.perform(
            lambda: holds.take(event_id=self.event.pk, lines=[line], secret="", key=uuid.uuid4(), now=now()), dies=dies
        )
        if isinstance(ended, holds.Refused):
            assert left_of(ticket_type) < quantity

    @when(State.EXPIRED, State.CANCELLED)
    @rule(pick=PICKS, dies=DEATHS)
    def hold_again(self, pick: int, dies: int | None) -> None:
        order = self.order(pick, State.EXPIRED, State.CANCELLED)
        if not (order.is_open or order.is_complete):
            self.perform(lambda: holds.take_again(order=order, now=now()), dies=dies)

    @when(State.HELD)
    @rule(pick=PICKS, dies=DEATHS)
    def renew(self, pick: int, dies: int | None) -> None:
        order = self.order(pick, State.HELD)
        may = order.state == State.HELD and order.renewals_left > 0
        ended = self.perform(lambda: holds.renew(order=order, now=now()), dies=dies)
        assert isinstance(ended, Died) or may == (ended is None)

    @precondition(lambda self: any(self.states[token] == State.HELD for token in self.free))
    @rule(pick=PICKS, dies=DEATHS)
    def confirm(self, pick: int, dies: int | None) -> None:
        order = self.order(pick, State.HELD)
        may = order.state == State.HELD and order.is_free
        ended = self.perform(lambda: orders.complete_free(order=order, details=ADA, now=now()), dies=dies)
        assert isinstance(ended, Died) or may == (ended is None)

    @when(State.HELD, State.PAYING)
    @rule(
        pick=PICKS, who=st.sampled_from([None, ADA, GRACE]), dies=DEATHS, trouble=TROUBLES,
        outcome=st.sampled_from(["leave", "pay", "pay", "decline"]),
    )  # fmt: skip
    def press_pay(self, pick: int, who: Details | None, dies: int | None, trouble: str, outcome: str) -> None:
        order = self.order(pick, State.HELD, State.PAYING)
        may = order.is_open or order.state == State.EXPIRED
        if who or not order.has_buyer:
            ended = self.perform(lambda: orders.record_details(order=order, details=who or ADA), dies=dies)
            assert isinstance(ended, Died) or may == (ended is None)
        opened = self.perform(lambda: payments.begin(order=order, now=now()), dies=dies, trouble=trouble)
        if isinstance(opened, Payment):
            assert opened.session_url.endswith(str(opened.session_id))
            self.shown.append(str(opened.session_id))
            self.pay_or_not(str(opened.session_id), outcome)

    @precondition(lambda self: self.shown)
    @rule(pick=PICKS, outcome=st.sampled_from(["pay", "decline"]))
    def use_payment_page(self, pick: int, outcome: str) -> None:
        self.pay_or_not(self.shown[-1 - pick % len(self.shown)], outcome)

    def pay_or_not(self, session_id: str, outcome: str) -> None:
        if outcome != "leave" and self.stripe.session(session_id)["status"] == "open":
            getattr(self.stripe, outcome)(session_id)

    @when(State.PAYING)
    @rule(pick=PICKS, dies=DEATHS, trouble=TROUBLES)
    def come_back(self, pick: int, dies: int | None, trouble: str) -> None:
        order = self.order(pick, State.PAYING)
        self.perform(lambda: payments.look(order=order, now=now()), dies=dies, trouble=trouble)

    @when(State.PAYING)
    @rule(pick=PICKS, dies=DEATHS, trouble=TROUBLES)
    def cancel(self, pick: int, dies: int | None, trouble: str) -> None:
        order = self.order(pick, State.PAYING)
        ended = self.perform(
            lambda: payments.settle(order=order, to=State.CANCELLED, by="buyer", now=now()), dies=dies, trouble=trouble
        )
        if ended is None:
            assert Order.objects.get(pk=order.pk).state == State.CANCELLED

    # What the organiser does, and what nobody should

    @when(State.COMPLETE)
    @rule(pick=PICKS, back_on_sale=st.booleans(), dies=DEATHS)
    def void_and_refund(self, pick: int, back_on_sale: bool, dies: int | None) -> None:
        order = self.order(pick, State.COMPLETE)
        may = order.is_complete
        ended = self.perform(lambda: void_in_full(order, back_on_sale), dies=dies)
        assert isinstance(ended, Died) or may == (ended is None)

    @when(State.PAYING)
    @rule(pick=PICKS, outcome=st.sampled_from(["leave", "pay", "pay"]))
    def hear_wrongly_that_no_money_will_come(self, pick: int, outcome: str) -> None:
        """The provider says that a page is closed, and takes money there all the same: the way to a late payment."""
        order = self.order(pick, State.PAYING)
        opened = order.payments.filter(state=PaymentState.OPEN).first()
        if opened and opened.session_id:
            self.lied_about.add(opened.session_id)
            session = provider().retrieve(opened.session_id)
            payments.fulfil(session=replace(session, status="expired"), by="webhook", now=now())
            self.perform(lambda: orders.close(order=order, to=State.EXPIRED, by="system", now=now()))
            self.pay_or_not(opened.session_id, outcome)

    # What happens around them

    @precondition(lambda self: self.stripe.events())
    @rule(which=PICKS, times=st.integers(1, 2), dies=DEATHS)
    def deliver_webhook(self, which: int, times: int, dies: int | None) -> None:
        events = self.stripe.events()
        for _ in range(times if events else 0):
            answer = self.perform(lambda: post_event(events[-1 - which % len(events)]).status_code, dies=dies)
            assert isinstance(answer, Died) or answer == 200

    @precondition(lambda self: self.states)
    @rule(minutes=st.sampled_from([1, 6, 16, 35, 61]))
    def wait(self, minutes: int) -> None:
        self.clock.shift(timedelta(minutes=minutes))

    @precondition(lambda self: self.states)
    @rule(duty=st.sampled_from(sorted(DUTIES)), dies=DEATHS, trouble=TROUBLES)
    def work(self, duty: str, dies: int | None, trouble: str) -> None:
        self.perform(lambda: DUTIES[duty](now()), dies=dies, trouble=trouble)

    @when(State.PAYING)
    @rule(dies=DEATHS, trouble=TROUBLES)
    def settle_after_a_while(self, dies: int | None, trouble: str) -> None:
        self.clock.shift(timedelta(minutes=17))
        self.work("settle", dies, trouble)

    @precondition(lambda self: self.owes_refunds)
    @rule(dies=DEATHS, trouble=TROUBLES)
    def refund_after_a_while(self, dies: int | None, trouble: str) -> None:
        self.clock.shift(timedelta(minutes=17))
        self.work("refund", dies, trouble)

    @invariant()
    def ledger_is_clean(self) -> None:
        assert faults() == []
        found = list(Order.objects.order_by("pk").values_list("token", "state", "total_minor"))
        self.states = {token: state for token, state, _ in found}
        self.free = {token for token, _, total_minor in found if not total_minor}
        self.owes_refunds = Refund.objects.filter(state=RefundState.PENDING).exists()

    @invariant()
    def nobody_looks_at_a_payment_page_of_an_order_that_is_over(self) -> None:
        for session_id in self.shown:
            session = self.stripe.session(session_id)
            if session["status"] == "open" and session_id not in self.lied_about:
                assert self.states[session["metadata"]["order"]] == State.PAYING

    # How it must end

    def teardown(self) -> None:
        try:
            self.come_to_rest()
            self.audit()
            for event in reversed(self.stripe.events()):  # better late than never
                assert post_event(event).status_code == 200
            self.come_to_rest()
            self.audit()
        finally:
            self.travel.stop()
            connection.close()

    def come_to_rest(self) -> None:
        """Do all duties, with hours going by, until there is nothing to do; no webhook ever comes."""
        for _ in range(12):
            self.clock.shift(timedelta(hours=2))
            done = [
                DUTIES[duty](now()) for duty in ("sweep", "settle", "reconcile", "refund", "mail", "words", "numbers")
            ]
            if not any(done):
                return
        raise AssertionError(f"The duties never come to an end: {done}")

    def audit(self) -> None:
        """Our books against the provider's, order by order."""
        assert ledger.check() == ledger.Ledger([], [])
        assert not Order.objects.filter(state__in=OPEN_STATES).exists()
        assert not Payment.objects.filter(state__in=(PaymentState.OPENING, PaymentState.OPEN)).exists()
        assert not Refund.objects.exclude(state=RefundState.DONE).exists()
        assert not Mail.objects.filter(sent_at=None).exists()
        assert recount.kept(self.event) == recount.recounted(self.event)
        kept = money_kept(self.stripe)
        held: Counter[int] = Counter()
        for order in Order.objects.prefetch_related("tickets", "mail", "history"):
            assert kept[order.token] == (order.total_minor if order.is_complete else 0)
            self.audit_mail(order)
            for ticket in order.tickets.all() if order.is_complete else ():
                held.update(ticket.quota_ids)
        for stock in Stock.objects.all():
            assert stock.taken == held[stock.pk]

    def audit_mail(self, order: Order) -> None:
        """Who has tickets was sent them once; who paid for nothing, and whose order was voided, was told."""
        kinds = Counter(message.kind for message in order.mail.all())
        history = Counter(happened.kind for happened in order.history.all())
        assert kinds[Mail.Kind.TICKETS] + kinds[Mail.Kind.FOUND_TICKETS] == history["completed"]
        assert kinds[Mail.Kind.CANCELLED] == (history["completed"] and history["cancelled"])
        assert kinds[Mail.Kind.REFUNDED] + kinds[Mail.Kind.CANCELLED] >= (history["refunded"] > 0)


def faults() -> list[tuple[Any, ...]]:
    """What ledger.check() would find, as rows and without looking for what waits for a person: several times faster."""
    with connection.cursor() as cursor:
        return [row for statement, _ in ledger.CHECKS for row in cursor.execute(statement) or cursor.fetchall()]


def empty_and_make_event() -> Event:
    """A live event with five places in all, of which three may be eaten at: a paid ticket, a paid one with a meal
    and a free one. There is never enough, so that a late payment often finds its places gone."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608  -- our own names
        cursor.execute("SET session_replication_role = origin")
    event = make_event()
    site, meals = make_quota(event=event, capacity=5), make_quota(event=event, capacity=3)
    make_ticket_type(event=event, quotas=[site])
    make_ticket_type(event=event, quotas=[meals, site], price_minor=3500)
    make_ticket_type(event=event, quotas=[site], price_minor=0)
    return event


def left_of(ticket_type: TicketType) -> int:
    """How many could be had just now; a taker who was refused has swept what had lapsed."""
    return min(stock.left for stock in Stock.objects.filter(quota__ticket_types=ticket_type))


@transaction.atomic
def void_in_full(order: Order, back_on_sale: bool) -> None:
    """Void a complete order and claim all of its money back, as the organiser's page does: both or neither."""
    orders.void(order=order, by="ada", now=now(), back_on_sale=back_on_sale)
    for payment in order.payments.filter(state=PaymentState.PAID):
        if rest := payment.amount_minor - payment.refunded_minor:
            refunds.claim(
                payment=payment, amount_minor=rest, reason="Voided.", key=f"void-{payment.pk}", by="ada", now=now()
            )


def money_kept(stripe: FakeStripe) -> Counter[str]:
    """By the provider's books: what was paid and has not gone back, per order's token."""
    back = Counter[str]()
    for refund in stripe.refunds():
        back[refund["payment_intent"]] += refund["amount"]
    kept = Counter[str]()
    for session in stripe.sessions():
        if session["payment_status"] == "paid":
            kept[session["metadata"]["order"]] += session["amount_total"] - back[session["payment_intent"]]
    return kept


@pytest.fixture
def life(stripe: FakeStripe) -> OrderLife:
    """A life to be played by hand: two meals at their payment page, one ticket held."""
    OrderLife.stripe = stripe
    life = OrderLife()
    life.open_shop()
    return life


@COMMITTED
def test_order_lives_through_anything_with_a_clean_ledger(stripe: FakeStripe) -> None:
    OrderLife.stripe = stripe

    run_state_machine_as_test(
        OrderLife,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip


@COMMITTED
@pytest.mark.parametrize("dies", range(1, MOST_STATEMENTS + 1))
def test_order_survives_a_death_before_the_same_statement_of_every_act(life: OrderLife, dies: int) -> None:
    acts: list[Callable[[], None]] = [
        lambda: life.hold(2, 1, dies),
        lambda: life.press_pay(1, GRACE, dies, "none", "pay"),
        lambda: life.come_back(1, dies, "none"),
        lambda: life.deliver_webhook(0, 1, dies),
        lambda: life.hear_wrongly_that_no_money_will_come(1, "pay"),
        lambda: life.hold_again(1, dies),
        lambda: life.deliver_webhook(0, 2, dies),
        lambda: life.void_and_refund(1, True, dies),
        lambda: life.refund_after_a_while(dies, "none"),
        *(partial(life.work, duty, dies, "none") for duty in DUTIES),
        lambda: life.settle_after_a_while(dies, "none"),
    ]

    for act in acts:
        with suppress(NoSuchOrder):  # since an earlier act died
            act()
        life.ledger_is_clean()

    life.teardown()


@COMMITTED
def test_late_money_whose_places_are_gone_goes_back_once_though_the_answer_is_lost(life: OrderLife) -> None:
    life.hear_wrongly_that_no_money_will_come(1, "pay")
    for quantity in (2, 2):
        life.hold(0, quantity, None)
    life.deliver_webhook(0, 1, None)
    life.ledger_is_clean()

    for trouble in ("lost", "broken", "down", "none"):
        life.refund_after_a_while(None, trouble)

    assert [(refund["amount"], refund["status"]) for refund in life.stripe.refunds()] == [(7000, "succeeded")]
    assert Refund.objects.get().state == RefundState.DONE
    life.teardown()
