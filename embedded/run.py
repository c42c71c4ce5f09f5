"""`make run`, once everything is installed: the servers, the site and its worker, until Ctrl-C.

Everything it keeps is under `.local/` of the current folder. It exits with 0 when it was asked to
stop, with 1 when a part of it ended by itself, and with 2 when it could not start.
"""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from embedded import Refused, environment, leash, manage, ports, private, processes, site
from embedded.servers import servers

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The person, or the system, asked for an end."""


def run(port: int) -> NoReturn:
    """Run everything, with the site on `port`. Ends by Stopped, or by Refused with the reason."""
    local = Path.cwd() / ".local"
    local.mkdir(exist_ok=True)
    with private.lock(local / "lock"):
        processes.end_leftovers(local)
        _require_free(port)
        say("Starting Postgres and Valkey.")
        with servers(local / "servers", durable=True) as addresses:
            say("Preparing the database and the static files.")
            variables = environment.for_site(port=port, addresses=addresses, local=local)
            manage.remember(variables, local)
            demo = site.prepare(variables, local)
            say("Starting the site.")
            with site.running(port, addresses, variables, local) as parts:
                say(_welcome(port, demo))
                watch(parts)


def watch(parts: list[processes.Part]) -> NoReturn:
    """Wait for as long as all of `parts` run; raises Failed once one does not."""
    while True:
        site.check(parts)
        time.sleep(0.2)


def say(text: str) -> None:
    """Print `text` at once, also where the output is kept in a file."""
    print(text, flush=True)


def wanted_port() -> int:
    """The port that PORT asks for, 8000 if it is silent. Raises Refused if that is no port."""
    wanted = os.environ.get("PORT") or "8000"
    if not wanted.isascii() or not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise Refused(f"PORT must be a number from 1 to 65535, and is {wanted!r}.")
    return int(wanted)


def main() -> int:
    """Run until stopped; returns the exit status."""
    for number in STOPPING:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _stop)
    if "MAKELEVEL" in os.environ:  # if make is killed, this must not go on unseen
        leash.die_with_parent(parent=os.getppid(), signal_number=signal.SIGTERM)
    try:
        run(wanted_port())
    except Stopped:
        say("Stopped.")
        return 0
    except Refused as reason:
        print(reason, file=sys.stderr)
        return reason.exit_status
    except PermissionError as fault:
        print(f"{fault.filename} belongs to another account. Run as that one, or remove it.", file=sys.stderr)
        return Refused.exit_status


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in STOPPING:
        signal.signal(number, lambda *_: None)  # it is stopping already, and each part has its time
    raise Stopped


def _require_free(port: int) -> None:
    try:
        free = ports.becomes_free(port, within=1.5)
    except PermissionError:
        raise Refused(f"Port {port} is reserved for root. Try: PORT=8001 make run") from None
    if not free:
        raise Refused(f"Port {port} is taken. Try: PORT={port + 1 if port < 65535 else 8001} make run")


def _welcome(port: int, demo: str) -> str:
    address = f"http://{ports.HOST}:{port}/"
    mail = f"Mail is not sent but shown at {address}dev/mail/\n" if environment.shows_mail() else ""
    close = f"{mail}Logs are in .local/logs/. Ctrl-C stops everything."
    return f"\nTito runs at {address}\n\n{demo.strip()}\n\n{close}"


if __name__ == "__main__":
    sys.exit(main())
