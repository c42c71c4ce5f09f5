"""Going back, loading again, and pressing twice: every answer stays, no page is a dead end, one press is one order."""

import pytest
from playwright.sync_api import expect

from checkout.models import Order, State
from fakestripe import FakeStripe
from tests.browser.conftest import Come
from tests.browser.journeys import to_details, to_review
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, books_balance, make_shop, only_order
from tests.browser.visitor import Look

pytestmark = BROWSER
DONE = "Your tickets to Autumn Conference"


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_back_keeps_every_answer(come: Come, look: Look) -> None:
    adult = make_shop()
    ada = come(look)
    to_review(ada, (adult, 2))

    ada.page.go_back()
    ada.sees("Your details")
    expect(ada.field("Full name")).to_have_value("Ada Lovelace")
    expect(ada.field("E-mail")).to_have_value("ada@example.com")
    ada.page.go_back()
    ada.sees(adult.event.title)
    expect(ada.field("Quantity, Adult")).to_have_value("2")
    ada.page.go_forward()
    ada.sees("Your details")
    ada.press("Continue to review")
    ada.sees("Review and pay")

    assert Order.objects.count() == 1


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_choice_changed_after_going_back_is_a_new_order(come: Come, look: Look) -> None:
    adult = make_shop()
    ada = come(look)
    to_details(ada, (adult, 2))

    ada.page.go_back()
    ada.sees(adult.event.title)
    ada.choose("Adult", 1)
    ada.press("Get tickets")
    ada.sees("Your details")

    assert [order.tickets.count() for order in Order.objects.order_by("id")] == [2, 1]


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_every_step_can_be_loaded_again(come: Come, look: Look, stripe: FakeStripe) -> None:
    adult = make_shop()
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)

    ada.reloads(adult.event.title)
    ada.choose("Adult", 1)
    ada.press("Get tickets")
    ada.sees("Your details")
    ada.reloads("Your details")
    ada.says_who()
    ada.press("Continue to review")
    ada.sees("Review and pay")
    ada.reloads("Review and pay")
    ada.press("Pay £18.00")
    ada.sees("Pay £18.00")
    ada.reloads("Pay £18.00")
    ada.press("Pay £18.00")
    ada.sees(DONE)
    ada.reloads(DONE)

    assert [order.state for order in Order.objects.all()] == [State.COMPLETE]
    assert len(stripe.sessions()) == 1


@pytest.mark.parametrize("act", ["payments", "renewals", "holds", "mail", "details", "cancellation", "return"])
def test_address_of_an_act_leads_to_the_order_when_opened_by_hand(come: Come, act: str) -> None:
    ada = come(Look(320))
    to_details(ada, (make_shop(price_minor=0), 1))
    ada.says_who()
    ada.press("Confirm free order")
    ada.sees(DONE)

    ada.opens(f"{only_order().get_absolute_url()}{act}/", DONE)

    assert ada.page.url.endswith(only_order().get_absolute_url())


def test_address_of_the_orders_leads_to_the_event_when_opened_by_hand(come: Come) -> None:
    event = make_shop().event
    ada = come(Look(320))

    ada.opens(f"{event.get_absolute_url()}orders/", event.title)

    assert ada.page.url.endswith(event.get_absolute_url())


# Without JavaScript the event page, which is the same for everyone, has no key that would tell a second click from a
# second buyer: the second hold lapses by itself. From the hold on, the order's own address is the key.
@pytest.mark.parametrize("look", [Look(320), Look(1280, "dark")], ids=str)
def test_double_click_on_get_tickets_makes_one_order(come: Come, look: Look) -> None:
    adult = make_shop()
    ada = come(look)
    ada.opens(adult.event.get_absolute_url(), adult.event.title)
    ada.choose("Adult", 2)

    ada.page.get_by_role("button", name="Get tickets").dblclick()
    ada.sees("Your details")

    assert only_order().tickets.count() == 2
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_double_click_on_confirm_makes_one_order(come: Come, look: Look) -> None:
    ada = come(look)
    to_details(ada, (make_shop(price_minor=0), 1))
    ada.says_who()

    ada.page.get_by_role("button", name="Confirm free order").dblclick()
    ada.sees(DONE)

    assert only_order().state == State.COMPLETE
    assert only_order().mail.count() == 1


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_double_click_on_continue_and_on_pay_opens_one_payment(come: Come, look: Look, stripe: FakeStripe) -> None:
    ada = come(look)
    to_details(ada, (make_shop(), 1))
    ada.says_who()

    ada.page.get_by_role("button", name="Continue to review").dblclick()
    ada.sees("Review and pay")
    ada.page.get_by_role("button", name="Pay £18.00").dblclick()
    ada.page.wait_for_url(f"{stripe.base_url}/**")
    ada.sees("Pay £18.00")
    ada.press("Pay £18.00")
    ada.sees(DONE)

    assert len(stripe.sessions()) == 1
    assert only_order().payments.count() == 1
    assert books_balance()
