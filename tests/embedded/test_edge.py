"""The edge hands requests to the site with what the site must know, once, and answers with what visitors may know."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import edge, places, ports, processes
from tests.embedded.visits import PAGE, Answer, Front, front

ORDERS = f"{PAGE}orders/"
STRANGER = "192.0.2.0/24"  # nobody's (RFC 5737), so that this machine is no balancer either


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Front]:
    with front(tmp_path) as shop:
        yield shop


@pytest.mark.parametrize("path", [PAGE, "/orders/abc/"])
def test_a_request_has_the_visitors_id_and_the_answer_has_it_too(shop: Front, path: str) -> None:
    shop.site.reply = lambda _: shop.site.page(X_Request_Id="the-sites-own", X_Edge="the site's own")

    answers = [shop.visit(path, X_Request_Id="visit-0001"), shop.visit(path, X_Request_Id="visit-0002")]

    assert shop.site.asked[0].headers["X-Request-Id"] == "visit-0001"
    assert [ids(answer) for answer in answers] == [["visit-0001"], ["visit-0002"]]
    assert {answer.edge for answer in answers} <= {"MISS", "HIT", "PASS"}


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", "a:b:c:d:e", 'quote"quote'])
def test_an_id_of_another_form_is_replaced(shop: Front, given: str) -> None:
    answers = [shop.visit(X_Request_Id=given), shop.visit(X_Request_Id=given)]

    made = [answer.headers["X-Request-Id"] for answer in answers]
    assert [bool(re.fullmatch(r"[0-9a-f]{32}", str(name))) for name in made] == [True, True]
    assert made[0] != made[1]
    assert shop.site.asked[0].headers["X-Request-Id"] == made[0]


@pytest.mark.parametrize("path", [PAGE, "/orders/abc/"])
def test_the_site_is_told_when_the_visitor_came(shop: Front, path: str) -> None:
    before = time.time()

    shop.visit(path, X_Request_Start="t=1")

    began = re.fullmatch(r"t=(\d+\.\d{3})", shop.site.asked[0].headers["X-Request-Start"])
    assert began
    assert before - 1 < float(began[1]) <= time.time()


@pytest.mark.parametrize("path", [PAGE, "/orders/abc/"])
def test_a_visitor_cannot_say_where_they_come_from_or_how(tmp_path: Path, path: str) -> None:
    claims = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https", "Forwarded": "for=203.0.113.9"}

    with front(tmp_path, trusted=STRANGER) as shop:
        shop.visit(path, "GET", None, **claims, X_Forwarded_Host="evil.example")

        (asked,) = shop.site.asked
    assert asked.headers.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert asked.headers.get_all("X-Forwarded-Proto") == ["http"]
    assert (asked.headers["Forwarded"], asked.headers["X-Forwarded-Host"]) == (None, None)


@pytest.mark.parametrize("path", [PAGE, "/orders/abc/"])
def test_a_trusted_balancer_can(shop: Front, path: str) -> None:
    shop.visit(path, X_Forwarded_For="198.51.100.1, 203.0.113.9, 127.0.0.1", X_Forwarded_Proto="https")

    (asked,) = shop.site.asked
    assert asked.headers.get_all("X-Forwarded-For") == ["203.0.113.9"]  # what stands before it, the visitor wrote
    assert asked.headers.get_all("X-Forwarded-Proto") == ["https"]


def test_what_a_balancer_says_of_the_way_is_http_or_https_or_nothing(shop: Front) -> None:
    for proto in ("gopher", "https, http", "HTTPS"):
        shop.visit("/orders/abc/", X_Forwarded_Proto=proto)

    assert [asked.headers["X-Forwarded-Proto"] for asked in shop.site.asked] == ["http", "http", "https"]


def test_copies_for_http_and_https_are_kept_apart(shop: Front) -> None:
    for proto in ("http", "https", "http", "https"):
        shop.visit(X_Forwarded_Proto=proto)

    assert [asked.headers["X-Forwarded-Proto"] for asked in shop.site.asked] == ["http", "https"]


def test_an_order_is_handed_on_as_it_was_sent(shop: Front) -> None:
    body = b"quantity-adult=2&name=%C3%84&x=" + b"y" * 100_000
    sent = {"Origin": "https://tickets.example", "Cookie": "a=1", "Content_Type": "application/x-www-form-urlencoded"}

    answer = shop.visit(f"{ORDERS}?via=%2Fmail", "POST", body, Host="tickets.example:8000", **sent)

    (asked,) = shop.site.asked
    assert (answer.status, answer.edge) == (200, "PASS")
    assert (asked.method, asked.path, asked.body) == ("POST", f"{ORDERS}?via=%2Fmail", body)
    assert [asked.headers[name.replace("_", "-")] for name in sent] == list(sent.values())
    assert asked.headers["Host"] == "tickets.example:8000"


@pytest.mark.parametrize("path", [ORDERS, "/orders/abc/payments/"])
def test_a_post_that_the_site_hangs_up_on_is_not_sent_again(shop: Front, path: str) -> None:
    def hang_up(_: object) -> Answer:
        shop.site.hang_up()
        return Answer()

    shop.site.reply = hang_up

    answer = shop.visit(path, "POST", b"quantity-adult=2")

    assert answer.status == 502
    assert len(shop.site.asked) == 1


def test_a_post_does_not_go_out_on_a_connection_that_was_kept(shop: Front) -> None:
    shop.visit("/orders/abc/")
    shop.visit("/orders/abc/")
    connections = len(shop.site.open)

    shop.visit(ORDERS, "POST", b"")

    assert (connections, len(shop.site.open)) == (1, 2)


def test_answers_of_the_site_come_through_as_they_are(shop: Front) -> None:
    shop.site.reply = lambda _: Answer(503, {"Retry-After": "7", "Set-Cookie": "a=1"}, b"the review page")

    answer = shop.visit("/orders/abc/", "POST", b"")

    assert (answer.status, answer.body) == (503, b"the review page")
    assert (answer.headers["Retry-After"], answer.headers["Set-Cookie"]) == ("7", "a=1")


def test_pages_that_the_site_sends_plain_are_squeezed_once(shop: Front) -> None:
    shop.site.reply = lambda _: Answer(200, {"Content-Type": "text/html; charset=utf-8"}, b"order " * 1000)
    order = shop.visit("/orders/abc/", Accept_Encoding="gzip")
    plain = shop.visit("/orders/abc/")
    signed_in = [shop.visit(path, Accept_Encoding="gzip") for path in ("/admin/", "/organise/", "/login/")]
    squeezed = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
    shop.site.reply = lambda _: Answer(200, squeezed, b"squeezed " * 1000)
    once = shop.visit("/orders/abc/", Accept_Encoding="gzip")

    assert (order.headers["Content-Encoding"], len(order.body) < 200) == ("gzip", True)
    assert (plain.headers["Content-Encoding"], plain.body) == (None, b"order " * 1000)
    assert {answer.body for answer in signed_in} == {b"order " * 1000}
    assert once.body == b"squeezed " * 1000


def test_a_path_that_begins_with_a_dot_is_nobodys_business(shop: Front) -> None:
    answers = [shop.visit(path) for path in ("/.env", "/.git/config", "/riverside/.env", "/static/.env", "/%2Eenv")]

    assert [answer.status for answer in answers] == [404] * 5
    assert shop.site.asked == []


def test_the_edge_does_not_say_which_version_it_is(shop: Front) -> None:
    assert shop.visit("/.env").headers["Server"] == "nginx"


def test_no_log_has_the_address_of_an_order(tmp_path: Path) -> None:
    with front(tmp_path, log="access.log edge") as shop:
        shop.site.stop()
        for path in ("/orders/a-secret-word/details/", "/%6frders/a-secret-word/", f"{PAGE}secret/a-secret-word/"):
            shop.visit(path)
        file = places.choose(tmp_path / "edge").home / "nginx" / "access.log"
        assert shop.becomes(lambda: file.read_text().count("\n") == 3)
        written = file.read_text()

    assert "a-secret-word" not in written
    assert written.count('"path":"/orders/…"') == 2
    assert f'"path":"{PAGE}secret/…"' in written
    assert written.count('"status":502') == 3


def test_a_killed_edge_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    port = ports.choose()
    with edge.running(port=port, site=ports.choose(), static=tmp_path / "none", local=tmp_path) as part:
        assert processes.wait_until(lambda: not ports.is_free(port), within=20)
        part.process.send_signal(signal.SIGKILL)
        part.process.wait()
        home = places.choose(tmp_path / "edge").home

    assert ports.becomes_free(port, within=5)
    assert not home.exists()
    assert not (tmp_path / "edge").exists()


@pytest.mark.parametrize(("system", "machine"), [("Linux", "riscv64"), ("Windows", "AMD64")])
def test_there_is_no_edge_where_the_wheel_has_none(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    assert edge.program()
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)

    assert edge.program() is None


def ids(answer: Answer) -> list[str] | None:
    """Every request id that the answer carries."""
    return answer.headers.get_all("X-Request-Id")  # type: ignore[union-attr]  # a visitor's answer has a Message
