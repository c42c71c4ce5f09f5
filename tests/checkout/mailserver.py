"""A small mail server on loopback (RFC 5321, as much as smtplib says), which can refuse and hang up."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """What was delivered, and the trouble to make: `refused` recipients; while `is_down` it hangs up at once."""

    port: int = 0
    delivered: list[tuple[list[str], bytes]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    is_down: bool = False
    when_called: Callable[[], None] = lambda: None

    @property
    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for _, raw in self.delivered]

    @property
    def recipients(self) -> list[str]:
        return [to for recipients, _ in self.delivered for to in recipients]


class _Conversation(socketserver.StreamRequestHandler):
    """One client."""

    server: "_Server"

    def handle(self) -> None:
        desk, self._to = self.server.desk, list[str]()
        desk.when_called()
        if desk.is_down:
            self._say("421 closed for today")
            return
        self._say("220 ready")
        while line := self.rfile.readline():
            word = line.split(maxsplit=1)[0].upper()
            self._answer(word.decode(), line.decode().strip())
            if word == b"QUIT":
                return

    def _answer(self, word: str, line: str) -> None:
        if word == "RCPT":
            self._recipient(line.partition("<")[2].partition(">")[0])
        elif word == "DATA":
            self._say("354 go on")
            self.server.desk.delivered.append((self._to, b"".join(self._lines())))
            self._to = []
            self._say("250 taken")
        else:
            self._say("250 fine")

    def _recipient(self, address: str) -> None:
        if address in self.server.desk.refused:
            self._say("550 nobody of that name")
            return
        self._to.append(address)
        self._say("250 known")

    def _lines(self) -> Iterator[bytes]:
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            yield line.removeprefix(b".") if line.startswith(b"..") else line

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    desk: MailServer


@contextmanager
def open_mail_server() -> Iterator[MailServer]:
    """One that listens until the end of the block."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.desk = MailServer(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.desk
        finally:
            server.shutdown()
            thread.join()
