"""Test mode: sold with play money, found by its link alone, and nothing left of it at its end."""

from typing import Any

import pytest
from django.apps import apps
from django.core import mail as outbox
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils.timezone import now

from accounts.models import LogEntry
from checkout import ledger
from checkout.actions import holds, mail, orders, payments, refunds, test_mode
from checkout.calendar import event_calendar
from checkout.models import Order, OrderEvent, Payment, PretendPayment, State
from checkout.providers import PLAY, provider_for
from checkout.queries import order_view
from events.models import Event, Stock
from events.models import State as EventState
from fakestripe import FakeStripe
from kit import sql
from tests.buyers import ADA, COMMITTED, make_complete_order, make_held_order, race, take_hold
from tests.checkout.accounts import Stripes, connect
from tests.checkout.payers import again, come_back, make_order_to_pay, page_of, payment_of, press_pay
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type, make_user

BANNER = "no money moves and no ticket is valid"
# What the walk leaves on purpose: the log says that there was a test.
STAYS = {"LogEntry"}


def make_tested(**over: Any) -> Event:
    """An event in test mode."""
    event = make_event(**over)
    test_mode.begin(event=event, by=make_user(), now=now())
    event.refresh_from_db()
    return event


def press(order: Order, button: str) -> str:
    """A button on the pretended payment page; answers where it leads."""
    answer = Client().post(f"{order.get_absolute_url()}pretend-payment/", {"button": button})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def buy(event: Event) -> Order:
    """A test order that was paid, with its page visited as a buyer would."""
    order = make_order_to_pay(event)
    press_pay(order)
    press(order, "pay")
    come_back(order)
    return again(order)


def rows() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count() for model in apps.get_models() if model.__name__ not in STAYS
    }


@COMMITTED
def test_draft_in_test_mode_is_reached_by_its_link_and_listed_nowhere(client: Client) -> None:
    event = make_tested(state=EventState.DRAFT, title="Quiet rehearsal of friends")

    page = client.get(event.get_absolute_url())
    lists = [client.get(path).content.decode() for path in ("/", f"/{event.organiser.slug}/")]

    assert page.status_code == 200
    assert BANNER in page.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in page.content.decode()
    assert [event.title in text for text in lists] == [False, False]
    assert "Set-Cookie" not in page.headers


@COMMITTED
def test_order_is_bought_with_play_money_and_every_page_of_it_says_so(client: Client, stripe: FakeStripe) -> None:
    order = make_order_to_pay(make_tested())
    pages = [page_of(order)]

    pressed = press_pay(order)
    pages.append(client.get(f"{order.get_absolute_url()}pretend-payment/").content.decode())
    led_to = press(order, "pay")
    come_back(order)
    pages += [page_of(order), client.get(f"/tickets/{order.tickets.get().code}/").content.decode()]

    assert pressed.headers["Location"] == f"{order.get_absolute_url()}pretend-payment/"
    assert led_to == f"{order.get_absolute_url()}return/"
    assert again(order).state == State.COMPLETE
    assert [BANNER in page for page in pages] == [True] * 4
    assert stripe.sessions() == []
    assert ledger.check().is_clean


@COMMITTED
def test_declined_card_is_back_on_the_review_page_with_the_hold_running() -> None:
    order = make_order_to_pay(make_tested())
    press_pay(order)

    press(order, "decline")
    come_back(order)
    page = page_of(order)
    press_pay(order)
    press(order, "pay")
    come_back(order)

    assert "The card was declined, because you pressed Decline." in page
    assert again(order).state == State.COMPLETE
    assert Payment.objects.filter(order=order).count() == 1


@COMMITTED
def test_going_back_and_coming_too_late_charge_nothing() -> None:
    order = make_order_to_pay(make_tested())
    press_pay(order)

    led_to = press(order, "back")
    payments.settle(order=order, to=State.EXPIRED, by="system", now=now())
    late = press(order, "pay")
    come_back(order)

    assert (led_to, late) == (order.get_absolute_url(), f"{order.get_absolute_url()}return/")
    assert (again(order).state, PretendPayment.objects.get().state) == (State.EXPIRED, "expired")


@COMMITTED
def test_refund_of_play_money_goes_nowhere() -> None:
    order = buy(make_tested())

    refunds.claim(payment=payment_of(order), amount_minor=400, reason="", key="back", by="staff", now=now())
    refunds.drain(now=now())

    assert payment_of(order).refunds.get().provider_reference == "play_refund_back"


@COMMITTED
def test_mail_calendar_and_pdf_say_test(client: Client) -> None:
    order = buy(make_tested(title="Autumn"))

    mail.drain(now=now())
    view = order_view(order.token, now=now())

    assert view is not None
    assert [one.subject for one in outbox.outbox] == [f"[Test] Autumn: your tickets ({order.reference})"]
    assert str(outbox.outbox[0].body).startswith("TEST MODE: no money moves")
    assert b"SUMMARY:[Test] Autumn" in event_calendar(view.event, order_url="x", uid="y", now=now())
    assert client.get(f"{order.get_absolute_url()}tickets.pdf").content[:5] == b"%PDF-"


