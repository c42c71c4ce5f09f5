"""An organiser who watches the sale: signs in, opens the event's overview, and lets its numbers renew themselves.

They come beside the crowd, are none of its arrivals, and leave when it has gone. What is slow or wrong for them counts
as a step or an error like everybody's.
"""

from typing import Final

from loadtests.browser import Answer, Browser, GaveUp
from loadtests.pages import NotThere, Page
from loadtests.plan import Watch

LOG_IN, OVERVIEW, NUMBERS = "organiser's log-in", "organiser's overview", "organiser's numbers"
OPENS_AGAIN_SECONDS: Final = 5.0  # after something went wrong: a person presses reload


def watch(browser: Browser, base: str, watch: Watch) -> None:
    """Go on until stopped from outside."""
    while True:
        try:
            page = sign_in(browser, base, watch)
            follow(browser, page)
        except GaveUp:
            pass  # it is in the tally
        except NotThere as missing:
            browser.fail(OVERVIEW, "wrong answer", Answer(0, base + watch.path), str(missing))
        browser.pause(OPENS_AGAIN_SECONDS)


def sign_in(browser: Browser, base: str, watch: Watch) -> Page:
    """The overview: at once where one is signed in already, or by way of the log-in. Raises GaveUp and NotThere."""
    page = browser.open(OVERVIEW, base + watch.path).page
    asked = next((form for form in page.forms if form.asks_for("password")), None)
    if asked is None:
        return page
    typed = asked.filled(name=watch.email, email=watch.email, password=watch.password)
    page = browser.send(LOG_IN, asked.action, typed).page
    if any(form.asks_for("password") for form in page.forms):
        raise NotThere(f"the log-in leads to {page.title!r}")
    return page


def follow(browser: Browser, page: Page) -> None:
    """Ask for the numbers as often as the page says. Raises GaveUp, and NotThere when it does not renew itself."""
    sale = page.sale
    if not sale.poll_url or not sale.poll_seconds:
        raise NotThere(f"{page.title!r} does not renew itself")
    while True:
        browser.pause(sale.poll_seconds)
        answer = browser.fetch(NUMBERS, sale.poll_url, **{"HX-Request": "true"})
        if not answer.body:
            raise browser.fail(NUMBERS, "wrong answer", answer, "says nothing")
