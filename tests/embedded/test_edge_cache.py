"""The edge keeps public pages for as long as the site says, one copy for everyone, and nothing else."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.models import RESERVED_SLUGS
from tests.embedded.visits import FRESH, PAGE, Answer, Asked, Front, front

PUBLIC = [
    "/", "/riverside/", PAGE, f"{PAGE}tickets/", f"{PAGE}availability/", f"{PAGE}secret/a-Secret_1/",
    f"{PAGE}secret/a-Secret_1/tickets/", f"{PAGE}secret/a-Secret_1/availability/", "/theme/00ff7a.css",
    f"/assets/{'0a' * 32}.webp", f"/assets/{'0a' * 32}.jpg",
    f"{PAGE}code/EARLY_1-b/", f"{PAGE}code/EARLY/tickets/", f"{PAGE}code/EARLY/availability/",
]  # fmt: skip
PRIVATE = [
    "/orders/an-Order_1/", "/orders/abc/details/", "/tickets/ABCD-1234/", "/tickets/worker.js", "/admin/", "/dev/mail/",
    "/webhooks/stripe/", "/clock/", f"{PAGE}orders/", f"{PAGE}reminders/", "/favicon.ico", "/theme/red.css",
    "/assets/0a.webp", f"/assets/{'0a' * 32}.svg",
    f"{PAGE}waiting-list/", f"{PAGE}waiting-list/a-Secret_1/", f"{PAGE}code/",
    "/%6frders/abc/",
    "/organise/", "/organise/a/b/flags/", "/login/", "/logout/",
]  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Front]:
    with front(tmp_path) as shop:
        yield shop


def keeps(shop: Front, *, until_in: float, stale: int) -> None:
    """Have the site say that its page is good until so many seconds from now, and stale for so many more."""

    def reply(_: Asked) -> Answer:
        swr = f"public, max-age=0, s-maxage=1, stale-while-revalidate={stale}"
        return shop.site.page(Cache_Control=swr, X_Accel_Expires=f"@{int(time.time() + until_in)}")

    shop.site.reply = reply


def test_a_crowd_of_first_visitors_is_one_request(shop: Front) -> None:
    shop.site.takes(seconds=0.3)

    answers = shop.crowd([PAGE] * 200)

    assert Counter((answer.status, answer.body) for answer in answers) == {(200, b"page 1"): 200}
    assert len(shop.site.asked) == 1


def test_a_crowd_after_a_pause_is_one_request_and_sees_the_new_page(shop: Front) -> None:
    keeps(shop, until_in=-600, stale=1)
    shop.visit()
    shop.site.takes(seconds=0.3)

    answers = shop.crowd([PAGE] * 200)

    assert Counter(answer.body for answer in answers) == {b"page 2": 200}
    assert len(shop.site.asked) == 2


def test_a_page_is_kept_for_its_second_and_then_made_anew(shop: Front) -> None:
    first, second = shop.visit(), shop.visit()
    began = time.monotonic()

    assert (first.edge, second.edge) == ("MISS", "HIT")
    assert first.body == second.body == b"page 1"
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == FRESH
    assert shop.becomes(lambda: shop.visit().body == b"page 2", within=10)
    assert 0.9 < time.monotonic() - began < 3.5
    assert len(shop.site.asked) == 2


def test_a_stale_page_is_shown_while_it_is_made_anew(shop: Front) -> None:
    keeps(shop, until_in=-10, stale=60)

    first, second = shop.visit(), shop.visit()

    assert (second.edge, second.body) == ("STALE", first.body)
    assert shop.becomes(lambda: shop.visit().body != first.body)


def test_nobody_waits_for_a_slow_page_while_a_stale_one_may_be_shown(shop: Front) -> None:
    keeps(shop, until_in=-10, stale=60)
    shop.visit()
    shop.visit("/clock/")  # after which the page is kept for strangers too
    shop.site.takes(seconds=1)
    began = time.monotonic()

    answers = [shop.stranger() for _ in range(5)]

    assert time.monotonic() - began < 0.9
    assert {answer.body for answer in answers} == {b"page 1"}
    assert [answer.edge for answer in answers] == ["STALE", *["UPDATING"] * 4]
    assert [asked.path for asked in shop.site.asked] == [PAGE, "/clock/", PAGE]


def test_after_a_pause_nobody_sees_the_old_page(shop: Front) -> None:
    keeps(shop, until_in=-3, stale=1)
    shop.visit()

    second = shop.visit()

    assert (second.edge, second.body) == ("EXPIRED", b"page 2")


def test_a_moment_named_by_the_site_ends_a_copy_before_its_second_is_over(shop: Front) -> None:
    """X-Accel-Expires counts, and stale-while-revalidate is not switched off by it: see `keeps`."""
    shop.site.reply = lambda _: shop.site.page(Cache_Control="public, s-maxage=600", X_Accel_Expires="@1")
    shop.visit()

    assert shop.visit().body == b"page 2"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_old_page_stands_in_for_one_that_fails(shop: Front, status: int) -> None:
    keeps(shop, until_in=-86_400, stale=1)
    shop.visit()
    shop.site.reply = lambda _: Answer(status, {"Cache-Control": "no-store"}, b"a fault")

    answer = shop.visit()

    assert (answer.status, answer.edge, answer.body) == (200, "STALE", b"page 1")


def test_an_old_page_stands_in_for_a_site_that_is_gone_and_the_new_one_follows(shop: Front) -> None:
    keeps(shop, until_in=-86_400, stale=1)
    shop.visit()
    shop.site.stop()

    crowd = shop.crowd([PAGE] * 100)
    shop.site.start()

    assert Counter((answer.edge, answer.body) for answer in crowd) == {("STALE", b"page 1"): 100}
    assert shop.becomes(lambda: shop.visit().body == b"page 2", within=5)


def test_an_old_page_stands_in_for_a_site_that_does_not_answer_in_time(shop: Front) -> None:
    keeps(shop, until_in=-86_400, stale=1)
    shop.visit()
    shop.site.takes(seconds=11)
    began = time.monotonic()

    answer = shop.visit()

    assert (answer.edge, answer.body) == ("STALE", b"page 1")
    assert 9 < time.monotonic() - began < 11


def test_a_copy_outlives_the_site_for_an_hour() -> None:
    template = Path(__file__).parents[2] / "deploy" / "nginx" / "tito.conf.template"
    kept = [line for line in template.read_text().splitlines() if "keys_zone=edge_pages" in line]

    assert ["inactive=60m" in line for line in kept] == [True]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_kept(shop: Front, path: str) -> None:
    answers = [shop.visit(path), shop.visit(path)]

    assert [answer.edge for answer in answers] == ["MISS", "HIT"]
    assert [asked.path for asked in shop.site.asked] == [path]


@pytest.mark.parametrize("path", PRIVATE)
def test_other_pages_are_never_kept_whatever_the_site_says(shop: Front, path: str) -> None:
    answers = [shop.visit(f"{path}?step=2", Cookie="sessionid=mine") for _ in range(2)]

    assert [answer.edge for answer in answers] == ["PASS", "PASS"]
    assert [answer.body for answer in answers] == [b"page 1", b"page 2"]
    assert {asked.headers["Cookie"] for asked in shop.site.asked} == {"sessionid=mine"}
    assert {asked.path for asked in shop.site.asked} == {f"{path}?step=2"}


def test_every_reserved_word_is_the_sites_own_and_not_kept(shop: Front) -> None:
    words = sorted(RESERVED_SLUGS - {"static", "theme"})

    kept = [word for word in words for tail in ("", "a/") if shop.visit(f"/{word}/{tail}").edge != "PASS"]

    assert kept == []
    assert len(shop.site.asked) == 2 * len(words)


def test_what_follows_a_question_mark_neither_makes_a_new_copy_nor_reaches_the_site(shop: Front) -> None:
    for tail in ("?utm_source=news&utm_medium=mail", "", "?", "?fbclid=1", "?anything", f"?{'x' * 2000}", "?a=%0a%00"):
        shop.visit(f"{PAGE}{tail}")

    assert [asked.path for asked in shop.site.asked] == [PAGE]


def test_nothing_of_one_visitor_reaches_what_all_visitors_get(shop: Front) -> None:
    theirs = {
        "Cookie": "_ga=1; sessionid=2", "Authorization": "Basic eDp5", "Accept_Language": "de", "User_Agent": "a",
        "Referer": "https://evil.example/", "X_Forwarded_Host": "evil.example", "X_Http_Method_Override": "POST",
    }  # fmt: skip

    first, second = shop.visit(PAGE, "GET", None, **theirs), shop.visit(Cookie="_ga=3")

    assert (first.edge, second.edge) == ("MISS", "HIT")
    assert sorted(shop.site.asked[0].headers) == [
        "Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id", "X-Request-Start",
    ]  # fmt: skip


def test_one_copy_for_each_host_however_it_is_written(shop: Front) -> None:
    for host in ("tickets.example", "Tickets.EXAMPLE", "tickets.example:8000", "other.example"):
        shop.visit(Host=host)

    assert [asked.headers["Host"] for asked in shop.site.asked] == ["tickets.example", "other.example"]


def test_an_answer_with_a_cookie_is_not_kept(shop: Front) -> None:
    shop.site.reply = lambda _: shop.site.page(Set_Cookie="visitor=1", X_Accel_Expires="600")

    answers = [shop.visit(), shop.visit()]

    assert [(answer.edge, answer.body) for answer in answers] == [("MISS", b"page 1"), ("MISS", b"page 2")]


@pytest.mark.parametrize("said", ["no-store", "private", "no-cache", "max-age=0", ""])
def test_a_page_that_the_site_does_not_give_away_is_not_kept(shop: Front, said: str) -> None:
    shop.site.reply = lambda _: shop.site.page(Cache_Control=said)

    answers = [shop.visit(), shop.visit()]

    assert [answer.body for answer in answers] == [b"page 1", b"page 2"]


def test_a_missing_page_is_kept_when_the_site_says_so(shop: Front) -> None:
    missing = {"Cache-Control": "no-store", "X-Accel-Expires": "1"}
    shop.site.reply = lambda _: Answer(404, missing, b"nothing here")

    answers = [shop.visit(), shop.visit()]

    assert [(answer.status, answer.edge) for answer in answers] == [(404, "MISS"), (404, "HIT")]
    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store", "no-store"]
    assert [answer.headers["X-Accel-Expires"] for answer in answers] == [None, None]


def test_a_post_is_never_kept_and_never_answered_from_a_copy(shop: Front) -> None:
    shop.visit()

    answers = [shop.visit(method="POST", body=b"a=1"), shop.visit(method="POST", body=b"a=1"), shop.visit()]

    assert [answer.body for answer in answers] == [b"page 2", b"page 3", b"page 1"]
    assert [asked.method for asked in shop.site.asked] == ["GET", "POST", "POST"]


def test_head_and_get_share_a_copy(shop: Front) -> None:
    answers = [shop.visit(method="HEAD"), shop.visit(), shop.visit(method="HEAD")]

    assert [(answer.edge, answer.body) for answer in answers] == [("MISS", b""), ("HIT", b"page 1"), ("HIT", b"")]
    assert {answer.headers["Content-Length"] for answer in answers} == {"6"}
    assert [asked.method for asked in shop.site.asked] == ["GET"]


def test_each_encoding_has_its_copy_and_its_tag(shop: Front) -> None:
    def reply(asked: Asked) -> Answer:
        if asked.headers["Accept-Encoding"] == "gzip":
            headers = {"Content-Encoding": "gzip", "ETag": '"tag-gz"', "Vary": "Accept-Encoding"}
            return Answer(200, {"Cache-Control": FRESH, **headers}, b"squeezed")
        return Answer(200, {"Cache-Control": FRESH, "ETag": '"tag"', "Vary": "Accept-Encoding"}, b"p" * 5000)

    shop.site.reply = reply
    squeezed = [shop.visit(Accept_Encoding=takes) for takes in ("gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "x, gzip")]
    plain = [shop.visit(Accept_Encoding=takes) for takes in ("", "br", "gzip;q=0, br", "identity", "xgzip-9")]

    assert [answer.edge for answer in (*squeezed, *plain)] == ["MISS", "HIT", "HIT", "MISS", "HIT", "HIT", "HIT", "HIT"]
    assert {(answer.body, answer.headers["ETag"]) for answer in squeezed} == {(b"squeezed", '"tag-gz"')}
    assert {(answer.body, answer.headers["ETag"]) for answer in plain} == {(b"p" * 5000, '"tag"')}
    assert {answer.headers["Vary"] for answer in (*squeezed, *plain)} == {"Accept-Encoding"}
    assert [asked.headers["Accept-Encoding"] for asked in shop.site.asked] == ["gzip", None]


def test_who_has_the_page_is_told_so_by_the_edge_alone(shop: Front) -> None:
    shop.site.reply = lambda _: shop.site.page(ETag='"tag"')
    shop.visit()

    answers = [shop.visit(If_None_Match=tags) for tags in ('"tag"', '"other", "tag"', '"other"')]

    assert [(answer.status, answer.body) for answer in answers] == [(304, b""), (304, b""), (200, b"page 1")]
    assert answers[0].headers["ETag"] == '"tag"'
    assert len(shop.site.asked) == 1
