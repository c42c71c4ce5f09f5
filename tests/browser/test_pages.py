"""The pages beside the journeys: lists of events, what goes wrong, development's mail; and the guard of them all."""

from datetime import datetime
from pathlib import Path

import pytest
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from checkout.actions import orders
from tests.browser.conftest import Come
from tests.browser.looks import DIFFERENT
from tests.browser.shop import BROWSER, buy, make_shop, work
from tests.browser.visitor import Look
from tests.makers import make_event, make_organiser

pytestmark = BROWSER


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_front_and_organiser_page_lead_to_the_event(come: Come, look: Look) -> None:
    organiser = make_organiser(name="Riverside Makers")
    past = {"local_starts_at": datetime(2020, 6, 1, 10), "local_ends_at": datetime(2020, 6, 1, 18)}
    make_event(organiser=organiser, title="Spring Conference", **past)
    make_shop(event={"organiser": organiser})
    ada = come(look, fresh=True)

    ada.opens("/", "Tickets to events")
    ada.follow("Autumn Conference")
    ada.sees("Autumn Conference")
    ada.follow("Riverside Makers")
    ada.sees("Riverside Makers")

    ada.reads("Spring Conference")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_front_and_organiser_page_without_events_say_so(come: Come, look: Look) -> None:
    organiser = make_organiser()
    ada = come(look, fresh=True)

    ada.opens("/", "Tickets to events")
    ada.opens(f"/{organiser.slug}/", organiser.name)

    ada.reads("Nothing is planned at the moment.")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/orders/no-such-order/", "We cannot find that page"),
        ("/tests/broken/", "Something went wrong on our side"),
        ("/tests/busy/", "We are very busy"),
    ],
)
def test_page_of_a_fault_says_what_became_of_the_order(come: Come, look: Look, path: str, heading: str) -> None:
    ada = come(look)

    ada.opens(path, heading)

    ada.follow("See all events")
    ada.sees("Tickets to events")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_form_sent_from_another_site_is_refused_in_words(come: Come, look: Look) -> None:
    event = make_shop().event
    ada = come(look, fresh=True)
    form = f'<form method="post" action="{ada.site}{event.get_absolute_url()}orders/"><button>Win</button></form>'
    ada.page.route("**/elsewhere", lambda route: route.fulfill(body=form, content_type="text/html"))

    elsewhere = ada.site.replace("127.0.0.1", "localhost")
    ada.allowed.append(f"{elsewhere}/")

    ada.page.goto(f"{elsewhere}/elsewhere")
    ada.press("Win")

    ada.sees("We did not accept that")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_cancelled_order_and_its_ticket_say_so(come: Come, look: Look) -> None:
    order = buy(make_shop(price_minor=0))
    orders.void(order=order, by="staff", now=now(), back_on_sale=True)
    grace = come(look)

    grace.opens(order.get_absolute_url(), "This order was cancelled")
    grace.opens(order.tickets.get().get_absolute_url(), "Adult")

    grace.reads("It admits nobody any more.")


@pytest.mark.parametrize("look", DIFFERENT, ids=str)
def test_mail_of_development_is_shown_and_leads_to_the_order(
    come: Come, look: Look, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    order = buy(make_shop(price_minor=0))
    ada = come(look)
    ada.opens("/dev/mail/", "Mail sent on this machine")
    work()

    ada.reloads("Mail sent on this machine")
    ada.page.get_by_role("link", name="your tickets").click()
    ada.sees(f"Autumn Conference: your tickets ({order.reference})")
    ada.page.get_by_role("link", name=order.token).first.click()

    ada.sees("Your tickets to Autumn Conference")


BAD = """<!doctype html><html lang=en><title>Bad</title><h1>Bad</h1>
<div style="width: 2000px; color: #bbb">Too pale, too wide</div><img src="https://elsewhere.test/x.png" alt=""><script src="https://elsewhere.test/x.js"></script>"""


@pytest.mark.parametrize("look", [Look(320), Look(320, scripts=False)], ids=str)
def test_guard_notices_each_kind_of_fault(come: Come, look: Look) -> None:
    ada = come(look, fresh=True)
    sent = {"Set-Cookie": "visit=1", "Content-Security-Policy": "style-src 'none'", "Content-Type": "text/html"}
    ada.page.route("**/bad", lambda route: route.fulfill(body=BAD, headers=sent))
    script = {"body": "oops()", "content_type": "text/javascript"}
    ada.page.route("https://elsewhere.test/**", lambda route: route.fulfill(**script))

    with pytest.raises(AssertionError) as noticed:
        ada.opens("/bad", "Bad")

    told = str(noticed.value)
    elsewhere = "another origin: https://elsewhere.test/x.png"
    wanted = [elsewhere, "cookie: ", "landmark-one-main", "Content Security Policy"]
    assert [word for word in wanted if word not in told] == []
    assert ("oops" in told) == look.scripts
