"""An organiser looks after an order in a browser: found, part of it sent back, read again in its history; and many at
once. With TITO_PICTURES=<folder> the pages are kept as pictures."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from checkout import ledger
from checkout.actions import jobs
from checkout.actions.orders import Details
from checkout.models import Job, Mail, Order, State
from events.models import Event
from tests.browser.conftest import Come
from tests.browser.shop import BROWSER
from tests.browser.staff import Member, member
from tests.browser.test_keyboard import tab_to
from tests.browser.test_organiser_pages import keep
from tests.browser.visitor import Look
from tests.checkout.sold import live_of, make_paid_order, money_of
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type, make_user

pytestmark = BROWSER
TITLE = "Autumn Conference"
PEOPLE = ["Ada Lovelace", "Grace Hopper", "Zoë O'Brien", "Bartholomew Featherstonehaugh-Cholmondeley", "Lin Chen"]


def make_sold_event(owner: User) -> Event:
    """Five paid orders of three tickets, by different people; of the first, one attendee has a name."""
    organiser = make_organiser(owner=owner, name="Riverside Makers", slug="riverside")
    event = make_event(organiser=organiser, slug="autumn", title=TITLE)
    for person in PEOPLE:
        email = f"{person.split()[0].lower()}@example.com".replace("ë", "e")
        order = make_paid_order(event, quantity=3, details=Details(person, email), name="Adult")
    order.tickets.filter(number=1).update(attendee_name="Wei Chen")
    return event


@pytest.mark.parametrize("look", [Look(320, "dark", scripts=False), Look(1280)], ids=str)
def test_order_is_found_part_of_it_sent_back_and_its_history_read(come: Come, look: Look) -> None:
    owner = make_user(full_name="Olga Owner")
    event = make_sold_event(owner)
    order = Order.objects.get(full_name="Zoë O'Brien")
    with member(come, look) as olga:
        olga.signs_in(owner)
        olga.opens(f"/organise/riverside/{event.slug}/orders/", TITLE)
        keep(olga, "journey-1-list")
        olga.field("Search").fill("zoe obr")
        olga.press("Find")
        olga.sees(TITLE)
        expect(olga.page.locator("tbody tr")).to_have_count(1)
        olga.follow(order.reference)
        olga.sees(TITLE)
        olga.follow("Cancel tickets or send money back")
        olga.field(f"2: {order.tickets.get(number=2).ticket_type.name}, £10.00").check()
        olga.field("Money to send back (optional)").fill("7.50")
        keep(olga, "journey-2-reversal")
        olga.press("See what it would do")
        olga.reads("You keep £2.50 of the tickets' price.")
        olga.check()
        keep(olga, "journey-3-preview")
        olga.press("Cancel 1 ticket and send £7.50 back")
        olga.sees(TITLE)
        olga.reads("ticket 2 cancelled, back on sale; £7.50 sent back; £2.50 kept")
        keep(olga, "journey-4-order")

    assert (live_of(order), money_of(order)) == ([1, 3], (3000, 750))
    assert ledger.check().faults == []


@pytest.mark.parametrize("look", [Look(320), Look(1280, "dark")], ids=str)
def test_note_and_resend_are_done_with_the_keyboard_alone(come: Come, look: Look) -> None:
    owner = make_user(full_name="Olga Owner")
    event = make_sold_event(owner)
    order = Order.objects.get(full_name="Ada Lovelace")
    with member(come, look) as olga:
        olga.signs_in(owner)
        olga.opens(f"/organise/riverside/{event.slug}/orders/{order.reference}/", TITLE)
        keys = olga.page.keyboard
        tab_to(olga, olga.field("E-mail"))
        keys.press("Control+A")
        keys.type("ada.l@example.org")
        keys.press("Enter")
        olga.reads("The tickets are on their way to ada.l@example.org.")
        tab_to(olga, olga.field("Note"))
        keys.type("Wheelchair.")
        keys.press("Tab")
        keys.press("Enter")
        olga.reads("The note is kept.")
        olga.check()

    assert list(order.mail.values_list("to", flat=True)) == ["ada@example.com", "ada.l@example.org"]
    assert order.history.filter(kind="note").get().note == "Wheelchair."


@pytest.mark.parametrize("look", [Look(320, "light", scripts=False), Look(1280, "dark")], ids=str)
def test_all_orders_are_cancelled_once_their_number_was_typed(come: Come, look: Look) -> None:
    owner = make_user(full_name="Olga Owner")
    event = make_sold_event(owner)
    with member(come, look) as olga:
        olga.signs_in(owner)
        olga.opens(f"/organise/riverside/{event.slug}/orders/", TITLE)
        olga.follow("cancel all orders")
        olga.reads("Money that would go back")
        olga.field("How many orders to cancel").fill("4")
        olga.press("Cancel them")
        olga.reads("Type 5, the number of orders that would be cancelled now.")
        olga.check()
        keep(olga, "cancel-1-refused")
        olga.field("How many orders to cancel").fill("5")
        olga.press("Cancel them")
        watch_job(olga)

    assert {order.state for order in Order.objects.all()} == {State.CANCELLED}
    assert ledger.check().faults == []


def watch_job(olga: Member) -> None:
    """It stands at nothing, then the worker works, and the page says so by itself."""
    olga.reads("0 % done")
    olga.check()
    keep(olga, "cancel-2-job")
    if not olga.look.scripts:
        olga.follow("Keep this page up to date by itself")
    jobs.drain(now=Job.objects.get().created_at)
    olga.reads("Finished")
    keep(olga, "cancel-3-done")


def test_mail_that_bounced_is_sent_to_the_corrected_address(come: Come) -> None:
    owner = make_user(full_name="Olga Owner")
    event = make_sold_event(owner)
    at = event.created_at
    order = Order.objects.get(full_name="Lin Chen")
    order.mail.update(failed_at=at, bounced_at=at, last_error="550 5.1.1 no such user here")
    with member(come, Look(320, "dark")) as olga:
        olga.signs_in(owner)
        olga.opens(f"/organise/riverside/{event.slug}/attention/", TITLE)
        keep(olga, "attention")
        olga.field(f"Send order {order.reference}'s to").fill("lin.chen@example.org")
        olga.page.get_by_role("button", name="Send again").click()
        olga.reads("The mail is on its way to lin.chen@example.org.")
        olga.reads("Nothing needs you.")
        olga.check()

    assert Mail.objects.get(order=order).to == "lin.chen@example.org"


def test_tickets_are_given_away(come: Come) -> None:
    owner = make_user(full_name="Olga Owner")
    event = make_event(organiser=make_organiser(owner=owner, slug="riverside"), slug="autumn", title=TITLE)
    make_ticket_type(event=event, quotas=[make_quota(event=event, capacity=1)], name="Speaker")
    with member(come, Look(1280)) as olga:
        olga.signs_in(owner)
        olga.opens("/organise/riverside/autumn/gifts/", TITLE)
        olga.field("Speaker (optional)").fill("2")
        olga.says_who("Lin Chen", "lin@example.com")
        olga.press("Give the tickets")
        olga.reads("There is no room for so many: 1 left.")
        olga.check()
        keep(olga, "gift-refused")
        olga.field("Speaker (optional)").fill("1")
        olga.press("Give the tickets")
        olga.reads("The order was given away")
        olga.check()

    assert Order.objects.get().mail.get().to == "lin@example.com"
