"""Coming to the event page, and waiting there for the sale to open: by reloading, or as the page's scripts do."""

import json
from datetime import datetime
from urllib.parse import urljoin

from loadtests.pages import Page
from loadtests.tally import EVENT_PAGE
from loadtests.visitor import AVAILABILITY, CLOCK, FILE, Visitor

RELOADS, RELOADING_SHARE = (
    (3.0, 8.0),
    0.3,
)  # seconds of a person between two, and who does that though there are scripts
COLD_SHARE = 0.1  # visitors whose browser has none of the site's files yet
LONGEST_BACKOFF = 30.0


def arrive(visitor: Visitor) -> Page:
    """The event page, once there is something to choose on it or nothing to wait for."""
    page = look(visitor)
    if visitor.draw.random() < COLD_SHARE:
        for address in page.files:
            visitor.fetch(FILE, address, dest="style" if address.endswith(".css") else "script")
    if not _must_wait(page):
        return page
    if visitor.arrival.has_javascript and visitor.draw.random() >= RELOADING_SHARE:
        return _wait_with_script(visitor, page)
    while _must_wait(page):
        visitor.think(RELOADS)
        page = look(visitor)
    return page


def look(visitor: Visitor) -> Page:
    """The event page as it is now."""
    return visitor.open(EVENT_PAGE, visitor.scene.url).shared_page


def _must_wait(page: Page) -> bool:
    return not page.rows and bool(page.sale.opens_at)


def _wait_with_script(visitor: Visitor, page: Page) -> Page:
    """As htmx and countdown.js do: ask how the sale stands now and then, and for the listing when it opens."""
    sale, browser = page.sale, visitor.browser
    opens_in = datetime.fromisoformat(sale.opens_at).timestamp() - _servers_time(visitor)
    opens = browser.now() + opens_in + visitor.draw.random() * sale.spread_ms / 1000
    while (left := opens - browser.now()) > 0:
        browser.pause(min(left, sale.poll_seconds or left))
        if browser.now() < opens and sale.poll_url:
            visitor.fetch(AVAILABILITY, sale.poll_url, **{"HX-Request": "true"})
    backoff = 2.0
    while (listing := visitor.fetch(AVAILABILITY, sale.source).shared_page).sale.opens_at == sale.opens_at:
        browser.pause(min(LONGEST_BACKOFF, backoff) * visitor.draw.uniform(0.5, 1.5))
        backoff *= 2
    return listing


def _servers_time(visitor: Visitor) -> float:
    answer = visitor.fetch(CLOCK, urljoin(visitor.scene.url, "/clock/"))
    return float(json.loads(answer.body)["now_ms"]) / 1000
