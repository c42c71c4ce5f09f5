"""gunicorn with our worker, over real sockets: who is served, in which order, and who is told to come back."""

import http.client
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from embedded import ports, processes
from embedded.processes import Plan
from kit.crowd_worker import rank_of
from kit.ranked_pool import Rank

ROOT = Path(__file__).resolve().parents[2]
THREADS = 4  # of which three may serve browsers
ROOM = 3  # browsers may wait
BUYER = "/orders/begun/"
NOTICE = "POST /webhooks/stripe/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Site:
    """The crowded site on its port."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        self.port, self._stack = port, stack

    def sends(self, request: str) -> socket.socket:
        """A connection on which this was sent; closed at the end of the test."""
        connection = self._stack.enter_context(socket.create_connection((ports.HOST, self.port), timeout=20))
        connection.sendall(request.encode())
        return connection

    def asks(self, path: str) -> socket.socket:
        return self.sends(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")

    def begun(self) -> list[str]:
        """The paths that browsers have asked for and a thread has begun to serve, in order."""
        return answer(self.asks(BUYER)).read().decode().split()

    def is_free(self) -> bool:
        """Whether it answers at all."""
        try:
            return answer(self.asks("/")).status == 200
        except OSError:
            return False

    def hang(self) -> list[socket.socket]:
        """As many slow browsers as there are threads for them, all being served."""
        slow = [f"/slow/{number}/" for number in range(THREADS - 1)]
        connections = [self.asks(path) for path in slow]
        assert processes.wait_until(lambda: set(slow) <= set(self.begun()), within=10)
        return connections


def answer(connection: socket.socket) -> http.client.HTTPResponse:
    """The next answer on a connection."""
    found = http.client.HTTPResponse(connection)
    found.begin()
    return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    port = ports.choose()
    command = [
        sys.executable, "-m", "gunicorn", "tests.kit.crowded_site:application", "--bind", f"{ports.HOST}:{port}",
        "--worker-class", "tests.kit.crowded_site.SmallWorker", "--workers", "1", "--threads", str(THREADS),
        "--keep-alive", "5", "--graceful-timeout", "2", "--no-control-socket",
    ]  # fmt: skip
    part = processes.start(Plan("crowd", command, folder=ROOT, grace=10), tmp_path)
    with ExitStack() as stack:
        stack.callback(part.stop)
        made = Site(port, stack)
        assert processes.wait_until(made.is_free, within=20), part.last_words()
        yield made
        answer(made.asks("/orders/go-on/"))


@pytest.mark.parametrize(
    ("line", "rank"),
    [
        (b"GET /orders/abc/ HTTP/1.1", Rank.BUYER), (b"POST /orders/abc/details/ HTTP/1.1", Rank.BUYER),
        (b"POST /org/event/orders/ HTTP/1.1", Rank.TAKER), (b"POST /webhooks/stripe/ HTTP/1.1", Rank.NOTICE),
        (b"GET /webhooks/stripe/ HTTP/1.1", Rank.BROWSER), (b"POST /org/webhooks/ HTTP/1.1", Rank.BROWSER),
        (b"GET /organise/ HTTP/1.1", Rank.BUYER), (b"POST /orders/abc/payments/ HTTP/1.1", Rank.PAYER),
        (b"GET /orders/abc/return/?waited=2 HTTP/1.1", Rank.PAYER),
        (b"GET /org/orders/x/return/ HTTP/1.1", Rank.BROWSER),
        (b"POST /login/ HTTP/1.1", Rank.BUYER),
        (b"GET /admin/ HTTP/1.1", Rank.BUYER), (b"GET /tickets/ABCD/ HTTP/1.1", Rank.BUYER),
        (b"POST /org/event/orders/?from=mail HTTP/1.1", Rank.TAKER),
        (b"POST /org/event/reminders/?x=/orders/ HTTP/1.1", Rank.BROWSER),
        (b"GET /org/event/ HTTP/1.1", Rank.BROWSER), (b"GET / HTTP/1.1", Rank.BROWSER),
        (b"GET /org/event/orders/ HTTP/1.1", Rank.BROWSER), (b"GET /org/event/tickets/ HTTP/1.1", Rank.BROWSER),
        (b"\x16\x03\x01", Rank.BROWSER), (b"", Rank.BROWSER),
    ],
)  # fmt: skip
def test_rank_is_read_from_the_first_line(line: bytes, rank: Rank) -> None:
    assert rank_of(line) == rank


def test_connection_serves_one_request_after_another(site: Site) -> None:
    connection = site.asks("/first/")
    first = answer(connection)
    first.read()
    connection.sendall(b"POST /second/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")

    second = answer(connection)

    assert (first.status, second.status, second.read()) == (200, 200, b"hello")


def test_whoever_finds_no_room_is_told_so_at_once(site: Site) -> None:
    waiting = [*site.hang(), *(site.asks(f"/waits/{number}/") for number in range(ROOM))]

    refused = answer(site.asks("/too-many/"))
    page = refused.read().decode()
    answer(site.asks("/orders/go-on/"))

    assert (refused.status, refused.headers["Retry-After"], refused.headers["Cache-Control"]) == (503, "5", "no-store")
    assert "<h1>We are very busy</h1>" in page
    assert "{%" not in page
    assert [answer(one).status for one in waiting] == [200] * len(waiting)


def test_buyer_is_served_while_browsers_have_taken_all_they_may(site: Site) -> None:
    site.hang()

    assert answer(site.asks(BUYER)).status == 200


def test_notice_is_heard_while_buyers_and_browsers_are_turned_away(site: Site) -> None:
    site.hang()
    for number in range(ROOM):
        site.asks(f"/waits/{number}/")
    turned_away = answer(site.asks("/too-many/")).status

    notices = [site.sends(NOTICE) for _ in range(20)]

    assert turned_away == 503
    assert [answer(notice).status for notice in notices] == [200] * 20


def test_browser_is_served_while_buyers_hang(site: Site) -> None:
    for _ in range(THREADS + 2):
        site.asks("/orders/slow/")

    assert answer(site.asks("/org/event/")).status == 200


def test_connection_that_sends_nothing_takes_no_thread(site: Site) -> None:
    silent = [site.sends("") for _ in range(3 * THREADS)]

    assert answer(site.asks("/org/event/")).status == 200
    silent[0].sendall(b"GET /late/ HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer(silent[0]).status == 200


def test_request_in_two_pieces_is_served_when_the_second_comes(site: Site) -> None:
    connection = site.sends("GET /in-two/ HTTP/1.1\r\nHo")
    assert answer(site.asks("/org/event/")).status == 200

    connection.sendall(b"st: x\r\n\r\n")

    assert answer(connection).status == 200


def test_half_a_request_gives_its_thread_back(site: Site) -> None:
    halves = [site.sends("GET /half/ HTTP/1.1\r\nHo") for _ in range(THREADS)]

    assert processes.wait_until(lambda: answer(site.asks("/org/event/")).status == 200, within=10)
    assert {one.recv(1) for one in halves} == {b""}  # hung up on


def test_client_that_does_not_hang_up_keeps_nobody_waiting(site: Site) -> None:
    """gunicorn's own worker waits for each such client for two seconds, in the one thread that opens the door."""
    closing = "GET /closing/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    staying = list[http.client.HTTPResponse]()
    for _ in range(5):
        staying.append(answer(site.sends(closing)))
        assert staying[-1].status == 200

    began = time.monotonic()
    for _ in range(5):
        assert answer(site.asks("/org/event/")).status == 200

    assert time.monotonic() - began < 2.0  # the five would have cost ten


def test_form_that_is_turned_away_is_told_so_though_it_is_long(site: Site) -> None:
    site.hang()
    waiting = [site.asks(f"/waits/{number}/") for number in range(ROOM)]
    long = f"POST /long/ HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n{'a' * 300_000}"

    refused = answer(site.sends(long))

    assert refused.status == 503
    assert b"We are very busy" in refused.read()
    answer(site.asks("/orders/go-on/"))
    assert [answer(one).status for one in waiting] == [200] * ROOM


def test_client_who_has_gone_is_not_served(site: Site) -> None:
    hanging = site.hang()
    gone = site.asks("/gone/")
    still_there = site.asks("/still-there/")
    gone.close()
    assert not processes.wait_until(lambda: "/gone/" in site.begun(), within=0.3)

    answer(site.asks("/orders/go-on/"))

    assert [answer(one).status for one in (*hanging, still_there)] == [200] * THREADS
    assert "/gone/" not in site.begun()
    assert "/still-there/" in site.begun()
