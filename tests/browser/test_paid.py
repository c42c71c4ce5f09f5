"""Paying: at once, after a refused card, too late, and more than once."""

import re

import pytest
from django.core.mail import EmailMessage
from django.utils.timezone import now
from playwright.sync_api import expect

from checkout.actions import orders
from checkout.models import Order, State
from events.models import Kind
from fakestripe import FakeStripe
from tests.browser.conftest import Come
from tests.browser.journeys import to_details, to_payment, to_review
from tests.browser.looks import ALL, DIFFERENT
from tests.browser.shop import BROWSER, books_balance, make_shop, only_order, work
from tests.browser.visitor import Look
from tests.buyers import take_hold

pytestmark = BROWSER
DONE = "Your tickets to Autumn Conference"


@pytest.mark.parametrize("look", ALL, ids=str)
def test_paid_tickets_are_had_in_five_pages(come: Come, look: Look, mailoutbox: list[EmailMessage]) -> None:
    ada = come(look)

    to_payment(ada, (make_shop(), 2), total="£36.00")
    ada.press("Pay £36.00")
    ada.sees(DONE)
    work()

    assert (only_order().state, only_order().total_minor) == (State.COMPLETE, 3600)
    assert [mail.to for mail in mailoutbox] == [["ada@example.com"]]
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_declined_card_leads_back_to_the_review_with_the_tickets_still_held(
    come: Come, look: Look, stripe: FakeStripe
) -> None:
    ada = come(look)
    to_payment(ada, (make_shop(), 1), total="£18.00")

    ada.press("Decline")
    ada.reads("Your card was declined.")
    stripe.wait_for_webhooks()
    ada.press("Close and go back to the shop")
    ada.sees("Review and pay")

    expect(ada.page.get_by_role("alert")).to_contain_text("Your card was declined.")
    assert ada.page.title().startswith("Error: ")
    ada.reads("Your tickets are held for")
    ada.press("Pay £18.00")
    ada.press("Pay £18.00")
    ada.sees(DONE)
    assert [session["status"] for session in stripe.sessions()] == ["complete"]
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_late_payment_finds_tickets_while_there_are_some(come: Come, look: Look, stripe: FakeStripe) -> None:
    ada = come(look)
    to_payment(ada, (make_shop(), 1), total="£18.00")
    orders.close(order=only_order(), to=State.EXPIRED, by="system", now=now())

    ada.press("Pay £18.00")
    ada.sees(DONE)

    ada.reads("Your payment arrived after the time your tickets were held for had run out.")
    stripe.wait_for_webhooks()
    assert only_order().state == State.COMPLETE
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_late_payment_for_tickets_that_are_gone_is_refunded_and_says_so(
    come: Come, look: Look, stripe: FakeStripe, mailoutbox: list[EmailMessage]
) -> None:
    adult = make_shop(capacity=1)
    ada = come(look)
    to_payment(ada, (adult, 1), total="£18.00")
    orders.close(order=only_order(), to=State.EXPIRED, by="system", now=now())
    take_hold((adult, 1), now=now())

    ada.press("Pay £18.00")
    ada.sees("Your time ran out")
    ada.reads("Your payment is on its way back")
    stripe.wait_for_webhooks()
    work()
    ada.reloads("Your time ran out")

    ada.reads("Your payment has been sent back")
    assert [(refund["amount"], refund["status"]) for refund in stripe.refunds()] == [(1800, "succeeded")]
    assert ["payment is on its way back" in mail.subject for mail in mailoutbox] == [True]
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_return_before_stripe_answers_confirms_by_itself(come: Come, look: Look, stripe: FakeStripe) -> None:
    ada = come(look)
    to_payment(ada, (make_shop(), 1), total="£18.00")
    stripe.drop_next(count=3, only="GET /v1/checkout/sessions")  # one look: the SDK tries three times
    stripe.hold_webhooks()

    ada.press("Pay £18.00")
    ada.reads("Payment received, confirming…")
    ada.sees(DONE)  # nothing was pressed

    stripe.release_webhooks()
    stripe.wait_for_webhooks()
    assert only_order().state == State.COMPLETE


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_return_that_waits_too_long_explains(come: Come, look: Look, stripe: FakeStripe) -> None:
    ada = come(look, fresh=True)
    to_payment(ada, (make_shop(), 1), total="£18.00")
    # Left as it is for as long as it is checked: the page would go on asking by itself.
    ada.page.route(re.compile("/return/"), lambda route: route.fulfill(response=route.fetch(), headers={}))

    for waited, heading in ((0, "Payment received, confirming…"), (12, "We are still waiting for your payment")):
        ada.opens(f"{only_order().get_absolute_url()}return/?waited={waited}", heading)

    assert only_order().state == State.PAYING


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_buyer_who_leaves_the_payment_page_can_go_on_there(come: Come, look: Look, stripe: FakeStripe) -> None:
    ada = come(look)
    to_payment(ada, (make_shop(), 1), total="£18.00")

    ada.press("Close and go back to the shop")
    ada.sees("Review and pay")
    ada.press("Continue to payment")
    ada.sees("Pay £18.00")
    ada.page.go_back()
    ada.sees("Review and pay")
    ada.press("Continue to payment")
    ada.press("Pay £18.00")
    ada.sees(DONE)

    assert len(stripe.sessions()) == 1


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_stripe_out_of_reach_keeps_the_order_and_says_so(come: Come, look: Look, stripe: FakeStripe) -> None:
    ada = come(look)
    to_review(ada, (make_shop(), 1))
    stripe.fail_next(count=3, status=503, only="POST /v1/checkout/sessions")

    ada.press("Pay £18.00")
    ada.sees("Review and pay")
    ada.reads("The payment page cannot be reached just now.")
    ada.page.goto(ada.page.url)  # the address alone, as a browser that forgot the page would
    ada.sees("Review and pay")
    ada.page.get_by_role("button", name=re.compile("Pay £18.00|Continue to payment")).click()

    ada.sees("Pay £18.00")
    assert ada.at_stripe()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_buyer_pays_what_they_want_within_the_bounds(come: Come, look: Look) -> None:
    offer = make_shop(name="Supporter", kind=Kind.PAY_WHAT_YOU_WANT, minimum_minor=500, suggested_minor=1000)
    ada = come(look)
    ada.opens(offer.event.get_absolute_url(), offer.event.title)
    price = ada.field("Your price in GBP, Supporter")
    assert price.input_value() == "10.00"

    ada.choose("Supporter", 2)
    price.fill("4.99")
    ada.press("Get tickets")
    ada.sees("Check your tickets")
    ada.reads("Supporter costs at least £5.00.")
    assert ada.field("Your price in GBP, Supporter").input_value() == "4.99"
    assert ada.field("Quantity, Supporter").input_value() == "2"
    ada.field("Your price in GBP, Supporter").fill("7.50")
    ada.press("Get tickets")
    ada.sees("Your details")

    ada.reads("£15.00")
    assert only_order().total_minor == 1500


