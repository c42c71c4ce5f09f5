"""When visitors come: shapes of a sale as pure functions, drawn ahead with a seed and kept to whatever happens.

A shape says at which second the share `u` of all visitors has come, 0 <= u < 1: the inverse of its distribution.
Moments are drawn by it independently of one another, as people decide, so bunches and gaps are as in real life.
"""

import csv
import math
import random
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

Shape = Callable[[float, float], float]  # the share that has come, and the seconds of it all, to the second

SPIKE_SHARE = 0.6
SPIKE_MINUTES = 10.0
WAITING_SHARE = 0.7
OPENING = 1 / 3


class NoCurve(Exception):
    """There is no such shape, or its CSV cannot be used; says why."""


def steady(u: float, seconds: float) -> float:
    """As many in each second."""
    return u * seconds


def ramp(u: float, seconds: float) -> float:
    """From none to most, growing evenly."""
    return math.sqrt(u) * seconds


def spike(u: float, seconds: float) -> float:
    """60 % in the first minute, then ever fewer: an exponential decay. Below ten minutes all of it is compressed,
    so that a sale of one minute has its 60 % in the first six seconds."""
    minute = min(60.0, seconds / SPIKE_MINUTES)
    decay = -math.log(1 - SPIKE_SHARE) / minute
    return -math.log1p(-u * -math.expm1(-decay * seconds)) / decay


def waiting(u: float, seconds: float) -> float:
    """A crowd before the opening, which is after a third of the time: 70 % come before it, more and more of them,
    and wait; the rest come after it as in a spike."""
    opening = seconds * OPENING
    if u < WAITING_SHARE:
        return ramp(u / WAITING_SHARE, opening)
    return opening + spike((u - WAITING_SHARE) / (1 - WAITING_SHARE), seconds - opening)


SHAPES: dict[str, Shape] = {"steady": steady, "ramp": ramp, "waiting": waiting, "spike": spike}


def moments(curve: str, *, count: int, seconds: float, factor: float, seed: int) -> list[float]:
    """When each visitor is due, in seconds from the beginning, sorted.

    `count` of them over `seconds` by a named shape; for a CSV its own counts times `factor` within its own seconds.
    Raises NoCurve.
    """
    draw = random.Random(seed)
    if curve in SHAPES:
        shape = SHAPES[curve]
        return sorted(shape(draw.random(), seconds) for _ in range(count))
    return sorted(second + draw.random() for second in _scaled(read_csv(Path(curve)), factor))


def check(curve: str) -> None:
    """Raises NoCurve if nothing can be drawn from it."""
    if curve not in SHAPES and not sum(count for _, count in read_csv(Path(curve))):
        raise NoCurve(f"{curve} has nobody in it.")


def read_csv(path: Path) -> list[tuple[int, float]]:
    """Pairs of second and count, sorted by the second. Lines that begin with # and a heading are passed over."""
    try:
        lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    except (OSError, ValueError) as fault:
        raise NoCurve(f"There is no curve {str(path)!r}: {', '.join(SHAPES)}, or a CSV of second,count.") from fault
    rows = [row for row in csv.reader(lines) if not row[0].strip().isalpha()]
    try:
        pairs = sorted((int(row[0]), float(row[1])) for row in rows)
    except (IndexError, ValueError) as fault:
        raise NoCurve(f"{path} is not of lines `second,count`: {fault}") from fault
    if any(second < 0 or not 0 <= count < math.inf for second, count in pairs):
        raise NoCurve(f"{path} has a second or a count below 0.")
    return pairs


def _scaled(pairs: Sequence[tuple[int, float]], factor: float) -> list[int]:
    """The second of each visitor: rounded over the whole, so the total is the CSV's times the factor."""
    seconds: list[int] = []
    for (second, _), until in zip(pairs, accumulate(count for _, count in pairs), strict=True):
        seconds += [second] * (round(until * factor) - len(seconds))
    return seconds


def capped(due: Sequence[float], per_second: float | None) -> list[float]:
    """The same visitors, some later, so that in any one second there are at most `per_second` (None: as they come)."""
    if per_second is None:
        return list(due)
    at_once = max(1, math.floor(per_second))
    window = at_once / per_second if per_second < 1 else 1.0
    moved: list[float] = []
    for number, moment in enumerate(due):
        moved.append(moment if number < at_once else max(moment, moved[number - at_once] + window))
    return moved
