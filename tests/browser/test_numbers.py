"""An organiser watches a sale: the numbers change without the page being loaded again, and the chart can be zoomed."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from accounts.models import Membership, Role, User
from checkout.actions import orders
from events.models import TicketType
from organise.queries import numbers
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER
from tests.browser.staff import member
from tests.browser.visitor import Look
from tests.buyers import ADA, take_hold
from tests.checkout.recount import count_all
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type, make_user

pytestmark = BROWSER


def make_sale() -> tuple[User, TicketType]:
    """An event with two ticket types that sold some over three weeks, and one a year before it; and who watches."""
    organiser = make_organiser(name="Riverside Makers", slug="riverside")
    last = make_event(organiser=organiser, title="Autumn Conference 2029", slug="autumn-2029")
    type(last).objects.filter(pk=last.pk).update(local_starts_at="2029-06-01 10:00", local_ends_at="2029-06-01 18:00")
    sell(make_ticket_type(event=last, quotas=[make_quota(event=last)], price_minor=0), 2, days_ago=400)
    event = make_event(organiser=organiser, title="Autumn Conference", slug="autumn")
    quota = make_quota(event=event, name="Main hall", capacity=60)
    adult = make_ticket_type(event=event, quotas=[quota], name="Adult", price_minor=0)
    child = make_ticket_type(event=event, quotas=[quota], name="Child, with a workshop and a lunch", price_minor=0)
    for day in range(20):
        sell(adult if day % 3 else child, 1 + day % 4, days_ago=21 - day)
    take_hold((child, 2), now=now())
    count_all()
    numbers.forget()
    user = make_user()
    Membership.objects.create(organiser=organiser, user=user, role=Role.OWNER)
    return user, adult


def sell(ticket_type: TicketType, quantity: int, *, days_ago: int = 0) -> None:
    at = now() - timedelta(days=days_ago)
    orders.complete_free(order=take_hold((ticket_type, quantity), now=at), details=ADA, now=at)


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_overview_shows_how_the_sale_stands(come: Come, look: Look) -> None:
    user, _ = make_sale()

    with member(come, look) as olga:
        olga.signs_in(user)
        olga.opens("/organise/riverside/autumn/", "Autumn Conference")
        expect(olga.page.locator("[data-fact=sold]")).to_have_text("50")
        expect(olga.page.locator("[data-fact=held]")).to_have_text("2")
        olga.reads("50 sold, 2 held, 8 left of 60")
        olga.reads("Autumn Conference 2029, as long before")
        if look.scripts:
            expect(olga.page.locator("sales-chart canvas")).to_be_visible()
        else:
            expect(olga.page.get_by_role("img", name="Tickets sold on each day")).to_be_visible()
        olga.page.get_by_text("The same as a table").click()
        expect(olga.page.get_by_role("region", name="Table: sales by day")).to_be_visible()
        olga.check()


def test_sale_is_watched_without_loading_the_page_again(come: Come) -> None:
    user, adult = make_sale()

    with member(come, Look(1280)) as olga:
        olga.signs_in(user)
        olga.opens("/organise/riverside/autumn/", "Autumn Conference")
        olga.page.evaluate("window.neverLoadedAgain = true")
        table = olga.page.get_by_role("region", name="Table: ticket types")
        table.focus()
        sell(adult, 5)
        count_all()

        expect(olga.page.locator("[data-fact=sold]")).to_have_text("55")
        olga.reads("55 sold, 2 held, 3 left of 60")
        expect(table).to_be_focused()
        assert olga.page.evaluate("window.neverLoadedAgain")
        olga.check()


def test_chart_is_zoomed_by_button_and_by_dragging(come: Come) -> None:
    user, _ = make_sale()

    with member(come, Look(1280)) as olga:
        olga.signs_in(user)
        olga.opens("/organise/riverside/autumn/", "Autumn Conference")
        olga.reads("Tickets sold each hour")
        olga.press("Closer")
        olga.reads("Tickets sold each quarter of an hour")
        olga.press("All of it")
        olga.reads("Tickets sold each hour")
        box = olga.page.locator("sales-chart .u-over").bounding_box()
        assert box
        olga.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 50)
        olga.page.mouse.down()
        olga.page.mouse.move(box["x"] + box["width"] * 0.54, box["y"] + 50, steps=4)
        olga.page.mouse.up()
        olga.reads("Tickets sold each minute")
        olga.check()
