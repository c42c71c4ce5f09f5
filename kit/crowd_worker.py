"""gunicorn's threaded worker for the second in which everybody comes.

It accepts every connection at once, looks at the first line of each request, and lets buyers go before browsers
(`kit/ranked_pool.py`). Whoever cannot be served in time is told so at once by a page that needs neither Django nor a
thread, and whose client has gone meanwhile is not served at all: work for the dead is how an overload outlives its
cause. A connection that has sent nothing yet waits without a thread.
"""

import re
import select
import socket
import struct
import sys
import time
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

from kit.ranked_pool import Outcome, Rank, RankedPool, TooLate

RETRY_SECONDS: Final = 5
SWITCH_SECONDS: Final = 0.001
# Half a request, or a client that reads nothing, holds a thread for so long (Linux' struct timeval). Behind the edge,
# which takes requests whole and answers at once, neither comes.
STALL: Final = struct.pack("@ll", 5, 0)
MAY_HAVE_GONE: Final = 0.2  # seconds after which a look at whether the client is still there is worth it
CROWD: Final = 64  # connections from which on a process takes
ACCEPTED_AT_ONCE: Final = 128  # so many new ones at once; before, one, so that its neighbours get theirs
LOOK: Final = socket.MSG_PEEK | socket.MSG_DONTWAIT
# An order's own pages, what the payment provider tells us, staff; and taking a hold.
BUYERS: Final = re.compile(rb"[A-Z]+ /(orders|tickets|webhooks|admin)/|POST /[^ ]+/orders/ ")
BUSY_PAGE: Final = Path(__file__).resolve().parents[1] / "templates" / "503.html"


def rank_of(head: bytes) -> Rank:
    """Who goes first, by the first line of a request."""
    return Rank.BUYER if BUYERS.match(head) else Rank.BROWSER


def busy_answer() -> bytes:
    """The whole answer to whom we have no time for."""
    page = re.sub(r"\{% comment %\}.*?\{% endcomment %\}\s*", "", BUSY_PAGE.read_text(), flags=re.DOTALL).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(page)}\r\nRetry-After: {RETRY_SECONDS}\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + page


def has_gone(client: socket.socket) -> bool:
    """Whether the other end has closed the connection, also when what it sent before is still unread (Linux)."""
    look = select.poll()
    look.register(client, getattr(select, "POLLRDHUP", select.POLLHUP))
    return bool(look.poll(0))


class CrowdWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """What the first lines of this file say."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.busy = busy_answer()

    def init_process(self) -> None:
        # The thread that takes and refuses connections must not wait five milliseconds for each turn.
        sys.setswitchinterval(SWITCH_SECONDS)
        super().init_process()

    def get_thread_pool(self) -> RankedPool:
        return RankedPool(self.cfg.threads, self._serve, self._served)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """As gunicorn does it; in a crowd no new request is begun until the door has been seen to."""
        events = self.poller.select(timeout)
        with self.tpool.held_back() if self.tpool.is_crowded() else nullcontext():
            for key, _ in events:
                key.data(key.fileobj)

    def accept(self, listener: socket.socket) -> None:
        for _ in range(ACCEPTED_AT_ONCE if self.nr_conns > CROWD else 1):
            try:
                client, address = listener.accept()
            except OSError:  # nobody is left, or they have gone already
                return
            for which in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                client.setsockopt(socket.SOL_SOCKET, which, STALL)
            self.nr_conns += 1
            self.enqueue_req(TConn(self.cfg, client, address, listener.getsockname()))

    def enqueue_req(self, conn: Any) -> None:
        """Let a request wait for its turn, or turn it away; one that has not come yet waits without a turn."""
        head = self._look(conn)
        if head is None:
            self._wait_for_request(conn)
            return
        rank = rank_of(head)
        if not head:
            self._drop(conn)
        elif self.tpool.is_full(rank):
            self._turn_away(conn)
        else:
            conn.data_ready = True
            self.tpool.submit(rank, conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        if isinstance(fs.exception(), TooLate):
            self._turn_away(conn)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Called about once a second."""
        super().murder_pending()
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
            return bytes(conn.sock.recv(256, LOOK))
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
                conn.sock.recv(1 << 16)  # what is left unread would cut the answer off
            conn.sock.send(self.busy)
            conn.sock.shutdown(socket.SHUT_WR)
        self._drop(conn)

    def _drop(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()
