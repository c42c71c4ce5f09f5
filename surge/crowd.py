"""Lets a generated crowd come to the copy of an event, and stops it when it does too much harm."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from events.models import Event
from kit import sql
from surge import interrupts, page_costs
from surge.processes import GRACE, QUIET, CouldNotStart, Generator
from surge.watch import Watch

GENERATOR: Final = (sys.executable, "-m", "loadtests")
Tell = Callable[[Mapping[str, Any]], None]


@dataclass
class Played:
    """What the generator has told, and why it was stopped before its end, if it was: by itself or by a person."""

    outcome: dict[str, Any] = field(default_factory=dict)
    stopped: str = ""
    interrupted: bool = False

    @property
    def patience(self) -> float:
        """For how many seconds it may say nothing."""
        return GRACE if self.stopped or self.interrupted else QUIET


def receipts_of(folder: Path) -> Path:
    """Where the crowd's buyers write down what they were shown."""
    return folder / "receipts.jsonl"


def come(copy: Event, settings: Mapping[str, Any], folder: Path, tell: Tell) -> Played:
    """Let the crowd come, until it has ended, is interrupted, or does too much harm. Raises CouldNotStart."""
    plan = {
        **settings, "path": copy.get_absolute_url(), "receipts": str(receipts_of(folder)),
        "mark": page_costs.mark_of(copy),
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(plan))
    sql.let_connection_go()
    generator = Generator([*GENERATOR, str(folder / "plan.json")], folder / "generator.log")
    played, watch = Played(), Watch()

    def interrupt() -> None:
        played.interrupted = True
        generator.interrupt()

    try:
        with interrupts.told_once(interrupt):
            while (message := generator.hear(played.patience)) is not None:
                played.outcome = message.get("outcome") or played.outcome
                if progress := message.get("progress"):
                    tell(progress)
                    if not played.stopped and (why := watch.too_much(progress)):
                        played.stopped = why
                        generator.interrupt()
        if not played.outcome:
            raise CouldNotStart(f"The generator has ended without a report. {generator.last_words()}")
        return played
    finally:
        generator.end()
