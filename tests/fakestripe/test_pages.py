"""The hosted payment page, as a browser without JavaScript sees it."""

import re
from html.parser import HTMLParser

import pytest
import stripe

from fakestripe import FakeStripe
from tests.fakestripe.makers import CANCEL_URL, Shop, Visit, make_session, visit


class Page(HTMLParser):
    """What a page says and offers: its text, links, buttons and labelled fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.buttons: list[str] = []
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what matters to a buyer."""
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "a":
            self.links.append(given["href"])
        elif tag == "button":
            self.buttons.append(given["value"])
        elif tag == "label":
            self.labelled.add(given["for"])
        elif tag == "input":
            self.fields.add(given["id"])

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All words, in one line."""
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def url(client: stripe.StripeClient) -> str:
    return str(make_session(client).url)


def press(url: str, button: str, **fields: str) -> Visit:
    """Press one of the page's buttons."""
    return visit(url, {"button": button, **fields})


def test_page_shows_lines_total_and_that_no_money_moves(url: str) -> None:
    seen = visit(url)

    page = Page(seen.text)
    assert seen.status == 200
    assert "Fake Stripe - no money moves" in page.text
    assert "Adult & guest <1> 2 £40.00 Programme 1 £1.50 Total £41.50" in page.text
    assert page.buttons == ["pay", "decline", "tell_late", "pay_late", "close"]


def test_page_is_whole_without_scripts_and_labels_its_fields(url: str) -> None:
    seen = visit(url)

    page = Page(seen.text)
    assert page.fields == page.labelled == {"tell", "wait"}
    assert page.tags.count("h1") == page.tags.count("main") == 1
    assert {"script", "style", "img", "iframe"}.isdisjoint(page.tags)
    assert re.findall(r'(?:src|href)="([^"]*)"', seen.text) == ["data:,", "/pay/page.css"]
    assert seen.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert seen.headers["Cache-Control"] == "no-store"


def test_page_has_a_stylesheet_for_light_and_dark(fake: FakeStripe) -> None:
    seen = visit(f"{fake.base_url}/pay/page.css")

    assert (seen.status, seen.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "color-scheme: light dark" in seen.text


def test_pay_leads_back_to_the_shop_and_tells_it(fake: FakeStripe, url: str, shop: Shop) -> None:
    pressed = press(url, "pay")

    (session,) = fake.sessions()
    assert pressed.status == 303
    assert pressed.headers["Location"] == f"http://shop.test/paid?session={session['id']}"
    assert session["payment_status"] == "paid"
    fake.wait_for_webhooks()
    assert shop.kinds() == ["checkout.session.completed"]


def test_paid_page_says_so_and_links_to_the_shop(fake: FakeStripe, url: str) -> None:
    press(url, "pay")

    page = Page(visit(url).text)

    (session,) = fake.sessions()
    assert "This has already been paid" in page.text
    assert page.links == [f"http://shop.test/paid?session={session['id']}"]
    assert page.buttons == []


def test_second_press_of_pay_charges_nothing_more(fake: FakeStripe, url: str, shop: Shop) -> None:
    press(url, "pay")

    again = press(url, "pay")

    assert (again.status, again.headers["Location"]) == (303, url.removeprefix(fake.base_url))
    fake.wait_for_webhooks()
    assert len(shop.calls) == 1


def test_decline_stays_on_the_page_with_the_reason(fake: FakeStripe, url: str, shop: Shop) -> None:
    pressed = press(url, "decline")

    page = visit(url)
    assert (pressed.status, pressed.headers["Location"]) == (303, url.removeprefix(fake.base_url))
    assert '<p role="alert" class="error">Your card was declined.</p>' in page.text
    assert "close" in Page(page.text).buttons
    fake.wait_for_webhooks()
    assert shop.kinds() == ["payment_intent.payment_failed"]


def test_pay_after_a_decline_works(fake: FakeStripe, url: str) -> None:
    press(url, "decline")

    press(url, "pay")

    assert fake.sessions()[0]["status"] == "complete"


def test_pay_and_tell_late_leads_back_before_the_shop_hears(fake: FakeStripe, url: str, shop: Shop) -> None:
    pressed = press(url, "tell_late", seconds="0.3")

    heard = list(shop.calls)
    assert pressed.headers["Location"].startswith("http://shop.test/paid?session=cs_test_")
    assert (heard, fake.sessions()[0]["payment_status"]) == ([], "paid")
    fake.wait_for_webhooks()
    assert shop.kinds() == ["checkout.session.completed"]


@pytest.mark.parametrize("typed", [None, "soon", "-1", "1e9", "nan"])
def test_delay_that_makes_no_sense_is_eight_seconds(fake: FakeStripe, url: str, typed: str | None) -> None:
    press(url, "tell_late", **({} if typed is None else {"seconds": typed}))

    (event,), (delivery,) = fake.events(), fake.deliveries()
    assert 7 < delivery["due_at"] - event["created"] < 10


def test_pay_late_waits_on_the_page_and_then_charges(fake: FakeStripe, url: str) -> None:
    pressed = press(url, "pay_late", seconds="600")
    waiting = Page(visit(url).text)

    fake.set_clock(offset=601)

    assert pressed.headers["Location"] == url.removeprefix(fake.base_url)
    assert re.search("The card will be charged in (600|599) seconds", waiting.text)
    assert "This has already been paid" in Page(visit(url).text).text


def test_expired_page_says_so_and_links_back(fake: FakeStripe, client: stripe.StripeClient, url: str) -> None:
    client.v1.checkout.sessions.expire(fake.sessions()[0]["id"])

    pressed = press(url, "pay")

    page = Page(visit(url).text)
    assert pressed.headers["Location"] == url.removeprefix(fake.base_url)
    assert "This payment page has expired Nothing was charged." in page.text
    assert page.links == [CANCEL_URL]
    assert fake.payment_intents() == []


def test_expired_page_without_a_way_back_links_nowhere(fake: FakeStripe, client: stripe.StripeClient) -> None:
    session = make_session(client, cancel_url=None)
    client.v1.checkout.sessions.expire(session.id)

    page = Page(visit(str(session.url)).text)

    assert page.links == []


def test_close_leads_back_to_the_shop_and_changes_nothing(fake: FakeStripe, url: str) -> None:
    pressed = press(url, "close")

    assert (pressed.status, pressed.headers["Location"]) == (303, CANCEL_URL)
    assert fake.sessions()[0]["status"] == "open"


def test_page_of_nobody_is_a_404(fake: FakeStripe) -> None:
    seen = visit(f"{fake.base_url}/pay/<cs_test>")

    assert seen.status == 404
    assert "No such checkout.session: &#x27;&lt;cs_test&gt;&#x27;" in seen.text


def test_button_that_does_not_exist_is_refused(fake: FakeStripe, url: str) -> None:
    pressed = press(url, "steal")

    assert pressed.status == 400
    assert fake.sessions()[0]["status"] == "open"
