"""TCP ports on 127.0.0.1: is one free, and which one to take and remember."""

import random
import socket
import time
from pathlib import Path

HOST = "127.0.0.1"
# Below the range that systems give to outgoing connections. In that range a client that waits for
# its server can connect to itself, and then the server finds its own port taken.
CHOICE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of 127.0.0.1 now. Raises PermissionError if it never may."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except PermissionError:
            raise
        except OSError:
            return False
    return True


def becomes_free(port: int, *, within: float) -> bool:
    """`is_free`, asked again for `within` seconds: a server that is just ending needs a moment."""
    deadline = time.monotonic() + within
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def choose() -> int:
    """A port that is free now, picked at random so that two runs seldom pick the same."""
    return next(port for port in random.sample(CHOICE, k=200) if is_free(port))


def remembered(path: Path) -> int:
    """The port written in `path` while it is free, else another one, written there for the next time."""
    try:
        port = int(path.read_text())
    except (FileNotFoundError, ValueError):
        port = 0
    if port not in CHOICE or not is_free(port):
        port = choose()
        path.write_text(f"{port}\n")
    return port
