"""What is to be played: read from JSON and judged before anything is asked of a server."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from loadtests import curves

LONGEST_SECONDS = 24 * 3600
MOST_PROCESSES = 64


class BadPlan(Exception):
    """The plan cannot be played; says why."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Which share of the visitors does what, each from 0 to 1. The first three exclude one another."""

    abandons: float = 0.30
    declined: float = 0.05
    bots: float = 0.0
    double_click: float = 0.02
    no_javascript: float = 0.05
    comes_back: float = 0.05

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Raises BadPlan for what is no share, or when the endings are more than everybody."""
        _require_known(given, cls, "share")
        for name, share in given.items():
            if not _is_number(share) or not 0 <= share <= 1:
                raise BadPlan(f"The share {name!r} must be from 0 to 1, and is {share!r}.")
        shares = cls(**given)
        if shares.abandons + shares.declined + shares.bots > 1:
            raise BadPlan("The shares of those who abandon, are declined and are bots add up to more than 1.")
        return shares


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches the sale from the organiser's side: `people` of them, with one account, at the page at `path`."""

    path: str
    email: str
    password: str = field(repr=False)
    people: int = 1

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Raises BadPlan."""
        _require_known(given, cls, "word of who watches")
        try:
            watch = cls(**given)
        except TypeError as missing:
            raise BadPlan(f"Who watches has a path, an e-mail and a password: {missing}.") from missing
        if not str(watch.path).startswith("/") or not isinstance(watch.people, int) or not 1 <= watch.people <= 100:
            raise BadPlan("Who watches has a `path` that begins with a slash, and from 1 to 100 `people`.")
        return watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One sale. `curve` is a name of `curves.SHAPES` or a CSV of second,count; `path` is the event page's.

    The visitors are `buyers` times `factor`, or the CSV's counts times `factor`. `seconds` is how long they keep
    coming. `weights` says how much each ticket type is wanted. `ceiling_per_second` bounds the visitors that come in
    any one second. `receipts` is the file that gets a line for each order that a buyer saw confirmed. `mark` is sent
    with each request, before the name of its step, for a site that counts by it. `watch` is who looks on from the
    organiser's side meanwhile.
    """

    base: str
    path: str
    receipts: str
    curve: str = "spike"
    factor: float = 1.0
    buyers: int = 500
    seconds: float = 60.0
    opens_at: datetime | None = None
    processes: int = 2
    weights: Mapping[str, float] | None = None
    shares: Shares = field(default_factory=Shares)
    ceiling_per_second: float | None = None
    seed: int = 1
    mark: str = ""
    watch: Watch | None = None

    @classmethod
    def read(cls, given: Any) -> Self:
        """From what JSON gave. Raises BadPlan with the first thing that is wrong."""
        if not isinstance(given, dict):
            raise BadPlan("A plan is a JSON object.")
        _require_known(given, cls, "field")
        missing = [name for name in ("base", "path", "receipts") if not given.get(name)]
        if missing:
            raise BadPlan(f"The plan says nothing of {', '.join(missing)}.")
        read: dict[str, Any] = {"shares": Shares.read(given.get("shares") or {}), "opens_at": _moment(given)}
        if given.get("watch") is not None:
            read["watch"] = Watch.read(given["watch"])
        plan = cls(**{**given, **read})
        plan._judge()
        return plan

    @classmethod
    def load(cls, path: Path) -> Self:
        """From a file. Raises BadPlan."""
        try:
            return cls.read(json.loads(path.read_text()))
        except (OSError, ValueError) as fault:
            raise BadPlan(f"The plan cannot be read: {fault}") from fault

    def to_json(self) -> dict[str, Any]:
        """What `read` makes this plan of again."""
        return asdict(self) | {"opens_at": self.opens_at.isoformat() if self.opens_at else None}

    @property
    def moments(self) -> list[float]:
        """When visitors are due, in seconds from the beginning, sorted; the same for the same plan."""
        drawn = curves.moments(
            self.curve, count=round(self.buyers * self.factor), seconds=self.seconds, factor=self.factor, seed=self.seed
        )
        return curves.capped(drawn, self.ceiling_per_second)

    @property
    def opening(self) -> float:
        """Seconds from the beginning to the opening: the crowd of `waiting` comes before it."""
        return self.seconds * curves.OPENING if self.curve == "waiting" else 0.0

    def _judge(self) -> None:
        if not str(self.base).startswith(("http://", "https://")) or not str(self.path).startswith("/"):
            raise BadPlan("`base` is an http address and `path` begins with a slash.")
        self._judge_numbers()
        if not isinstance(self.mark, str) or not self.mark.isprintable() or not self.mark.isascii():
            raise BadPlan("`mark` is what may stand in a header.")
        if self.weights is not None:
            bad = [name for name, weight in self.weights.items() if not _is_number(weight) or weight < 0]
            if bad:
                raise BadPlan(f"The weight of {bad[0]!r} is no number from 0.")
        try:
            curves.check(self.curve)
        except curves.NoCurve as fault:
            raise BadPlan(str(fault)) from fault

    def _judge_numbers(self) -> None:
        bounds: dict[str, tuple[Any, float, float]] = {
            "factor": (self.factor, 0.001, 10_000), "buyers": (self.buyers, 1, 10_000_000),
            "seconds": (self.seconds, 1, LONGEST_SECONDS), "processes": (self.processes, 1, MOST_PROCESSES),
            "ceiling_per_second": (1 if self.ceiling_per_second is None else self.ceiling_per_second, 0.01, 1_000_000),
            "seed": (self.seed, 0, 2**63),
        }  # fmt: skip
        for name, (value, least, most) in bounds.items():
            if not _is_number(value) or not least <= value <= most:
                raise BadPlan(f"`{name}` must be a number from {least} to {most}, and is {value!r}.")
        if not isinstance(self.processes, int) or not isinstance(self.seed, int):
            raise BadPlan("`processes` and `seed` are whole numbers.")


def _moment(given: Mapping[str, Any]) -> datetime | None:
    text = given.get("opens_at")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as fault:
        raise BadPlan(f"`opens_at` is no moment: {text!r}") from fault
    if moment.tzinfo is None:
        raise BadPlan("`opens_at` must say its time zone.")
    return moment


def _require_known(given: Mapping[str, Any], kind: type, what: str) -> None:
    unknown = sorted(set(given) - {one.name for one in fields(kind)})
    if unknown:
        raise BadPlan(f"There is no {what} {unknown[0]!r} in a plan.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
