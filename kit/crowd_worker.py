"""gunicorn's threaded worker for the second in which everybody comes.

It accepts every connection at once, looks at the first line of each request, and lets buyers go before browsers
(`kit/ranked_pool.py`). Whoever cannot be served in time is told so at once by a page that needs neither Django nor a
thread, and whose client has gone meanwhile is not served at all: work for the dead is how an overload outlives its
cause. A connection that has sent nothing yet waits without a thread.
"""

import errno
import re
import resource
import select
import socket
import struct
import sys
import time
from collections import deque
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

from kit.ranked_pool import Outcome, Rank, RankedPool, TooLate

RETRY_SECONDS: Final = 5
SWITCH_SECONDS: Final = 0.001
SPARE_DESCRIPTORS: Final = 100  # for Postgres, Redis, files and pipes
WITHOUT_BODY: Final = (b"GET ", b"HEAD ")
END_OF_HEAD: Final = b"\r\n\r\n"
LONGEST_LOOK: Final = 8192  # a longer head is gunicorn's to judge
LOOK_AGAIN_SECONDS: Final = 0.02  # at half a request, while nothing else happens
LINGER_SECONDS: Final = 2.0
# A form whose rest does not come, or a client that reads nothing, holds a thread for so long (Linux' struct timeval).
# Behind the edge, which takes requests whole and answers at once, neither comes.
STALL: Final = struct.pack("@ll", 5, 0)
MAY_HAVE_GONE: Final = 0.2  # seconds after which a look at whether the client is still there is worth it
CROWD: Final = 64  # connections from which on a process takes
ACCEPTED_AT_ONCE: Final = 128  # so many new ones at once; before, one, so that its neighbours get theirs
LOOK: Final = socket.MSG_PEEK | socket.MSG_DONTWAIT
BUYERS: Final = re.compile(rb"[A-Z]+ /(orders|tickets|admin|organise|login|logout)/")  # an order's own pages, staff;
PAYERS: Final = re.compile(rb"(POST /orders/[^/ ?]+/payments/|GET /orders/[^/ ?]+/return/)[ ?]")  # ask the provider
NOTICES: Final = re.compile(rb"POST /webhooks/")  # what the provider tells us;
TAKERS: Final = re.compile(rb"POST /[^ ?]+/orders/[ ?]")  # and taking a hold
BUSY_PAGE: Final = Path(__file__).resolve().parents[1] / "templates" / "503.html"


def rank_of(head: bytes) -> Rank:
    """Who goes first, by the first line of a request."""
    if NOTICES.match(head):
        return Rank.NOTICE
    if PAYERS.match(head):
        return Rank.PAYER
    if BUYERS.match(head):
        return Rank.BUYER
    return Rank.TAKER if TAKERS.match(head) else Rank.BROWSER


def busy_answer() -> bytes:
    """The whole answer to whom we have no time for."""
    page = re.sub(r"\{% comment %\}.*?\{% endcomment %\}\s*", "", BUSY_PAGE.read_text(), flags=re.DOTALL).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(page)}\r\nRetry-After: {RETRY_SECONDS}\r\nCache-Control: no-store\r\n"
        "X-Accel-Expires: 1\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + page