@COMMITTED
def test_end_leaves_no_row_of_the_test_and_all_of_its_stock() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event=event, quotas=[make_quota(event=event, capacity=10)])
    staff, before = make_user(), rows()
    test_mode.begin(event=event, by=staff, now=now())
    event = Event.objects.select_related("organiser").get(pk=event.pk)
    bought, held, void = (take_hold((ticket_type, 2), now=now()) for _ in range(3))
    for order in (bought, void):
        orders.record_details(order=order, details=ADA)
        press_pay(again(order))
        press(order, "pay")
        come_back(order)
    refunds.claim(payment=payment_of(bought), amount_minor=5, reason="", key="r", by="staff", now=now())
    orders.void(order=again(void), by="staff", now=now(), back_on_sale=False)
    told = test_mode.left(event=event)

    removed = test_mode.end(event=event, by=staff, now=now())

    event.refresh_from_db()
    stock = Stock.objects.get(quota__event=event)
    assert (removed, told.orders, told.complete, told.tickets) == (3, 3, 1, 2)
    assert rows() == before
    assert (event.is_test, event.state) == (False, EventState.DRAFT)
    assert (stock.capacity, stock.taken) == (10, 0)
    assert ledger.check().is_clean
    assert Client().get(held.get_absolute_url()).status_code == 404
    assert [line.kind for line in LogEntry.objects.order_by("pk")] == ["test-mode-begun", "test-mode-ended"]


@pytest.mark.django_db
def test_event_with_orders_cannot_be_tested_and_one_in_test_not_made_real() -> None:
    sold, tested = make_held_order().event, make_tested()
    make_held_order(tested)

    with pytest.raises(test_mode.HasOrders):
        test_mode.begin(event=sold, by=make_user(), now=now())
    for event, is_test in ((sold, True), (tested, False)):
        with pytest.raises(IntegrityError, match="test mode cannot change"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(is_test=is_test)
    with pytest.raises(test_mode.NotInTest):
        test_mode.end(event=sold, by=make_user(), now=now())


@pytest.mark.django_db
def test_database_lets_no_real_money_to_a_test_order_nor_play_money_to_another() -> None:
    tested, real = make_held_order(make_tested()), make_held_order()
    facts = {"attempt": 1, "amount_minor": 1000, "currency": "GBP", "created_at": now(), "state": "open"}

    for order, session_id in ((tested, "cs_live_1"), (real, "play_1")):
        with pytest.raises(DatabaseError, match="paid with play money"), transaction.atomic():
            order.payments.create(session_id=session_id, **facts)
        payment = order.payments.create(session_id=None, **facts | {"state": "opening"})
        with pytest.raises(DatabaseError, match="paid with play money"), transaction.atomic():
            Payment.objects.filter(pk=payment.pk).update(session_id=session_id)


@pytest.mark.django_db
def test_history_of_real_orders_stays_append_only() -> None:
    order = make_complete_order()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        OrderEvent.objects.filter(order=order).delete()
    with pytest.raises(IntegrityError, match="nor in test mode"), transaction.atomic():
        sql.value(test_mode.REMOVE, (order.event_id,))


@COMMITTED
def test_organisers_own_account_is_not_asked_in_test_mode(stripes: Stripes) -> None:
    event = make_event()
    connect(event.organiser)
    test_mode.begin(event=event, by=make_user(), now=now())
    event = Event.objects.select_related("organiser").get(pk=event.pk)

    order = buy(event)

    assert provider_for(event) is PLAY
    assert (again(order).state, payment_of(order).account_id) == (State.COMPLETE, None)
    assert [fake.sessions() for fake in (stripes.site, stripes.own)] == [[], []]


@COMMITTED
def test_hold_that_races_the_end_is_either_removed_or_real() -> None:
    event = make_tested()
    ticket_type = make_ticket_type(event=event, quotas=[make_quota(event=event)])
    staff = make_user()

    raced = race(
        *[lambda: take_hold((ticket_type, 1), now=now())] * 6,
        lambda: test_mode.end(event=event, by=staff, now=now()),
    )

    event.refresh_from_db()
    assert event.is_test is False
    assert {type(one) for one in raced[:-1]} <= {Order, holds.NotSelling, Order.DoesNotExist}
    assert Order.objects.filter(event=event).count() == 0
    assert raced[-1] in range(7)
    assert ledger.check().is_clean


@pytest.mark.django_db
def test_pretended_payment_page_exists_in_test_mode_only(client: Client) -> None:
    order = make_held_order(make_event(organiser=make_organiser()))

    assert client.get(f"{order.get_absolute_url()}pretend-payment/").status_code == 404
    assert client.post(f"{order.get_absolute_url()}pretend-payment/", {"button": "pay"}).status_code == 404
