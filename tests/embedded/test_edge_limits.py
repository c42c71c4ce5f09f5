"""What the edge answers by itself: too much at once, too much in one request, and a site that does not answer."""

import http.client
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from embedded import ports
from tests.embedded.visits import PAGE, Answer, Front, front

ORDERS = f"{PAGE}orders/"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Front]:
    with front(tmp_path) as shop:
        yield shop


def is_refused(answer: Answer, *, status: int, retry_after: str | None) -> bool:
    """Whether it is one of the edge's own pages, whole and not to be kept."""
    headers = answer.headers
    return (
        (answer.status, headers["Retry-After"]) == (status, retry_after)
        and (headers["Cache-Control"], headers["Content-Type"]) == ("no-store", "text/html; charset=utf-8")
        and headers["X-Content-Type-Options"] == "nosniff"
        and "default-src 'none'" in headers["Content-Security-Policy"]
        and len(str(headers["X-Request-Id"])) == 32
    )


def test_buyers_who_share_an_address_all_get_through_at_once(shop: Front) -> None:
    answers = shop.crowd([ORDERS] * 200, "POST", b"quantity-adult=2")

    assert Counter(answer.status for answer in answers) == {200: 200}
    assert len(shop.site.asked) == 200


def test_a_flood_from_one_address_is_told_to_come_back_and_others_are_not(shop: Front) -> None:
    with ExitStack() as stack:
        for _ in range(650):  # more than 300 at once and 300 in turn, and what comes free meanwhile
            connection = stack.enter_context(closing(http.client.HTTPConnection(ports.HOST, shop.port)))
            connection.request("POST", ORDERS, b"", {"X-Forwarded-For": "198.51.100.7"})
        refused = shop.visit(ORDERS, "POST", b"", X_Forwarded_For="198.51.100.7")
        other = shop.visit(ORDERS, "POST", b"", X_Forwarded_For="198.51.100.8")
        looking = shop.visit("/orders/abc/", X_Forwarded_For="198.51.100.7")
        page = shop.visit(f"{PAGE}tickets/", X_Forwarded_For="198.51.100.7")

    assert is_refused(refused, status=429, retry_after="10")
    assert b"Nothing is lost." in refused.body
    assert [other.status, looking.status, page.status] == [200, 200, 200]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/admin/login/", 21),
        ("/login/", 21),
        (f"{PAGE}reminders/", 151),
        (f"{PAGE}waiting-list/", 151),
        (f"{PAGE}code/", 101),
    ],
)
def test_other_forms_have_limits_too_and_looking_at_them_has_none(shop: Front, path: str, most: int) -> None:
    looked = [shop.visit(path) for _ in range(most + 30)]
    sent = [shop.visit(path, "POST", b"") for _ in range(most - 1)]

    assert {answer.status for answer in (*looked, *sent)} == {200}
    if path.endswith("/login/"):
        refused = [shop.visit(path, "POST", b"") for _ in range(4)][-1]
        assert is_refused(refused, status=429, retry_after="10")


def test_who_guesses_codes_is_slowed_down_and_nobody_else(shop: Front) -> None:
    shop.site.reply = lambda asked: Answer(404, {"Cache-Control": "no-store, private"}, b"unknown")

    guessed = [shop.visit(f"{PAGE}code/GUESS-{n}/", X_Forwarded_For="198.51.100.7") for n in range(400)]
    other = shop.visit(f"{PAGE}code/GUESS-0/", X_Forwarded_For="198.51.100.8")
    page = shop.visit(PAGE, X_Forwarded_For="198.51.100.7")

    refused = [answer for answer in guessed if answer.status == 429]
    assert refused
    assert is_refused(refused[0], status=429, retry_after="10")
    assert (other.status, page.status) == (404, 404)
    assert len(shop.site.asked) < 400


def test_a_crowd_at_one_code_is_one_request(shop: Front) -> None:
    answers = shop.crowd([f"{PAGE}code/EARLY/"] * 200)

    assert Counter(answer.status for answer in answers) == {200: 200}
    assert len(shop.site.asked) <= 2


def test_a_household_with_a_network_of_its_own_is_one_address(shop: Front) -> None:
    def log_in(host: int, network: str = "2001:db8:1:a0a") -> Answer:
        return shop.visit("/admin/login/", "POST", b"", X_Forwarded_For=f"{network}::{host:x}")

    answers = [log_in(host) for host in range(1, 26)]

    assert [answers[0].status, answers[-1].status] == [200, 429]
    assert log_in(1, "2001:db8:1:a0b").status == 200


def test_a_form_that_is_too_large_is_not_read(shop: Front) -> None:
    answer = shop.visit(ORDERS, "POST", b"x" * (256 * 1024 + 1))
    fits = shop.visit(ORDERS, "POST", b"x" * 256 * 1024)

    assert is_refused(answer, status=413, retry_after=None)
    assert b"That was too much to send" in answer.body
    assert (fits.status, len(shop.site.asked)) == (200, 1)


@pytest.mark.parametrize(("method", "path"), [("GET", PAGE), ("GET", "/orders/abc/"), ("POST", ORDERS), ("HEAD", PAGE)])
def test_when_the_site_is_gone_a_page_says_what_became_of_the_order(shop: Front, method: str, path: str) -> None:
    shop.site.stop()

    answer = shop.visit(path, method, b"" if method == "POST" else None)

    assert is_refused(answer, status=502, retry_after="5")
    assert (b"Your order is as it was" in answer.body) is (method != "HEAD")


def test_a_crowd_is_told_soon_that_the_site_is_gone(shop: Front) -> None:
    shop.site.stop()
    began = time.monotonic()

    answers = shop.crowd([PAGE] * 100)

    assert time.monotonic() - began < 4  # of which up to one for the second to begin
    assert [answer for answer in answers if not is_refused(answer, status=502, retry_after="5")] == []


def test_a_page_takes_no_more_of_the_site_than_its_share(shop: Front) -> None:
    shop.site.takes(seconds=0.5)

    answers = shop.crowd([f"/riverside/event-{number}/" for number in range(100)])

    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) == {200, 502}
    assert statuses[200] == len(shop.site.asked) <= 64 + 16


@pytest.mark.parametrize("page", ["busy.html", "too-many.html", "too-large.html"])
def test_the_edges_pages_stand_alone_and_what_they_link_is_there(page: str) -> None:
    text = (ROOT / "deploy" / "nginx" / "pages" / page).read_text()
    linked = re.findall(r'(?:href|src)="/static/([^"]+)"', text)

    assert len(linked) == 6
    assert [name for name in linked if not (ROOT / "static" / name).exists()] == []
    assert re.findall(r"<script|<style|style=|https?://", text) == []
