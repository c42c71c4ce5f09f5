"""Whether a flag is on for an event: a look into the snapshot that came with the event, and nothing else."""

from collections.abc import Mapping
from typing import Protocol

import structlog

from flags import asked, costs

log = structlog.stdlib.get_logger("flags")

Snapshot = Mapping[str, bool]
_missed: set[str] = set()


class CarriesFlags(Protocol):
    """An event, or what is known of one, that was read together with its flags."""

    @property
    def id(self) -> int: ...

    @property
    def flags(self) -> Snapshot: ...


def is_on(name: str, event: CarriesFlags) -> bool:
    """Whether the flag is on for this event. Asks nobody: no query, no Redis, no cookie, no user.

    The rules were applied when the event was read (flags/rules.py), a second or two ago. A flag that does not exist is
    off, and is logged once per process. That it was asked for is noted, once an hour in each process.
    """
    if name not in asked.names:
        costs.ask(name)
    answer = event.flags.get(name)
    if answer is None and name not in _missed:
        _missed.add(name)
        log.warning("flag does not exist", flag=name)
    return answer is True