def descriptors() -> int:
    """How many files and connections this process may have open: as many as it may ask for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def has_gone(client: socket.socket) -> bool:
    """Whether the other end has closed the connection, also when what it sent before is still unread (Linux)."""
    look = select.poll()
    look.register(client, getattr(select, "POLLRDHUP", select.POLLHUP))
    return bool(look.poll(0))


class CrowdWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Takes, ranks and refuses connections in its main thread, and serves them in those of a RankedPool."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.busy = busy_answer()
        self.halves: deque[Any] = deque()  # connections on which half a request has come
        self.leaving: deque[Any] = deque()  # and those that were told goodbye
        self.judged_at = 0.0

    def init_process(self) -> None:
        # The thread that takes and refuses connections must not wait five milliseconds for each turn.
        sys.setswitchinterval(SWITCH_SECONDS)
        for listener in self.sockets:  # every connection has what its listener has, and each call at the door counts
            for which in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                listener.setsockopt(socket.SOL_SOCKET, which, STALL)
        self.worker_connections = min(self.cfg.worker_connections, descriptors() - SPARE_DESCRIPTORS)
        super().init_process()

    def get_thread_pool(self) -> RankedPool:
        return RankedPool(self.cfg.threads, self._serve, self._served)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """As gunicorn does it; in a crowd no new request is begun until the door has been seen to."""
        events = self.poller.select(min(timeout, LOOK_AGAIN_SECONDS) if self.halves else timeout)
        with self.tpool.held_back() if self.tpool.is_crowded() else nullcontext():
            for key, _ in events:
                key.data(key.fileobj)

    def accept(self, listener: socket.socket) -> None:
        for _ in range(ACCEPTED_AT_ONCE if self.nr_conns > CROWD else 1):
            try:
                client, address = listener.accept()
            except OSError as fault:  # nobody is left, or they have gone already
                if fault.errno in {errno.EMFILE, errno.ENFILE}:
                    self.log.warning("no descriptor is left for another connection")
                    time.sleep(0.05)  # else this would be asked again at once, and again
                return
            self.nr_conns += 1
            self.enqueue_req(TConn(self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Any) -> None:
        """Let a request wait for its turn, or turn it away; one that has not come yet waits without a turn."""
        head = self._look(conn)
        if head is None:
            self._wait_for_request(conn)
        elif not head:
            self._drop(conn)
        elif END_OF_HEAD not in head and len(head) < LONGEST_LOOK:
            conn.timeout = time.monotonic() + self.cfg.keepalive
            self.halves.append(conn)
        else:
            self._admit(conn, head)

    def _admit(self, conn: Any, head: bytes) -> None:
        rank = rank_of(head)
        conn.has_more = not head.startswith(WITHOUT_BODY)
        if self.tpool.is_full(rank):
            self._turn_away(conn)
        else:
            conn.data_ready = True
            self.tpool.submit(rank, conn)

    def _look_again(self, conn: Any, now: float) -> None:
        """At half a request: it takes no thread until it is whole, and not for ever."""
        head = self._look(conn)
        if not head:
            self._drop(conn)
        elif now > conn.timeout:
            self._hang_up(conn)
        elif END_OF_HEAD in head:
            self._admit(conn, head)
        else:
            self.halves.append(conn)

    def _last_look(self, conn: Any) -> None:
        """At a connection that has sent nothing in its time, or that nobody at the door has had the time to look at."""
        self.poller.unregister(conn.sock)
        if self._look(conn):
            self.enqueue_req(conn)
        else:
            self._drop(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        if isinstance(fs.exception(), TooLate):
            self._turn_away(conn)
        elif fs.exception() is None and fs.result():
            super().finish_request(conn, fs)  # the connection is kept
        else:
            self._hang_up(conn)

    def murder_pending(self) -> None:
        """Called on each turn of the loop: whose time is over, and whose request has come whole meanwhile."""
        now = time.monotonic()
        while self.pending_conns and self.pending_conns[0].timeout < now:
            self._last_look(self.pending_conns.popleft())
        while self.leaving and self.leaving[0].timeout < now:
            self._gone(self.leaving[0])
        for _ in range(len(self.halves)):
            self._look_again(self.halves.popleft(), now)
        if now > self.judged_at + 1.0:
            self.judged_at = now
            self.tpool.give_up()

    def _serve(self, conn: Any, waited: float) -> Any:
        """In a thread. False closes the connection."""
        return False if waited > MAY_HAVE_GONE and has_gone(conn.sock) else self.handle(conn)

    def _served(self, conn: Any, outcome: Outcome) -> None:
        self.method_queue.defer(self.finish_request, conn, outcome)

    @staticmethod
    def _look(conn: Any) -> bytes | None:
        """The beginning of what was sent, left where it is; empty when the client has gone, None for nothing yet."""
        if conn.parser is not None and (read_ahead := conn.parser.unreader.buf.getvalue()):
            return bytes(read_ahead)
        try:
            return bytes(conn.sock.recv(LONGEST_LOOK, LOOK))
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _wait_for_request(self, conn: Any) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _turn_away(self, conn: Any) -> None:
        with suppress(OSError):
            conn.sock.setblocking(False)
            with suppress(BlockingIOError):
                conn.sock.recv(1 << 16)
            conn.sock.send(self.busy)
        self._hang_up(conn)

    def _hang_up(self, conn: Any) -> None:
        """Say that nothing more comes. Where the rest of a form may be on its way, wait a little for the client to
        close: what nobody has read would cut off the answer. gunicorn waits right here, and everybody with it."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            if not getattr(conn, "has_more", True):
                self._drop(conn)
                return
            conn.timeout = time.monotonic() + LINGER_SECONDS
            self.poller.register(conn.sock, EVENT_READ, partial(self._drain, conn))
            self.leaving.append(conn)
        except (OSError, ValueError, KeyError):
            self._drop(conn)

    def _drain(self, conn: Any, client: socket.socket) -> None:
        try:
            if client.recv(1 << 16):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._gone(conn)

    def _gone(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.leaving.remove(conn)
        self._drop(conn)

    def _drop(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()