def test_pay_what_you_want_of_nothing_is_a_free_order(come: Come) -> None:
    offer = make_shop(name="Supporter", kind=Kind.PAY_WHAT_YOU_WANT, minimum_minor=0, suggested_minor=500)
    ada = come(Look(320))
    ada.opens(offer.event.get_absolute_url(), offer.event.title)

    ada.choose("Supporter", 1)
    ada.field("Your price in GBP, Supporter").fill("0")
    ada.press("Get tickets")
    ada.sees("Your details")
    ada.says_who()
    ada.press("Confirm free order")

    ada.sees(DONE)


def test_details_are_changed_from_the_review(come: Come) -> None:
    ada = come(Look(320, "dark"))
    to_review(ada, (make_shop(), 1))

    ada.follow("Change e-mail")
    ada.sees("Your details")
    ada.field("E-mail").fill("countess@example.com")
    ada.press("Continue to review")
    ada.sees("Review and pay")

    ada.reads("countess@example.com")
    assert Order.objects.get().full_name == "Ada Lovelace"


def test_order_that_was_cancelled_elsewhere_takes_no_payment(come: Come, stripe: FakeStripe) -> None:
    ada = come()
    to_details(ada, (make_shop(), 1))
    ada.says_who()
    ada.press("Continue to review")
    ada.sees("Review and pay")
    orders.close(order=only_order(), to=State.CANCELLED, by="buyer", now=now())

    ada.press("Pay £18.00")

    ada.sees("This order was cancelled")
    assert stripe.sessions() == []
