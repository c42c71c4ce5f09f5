"""What is wrong with a catalogue: every fault, each beginning with its JSON path."""

import json
import re
from collections.abc import Iterable
from typing import Final

MOST_NAMED: Final = 1_000
PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}")


class Faulty(Exception):
    """The catalogue is refused and nothing was changed. `faults` names everything that is wrong with it."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Faults:
    """Gathers faults while a file is read, so that its author hears of all of them at once."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._paths: set[str] = set()

    def at(self, path: str, message: str) -> None:
        """Note that `message` is true of what stands at `path`."""
        self._found.append(f"{path}: {message}" if path else f"the file {message}")
        self._paths.add(path)

    def is_sound(self, *paths: str) -> bool:
        """Whether nothing was found at any of these paths, so that a rule may rely on their values."""
        return self._paths.isdisjoint(paths)

    def refuse(self) -> None:
        """Raise Faulty if anything was found."""
        if self._found:
            more = len(self._found) - MOST_NAMED
            raise Faulty(self._found[:MOST_NAMED] + ([f"… and {more} more"] if more > 0 else []))


def joined(path: str, key: str) -> str:
    """The JSON path of `key` in the object at `path`: `event.title`, or `event["odd key"]`."""
    if PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key[:60])}]"
