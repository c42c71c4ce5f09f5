"""The visitor's browser: what it sends, when it comes again, and from when a step counts."""

import pytest

from loadtests.browser import Browser, GaveUp, fault_of
from tests.loadtests.shop import HOST, Clock, Reply, Shop

BUSY: Reply = (503, "", {"retry-after": "3"})


def open_page(*replies: Reply | str, due: float = 0.0, at: float = 0.0) -> tuple[Shop, Browser]:
    shop = Shop({"GET /": list(replies), "POST /": list(replies)}, clock=Clock(at))
    return shop, shop.browser(due)


def test_step_counts_from_when_it_was_due_and_not_from_when_it_was_sent() -> None:
    shop, browser = open_page((200, ""), due=1.0, at=3.0)

    browser.open("event page", f"{HOST}/")

    assert shop.tally.steps["event page"].max_ms == pytest.approx(2100)
    assert list(shop.tally.seconds) == [1]


def test_next_step_is_due_when_the_answer_is_there_or_the_pause_is_over() -> None:
    shop, browser = open_page((200, ""))

    browser.open("event page", f"{HOST}/")
    browser.open("hold", f"{HOST}/")
    browser.pause(5.0)
    shop.clock.at += 0.2  # the generator comes back late
    browser.open("ticket", f"{HOST}/")

    assert shop.tally.steps["hold"].max_ms == pytest.approx(100)
    assert shop.tally.steps["ticket"].max_ms == pytest.approx(300)


def test_redirects_belong_to_the_step_that_they_end() -> None:
    shop = Shop({"POST /": (303, "", {"location": "/there/"}), "GET /there/": (200, "")})

    answer = shop.browser().send("review", f"{HOST}/", {"a": "1"})

    assert answer.url == f"{HOST}/there/"
    assert shop.names() == ["POST /", "GET /there/"]
    assert shop.tally.steps["review"].max_ms == pytest.approx(200)


def test_site_that_counts_is_told_of_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, browser = open_page((200, ""))

    browser.open("event page", f"{HOST}/")
    monkeypatch.setattr(Browser, "mark", "r-1:signed")
    browser.send("hold", f"{HOST}/", {"a": "1"})

    assert [headers.get("X-Rehearsal") for _, _, headers in shop.asked] == [None, "r-1:signed hold"]


def test_busy_site_is_asked_again_when_it_says_so_and_each_time_counts() -> None:
    shop, browser = open_page(BUSY, BUSY, (200, ""))

    browser.open("event page", f"{HOST}/")

    assert len(shop.asked) == 3
    assert shop.tally.faults[("event page", "busy", 503)].count == 2
    assert 6300 <= shop.tally.steps["event page"].max_ms <= 9300


def test_site_that_stays_busy_is_given_up_after_the_second_time() -> None:
    shop, browser = open_page(BUSY)

    with pytest.raises(GaveUp, match="busy"):
        browser.open("event page", f"{HOST}/")

    assert len(shop.asked) == 3
    assert shop.tally.faults[("event page", "busy", 503)].count == 3
    assert "event page" not in shop.tally.steps


def test_bot_does_not_wait_and_its_refusal_is_no_error() -> None:
    shop, browser = open_page((429, "", {"retry-after": "3"}))
    browser.is_patient = False

    browser.open("bot", f"{HOST}/")

    assert len(shop.asked) == 1
    assert shop.tally.faults == {}


@pytest.mark.parametrize(
    ("reply", "kind", "counts"),
    [
        ((500, ""), "5xx", False), ((503, ""), "5xx", False), ((404, ""), "wrong answer", False),
        ("timeout", "timeout", True), ("refused connection", "refused connection", False),
    ],
)  # fmt: skip
def test_what_went_wrong_is_told_apart_and_a_wait_in_vain_counts(reply: Reply | str, kind: str, counts: bool) -> None:
    shop, browser = open_page(reply)

    with pytest.raises(GaveUp, match=kind):
        browser.open("event page", f"{HOST}/")

    assert [(step, found) for step, found, _ in shop.tally.faults] == [("event page", kind)]
    assert ("event page" in shop.tally.steps) == counts


@pytest.mark.parametrize("status", [409, 422])
def test_polite_refusal_is_no_error(status: int) -> None:
    shop, browser = open_page((status, ""))

    assert browser.send("hold", f"{HOST}/", {}).status == status
    assert shop.tally.faults == {}


@pytest.mark.parametrize(("idle", "asked"), [(5.0, 2), (1.0, 1)])
def test_idle_connection_that_was_hung_up_is_replaced_once(idle: float, asked: int) -> None:
    shop, browser = open_page("cut connection", (200, ""))
    browser.pause(idle)

    if asked == 2:
        assert browser.send("hold", f"{HOST}/", {}).status == 200
    else:
        with pytest.raises(GaveUp):
            browser.send("hold", f"{HOST}/", {})

    assert len(shop.asked) == asked


def test_browser_says_where_it_comes_from() -> None:
    shop = Shop({"GET /": (200, ""), "POST /": (200, ""), "GET http://pay.test/": (200, "")})
    browser = shop.browser()

    browser.open("event page", f"{HOST}/")
    browser.send("hold", f"{HOST}/", {"a": "1"})
    browser.open("payment page", "http://pay.test/")

    sent = [headers for _, _, headers in shop.asked]
    assert [one["Sec-Fetch-Site"] for one in sent] == ["none", "same-origin", "cross-site"]
    assert [one.get("Referer") for one in sent] == [None, f"{HOST}/", None]
    assert [one.get("Origin") for one in sent] == [None, HOST, None]
    assert {one["Accept-Encoding"] for one in sent} == {"gzip"}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("timed out"), "timeout"),
        (ConnectionRefusedError(111, "Connection refused"), "refused connection"),
        (ConnectionResetError(104, "Connection reset by peer"), "cut connection"),
    ],
)  # fmt: skip
def test_fault_of_a_connection_has_a_name(error: Exception, kind: str) -> None:
    assert fault_of(error) == kind
