"""The time that tickets are held for: seen, renewed, run out, tried again, and given back."""

import pytest
from playwright.sync_api import expect

from checkout.models import Order, State
from tests.browser.conftest import Come
from tests.browser.journeys import to_details, to_payment, to_review
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, books_balance, buy, let_lapse, make_shop, only_order
from tests.browser.visitor import Look
from tests.buyers import taken_of
from tests.fakestripe.makers import wait_until

pytestmark = BROWSER
OVER = "Your time ran out"


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_what_is_typed_after_the_hold_ran_out_is_there_when_trying_again(come: Come, look: Look) -> None:
    ada = come(look)
    to_details(ada, (make_shop(), 2))
    ada.says_who()
    ada.page.get_by_text("Name each ticket").click()
    ada.field("Attendee name, Adult (2) (optional)").fill("Grace Hopper")
    let_lapse(only_order())

    ada.press("Continue to review")
    ada.sees(OVER)
    ada.press("Try again")
    ada.sees("Review and pay")

    for kept in ("Ada Lovelace", "ada@example.com", "Grace Hopper"):
        ada.reads(kept)
    assert [order.state for order in Order.objects.order_by("id")] == [State.EXPIRED, State.HELD]
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_trying_again_for_tickets_that_are_gone_says_so(come: Come, look: Look) -> None:
    adult = make_shop(capacity=1, price_minor=0)
    ada = come(look)
    to_details(ada, (adult, 1))
    let_lapse(only_order())
    buy(adult)
    ada.reloads(OVER)

    ada.press("Try again")
    ada.reads("There is a problem")
    ada.check()

    ada.reads("Adult is sold out.")
    assert ada.page.title().startswith("Error: ")
    ada.page.goto(ada.page.url)  # the address alone, as a browser that forgot the page would
    ada.sees(OVER)


def test_try_again_pressed_twice_makes_one_order(come: Come) -> None:
    ada = come(Look(320))
    to_details(ada, (make_shop(), 1))
    let_lapse(only_order())
    ada.reloads(OVER)

    ada.page.get_by_role("button", name="Try again").dblclick()
    ada.sees("Your details")

    assert Order.objects.filter(state=State.HELD).count() == 1
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_hold_is_renewed_without_losing_what_is_typed(come: Come, look: Look) -> None:
    ada = come(look)
    to_details(ada, (make_shop(), 1))
    ada.says_who()
    before = only_order().expires_at

    ada.press("Hold longer")
    wait_until(lambda: only_order().renewals == 1)
    ada.sees("Your details")

    expect(ada.field("Full name")).to_have_value("Ada Lovelace")
    expect(ada.field("E-mail")).to_have_value("ada@example.com")
    assert only_order().expires_at > before


def test_hold_can_be_renewed_only_so_often(come: Come) -> None:
    ada = come(Look(320, "dark", scripts=False))
    to_review(ada, (make_shop(), 1))

    for _ in range(3):
        ada.press("Hold longer")
        ada.sees("Review and pay")

    expect(ada.page.get_by_role("button", name="Hold longer")).to_have_count(0)
    assert only_order().renewals == 3


@pytest.mark.parametrize("look", [Look(320, "dark"), Look(1280)], ids=str)
def test_dialog_warns_a_minute_before_the_end_and_renews(come: Come, look: Look) -> None:
    ada = come(look, fresh=True)
    ada.page.clock.install()
    to_details(ada, (make_shop(), 1))
    ada.says_who()
    expect(ada.page.get_by_role("dialog")).to_have_count(0)

    ada.page.clock.fast_forward("14:05")
    dialog = ada.page.get_by_role("dialog", name="Do you need more time?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Hold longer")).to_be_focused()
    ada.check()
    ada.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()

    expect(ada.page.locator("[data-hold-left]")).to_have_text("15 minutes")
    expect(ada.page.locator("[data-hold-announce]")).to_have_text("Your tickets are held for 15 minutes more.")
    assert ada.field("Full name").input_value() == "Ada Lovelace"
    assert only_order().renewals == 1


def test_page_says_when_the_time_has_run_out_and_the_next_press_tries_again(come: Come) -> None:
    ada = come(Look(320), fresh=True)
    ada.page.clock.install()
    to_details(ada, (make_shop(), 1))
    ada.says_who()

    ada.page.clock.fast_forward("16:00")
    ada.reads("what you typed is kept")
    expect(ada.page.get_by_role("button", name="Hold longer")).to_have_count(0)
    ada.check()
    let_lapse(only_order())
    ada.press("Continue to review")

    ada.sees(OVER)


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_cancelling_asks_once_and_gives_the_tickets_back(come: Come, look: Look) -> None:
    ada = come(look)
    to_review(ada, (make_shop(), 2))

    ada.follow("Cancel order")
    ada.sees("Cancel this order?")
    ada.follow("Keep the tickets")
    ada.sees("Review and pay")
    ada.follow("Cancel order")
    ada.sees("Cancel this order?")
    ada.press("Cancel the order")
    ada.sees("This order was cancelled")

    order = only_order()
    assert (order.state, taken_of(order)) == (State.CANCELLED, 0)
    assert books_balance()


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_cancelling_an_order_that_was_just_paid_comes_too_late(come: Come, look: Look) -> None:
    ada = come(look)
    to_payment(ada, (make_shop(), 1), total="£18.00")
    other = come(look)
    other.opens(f"{only_order().get_absolute_url()}cancellation/", "Cancel this order?")

    ada.press("Pay £18.00")
    ada.sees("Your tickets to Autumn Conference")
    other.press("Cancel the order")
    other.sees("Your tickets to Autumn Conference")

    assert only_order().state == State.COMPLETE
    assert books_balance()
