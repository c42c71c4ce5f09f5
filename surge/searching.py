"""Searches what the site carries, after a rehearsal's own sale and on the same copy, in short steady sales.

Each is a crowd of its own, so that what one has left unfinished weighs on none that follows.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from events.models import Event
from surge import capacity, crowd
from surge.capacity import Step
from surge.crowd import Tell
from surge.processes import CouldNotStart

STEP_SECONDS: Final = 20.0
REST_SECONDS: Final = 2.0  # between two steps, and longer after one that broke, whose last requests must have ended
LONG_REST_SECONDS: Final = 8.0


def search(copy: Event, settings: Mapping[str, Any], folder: Path, tell: Tell) -> dict[str, Any]:
    """What was found, as capacity.found keeps it. The copy must have places for all who come."""
    steps: list[Step] = []
    while (rate := capacity.next_rate(steps, ceiling=settings["ceiling_per_second"])) is not None:
        if steps:
            time.sleep(REST_SECONDS if steps[-1].is_carried else LONG_REST_SECONDS)
        own = folder / f"step-{len(steps) + 1}"
        own.mkdir()
        buyers = max(1, round(rate * STEP_SECONDS))
        plan = {
            **settings, "curve": "steady", "buyers": buyers, "factor": 1.0, "seconds": STEP_SECONDS, "opens_at": None,
            "seed": settings["seed"] + len(steps) + 1,
        }  # fmt: skip
        try:
            played = crowd.come(copy, plan, own, _telling(tell, rate, buyers))
        except CouldNotStart as fault:
            return capacity.found(steps, seconds=STEP_SECONDS, ended=str(fault))
        if played.interrupted:
            return capacity.found(steps, seconds=STEP_SECONDS, ended="It was interrupted.")
        steps.append(capacity.step_of(rate, STEP_SECONDS, played.outcome, stopped=played.stopped, before=steps))
    return capacity.found(steps, seconds=STEP_SECONDS)


def _telling(tell: Tell, rate: float, buyers: int) -> Tell:
    more = {"doing": f"{rate:g} visitors a second", "expected": buyers, "seconds": STEP_SECONDS}
    return lambda progress: tell({**progress, **more})
