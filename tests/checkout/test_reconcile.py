"""The provider's books against ours: each way in which they can disagree, mended or reported, and then silence."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now

from checkout import ledger
from checkout.actions import orders, payments, refunds
from checkout.models import Order, PaymentState, State
from checkout.providers.protocol import ProviderUnavailable
from checkout.reconcile import Finding, reconcile
from fakestripe import FakeStripe
from tests.buyers import taken_of
from tests.checkout.payers import (
    CREATE,
    KEY,
    Webhooks,
    again,
    mail_of,
    make_order_to_pay,
    make_paying_order,
    payment_of,
    press_pay,
    session_of,
)
from tests.fakestripe.makers import make_session, open_client

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def compared() -> list[Finding]:
    return reconcile(since=now() - DAY, now=now())


def make_paid_order(stripe: FakeStripe, webhooks: Webhooks) -> Order:
    order = make_paying_order()
    stripe.pay(session_of(order))
    webhooks.carry()
    return order


def make_lost_page(stripe: FakeStripe) -> Order:
    """An order whose first page was opened and never heard of, and then given up, since the buyer had changed."""
    order = make_order_to_pay()
    stripe.drop_next(count=3, only=CREATE)
    with pytest.raises(ProviderUnavailable):
        payments.begin(order=order, now=now())
    Client().post(f"{order.get_absolute_url()}details/", {"full_name": "Ada L.", "email": "ada@new.example"})
    press_pay(order)
    press_pay(order)
    return order


def test_books_that_agree_are_left_alone(stripe: FakeStripe, webhooks: Webhooks) -> None:
    make_paid_order(stripe, webhooks)
    make_paying_order()
    ended = make_paying_order()
    payments.settle(order=ended, to=State.CANCELLED, by="buyer", now=now())

    assert compared() == []


def test_payment_that_nobody_told_us_of_is_mended(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))

    (finding,) = compared()

    assert finding.is_mended
    assert finding.text == f"{session_of(order)}: paid at the provider, not here (order {order.reference})"
    assert (again(order).state, mail_of(order)) == (State.COMPLETE, ["tickets"])
    assert compared() == []
    assert ledger.check().faults == []


def test_page_that_was_never_saved_and_is_paid_is_mended(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.drop_next(count=3, only=CREATE)
    with pytest.raises(ProviderUnavailable):
        payments.begin(order=order, now=now())
    stripe.pay(stripe.sessions()[0]["id"])

    (finding,) = compared()

    assert finding.is_mended
    assert (again(order).state, session_of(order)) == (State.COMPLETE, stripe.sessions()[0]["id"])
    assert compared() == []


def test_page_that_was_never_saved_is_left_to_the_buyer_while_it_is_being_opened(stripe: FakeStripe) -> None:
    order = make_order_to_pay()
    stripe.drop_next(count=3, only=CREATE)
    press_pay(order)

    assert compared() == []

    assert press_pay(order)["Location"] == stripe.sessions()[0]["url"]


def test_page_that_was_given_up_is_closed(stripe: FakeStripe) -> None:
    order = make_lost_page(stripe)

    (finding,) = compared()

    assert finding.is_mended
    assert "its number was never saved here" in finding.text
    assert [session["status"] for session in stripe.sessions()] == ["expired", "open"]
    assert (again(order).state, payment_of(order).state) == (State.PAYING, PaymentState.OPEN)
    assert compared() == []


def test_page_of_an_order_that_is_over_is_closed(stripe: FakeStripe) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())

    (finding,) = compared()

    assert finding.is_mended
    assert finding.text == f"{session_of(order)}: could still be paid for order {order.reference}, now closed"
    assert stripe.session(session_of(order))["status"] == "expired"
    assert compared() == []


def test_payment_for_an_order_that_is_over_is_sent_back_or_given_tickets(stripe: FakeStripe) -> None:
    expired, cancelled = make_paying_order(), make_paying_order()
    orders.close(order=expired, to=State.EXPIRED, by="system", now=now())
    orders.close(order=cancelled, to=State.CANCELLED, by="buyer", now=now())
    for order in (expired, cancelled):
        stripe.pay(session_of(order))

    findings = compared()
    refunds.drain(now=now())

    assert [finding.is_mended for finding in findings] == [True, True]
    assert (again(expired).state, taken_of(expired)) == (State.COMPLETE, 1)
    assert (again(cancelled).state, mail_of(cancelled)) == (State.CANCELLED, ["refunded"])
    assert len(stripe.refunds()) == 1
    assert compared() == []
    assert ledger.check().faults == []


def test_page_that_ended_without_our_hearing_is_mended(stripe: FakeStripe) -> None:
    order = make_paying_order()
    with open_client(stripe.base_url, KEY) as client:
        client.v1.checkout.sessions.expire(session_of(order))

    (finding,) = compared()

    assert finding.is_mended
    assert finding.text == f"{session_of(order)}: expired at the provider, open here"
    assert payment_of(order).state == PaymentState.EXPIRED
    assert compared() == []


def test_payment_that_the_provider_does_not_have_is_reported(stripe: FakeStripe) -> None:
    order = make_paying_order()
    order.payments.update(state=PaymentState.PAID, paid_at=now())

    (finding,) = compared()

    assert not finding.is_mended
    assert finding.text == f"{session_of(order)}: paid here, open at the provider"
    assert compared() == [finding]


def test_amount_that_differs_is_reported(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paid_order(stripe, webhooks)
    order.payments.update(amount_minor=1001)

    (finding,) = compared()

    assert not finding.is_mended
    assert finding.text == f"{session_of(order)}: the provider took 1000 GBP, our books say 1001 GBP"


def test_session_unknown_at_the_provider_is_reported(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.reset()

    (finding,) = compared()

    assert not finding.is_mended
    assert finding.text == f"{session_of(order)}: in our books, unknown at the provider"


def test_session_that_is_not_ours_is_reported(stripe: FakeStripe) -> None:
    order = make_paying_order()
    with open_client(stripe.base_url, KEY) as client:
        strangers = [
            make_session(client),
            make_session(client, metadata={"payment": str(payment_of(order).pk), "order": "of another shop"}),
        ]

    findings = compared()

    assert {finding.text for finding in findings} == {f"{session.id}: not one of ours" for session in strangers}
    assert not any(finding.is_mended for finding in findings)
    assert {session["status"] for session in stripe.sessions()} == {"open"}


def test_refund_that_was_refused_is_reported(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.CANCELLED, by="buyer", now=now())
    stripe.pay(session_of(order))
    webhooks.carry()
    order.payments.update(provider_reference="pi_of_nobody")
    refunds.drain(now=now())

    (finding,) = compared()

    assert not finding.is_mended
    assert "refused by the provider: No such payment_intent" in finding.text


def test_only_what_is_young_enough_is_compared(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))

    assert reconcile(since=now() + DAY, now=now()) == []

    assert again(order).state == State.PAYING


def test_provider_whose_clock_is_behind_has_no_session_missing(stripe: FakeStripe) -> None:
    stripe.set_clock(-120)
    make_paying_order()

    assert reconcile(since=now() - timedelta(seconds=60), now=now()) == []


def test_more_sessions_than_one_page_holds_are_compared(stripe: FakeStripe) -> None:
    with open_client(stripe.base_url, KEY) as client:
        for _ in range(101):
            make_session(client)
    order = make_paying_order()

    findings = compared()

    assert len(findings) == 101
    assert payment_of(order).state == PaymentState.OPEN


def test_command_says_that_both_books_agree(stripe: FakeStripe) -> None:
    make_paying_order()
    said = StringIO()

    call_command("reconcile", stdout=said)

    assert said.getvalue() == "Both books agree.\n"


def test_command_mends_and_ends_well(stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))
    said = StringIO()

    call_command("reconcile", hours=1, stdout=said)

    assert said.getvalue().startswith(f"mended: {session_of(order)}: paid at the provider")


def test_command_ends_with_1_when_a_person_must_look(stripe: FakeStripe) -> None:
    make_paying_order()
    stripe.reset()
    said = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", stdout=said)

    assert ended.value.code == 1
    assert said.getvalue().startswith("needs a person: cs_test_")


def test_command_says_when_the_provider_is_silent(stripe: FakeStripe) -> None:
    stripe.drop_next(count=3)

    with pytest.raises(CommandError, match="The payment provider does not answer"):
        call_command("reconcile")
