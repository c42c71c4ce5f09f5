"""Small files that only their owner may read or that only one process may hold: secrets and locks."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded import Refused


def write(path: Path, text: str) -> None:
    """Put `text` in `path` whole or not at all, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def secret(path: Path) -> str:
    """The secret kept in `path`: 64 hexadecimal digits, made at random the first time."""
    if not path.exists():
        write(path, secrets.token_hex(32))
    return path.read_text()


@contextmanager
def lock(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold `path` against other processes; the system lets go of it when this process ends, however it ends.

    Raises Refused with the holder's process number, unless told to wait for it.
    """
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            holder = path.read_text().strip()
            raise Refused(f"Another run holds {path.parent} (process {holder}). Stop it first.") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
