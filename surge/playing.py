"""Plays one rehearsal from beginning to end: the copy, the fake Stripe, the crowd, the judging, the removing."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.utils.timezone import now as clock

from events.models import Event
from kit import sql
from surge import books, flag_costs, interrupts, page_costs, statements
from surge.actions import rehearsals
from surge.actions.rehearsals import Times
from surge.models import RehearsalRun
from surge.processes import GRACE, QUIET, CouldNotStart, Generator, fake_stripe
from surge.verdict import Verdict
from surge.watch import Watch

GENERATOR: Final = (sys.executable, "-m", "loadtests")
WAITING: Final = "waiting"  # the curve of a crowd that is there before the sale opens
AHEAD: Final = timedelta(seconds=20)  # and for how long it waits
SETTLED_WITHIN: Final = 15.0  # seconds, for notices of payments and the last mails
COUNTED_WITHIN: Final = timedelta(seconds=page_costs.PUT_SECONDS + 0.5)  # what pages have asked of the database
Tell = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be played. `payments` is the address of a fake Stripe that runs already; without it one is started,
    which needs the site on this machine."""

    curve: str = "spike"
    buyers: int = 500
    factor: float = 1.0
    seconds: float = 60.0
    base: str
    ceiling: float | None = None
    payments: str = ""

    def plan(self, *, opens_at: datetime) -> dict[str, Any]:
        """The generator's plan, but for the address of the copy and the place of the receipts."""
        return {
            "base": self.base, "curve": self.curve, "factor": self.factor, "buyers": self.buyers,
            "seconds": self.seconds, "ceiling_per_second": self.ceiling, "seed": 1,
            "opens_at": opens_at.isoformat() if self.curve == WAITING else None,
        }  # fmt: skip


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


class NotPlayed(Exception):
    """It did not come to an end that can be judged; says why. `run` is kept, and the copy is removed."""

    def __init__(self, run: RehearsalRun, why: str) -> None:
        super().__init__(why)
        self.run = run


def play(event: Event, request: Request, *, tell: Tell) -> tuple[RehearsalRun, Verdict]:
    """Rehearse; whatever happens, the copy is removed. `tell` hears of progress each second.

    Ctrl-C ends the crowd, and what it has played until then is judged. Raises NotPlayed, rehearsals.IsRehearsal and
    rehearsals.IsRunning.
    """
    began_at = clock()
    opens_at = began_at + AHEAD if request.curve == WAITING else began_at
    times = Times(opens_at, request.seconds, is_awaited=request.curve == WAITING)
    run = rehearsals.begin(event=event, settings=request.plan(opens_at=opens_at), times=times, now=began_at)
    try:
        return run, _rehearsed(run, request, tell)
    except BaseException as fault:
        why = _why(fault)
        sql.let_connection_go()  # whatever has happened to it
        rehearsals.abort(run=run, why=why, now=clock())
        raise NotPlayed(run, why) from fault
    finally:
        with interrupts.undisturbed():
            rehearsals.remove(run=run, now=clock())


def _why(fault: BaseException) -> str:
    """In a line."""
    if isinstance(fault, KeyboardInterrupt):
        return "Stopped, before there was anything to judge."
    if isinstance(fault, CouldNotStart):
        return str(fault)
    return f"Something is wrong with the rehearsal itself: {in_a_line(fault)}"


def in_a_line(fault: BaseException) -> str:
    """What an unexpected exception says, without its further lines."""
    return f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}".rstrip(": ")


def _rehearsed(run: RehearsalRun, request: Request, tell: Tell) -> Verdict:
    copy: Any = run.rehearsal
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
        url = request.payments or stack.enter_context(
            fake_stripe(webhook_url=f"{request.base}/webhooks/rehearsals/{copy.pk}/", secret=run.payments_secret)
        )
        rehearsals.pay_at(run=run, url=url)
        before = statements.read()
        began_at = clock()
        played = _crowd(copy, run.settings, request, folder, tell)
        ended_at, after = clock(), statements.read()
        receipts = books.receipts_in(folder / "receipts.jsonl")
        _settle(copy, receipts)
        asked = statements.between(before, after)
        _wait_until(ended_at + COUNTED_WITHIN)
        if any(run.flags.values()) and not played.interrupted:
            _wait_until(flag_costs.put_down_at(ended_at))
        site = {
            "books": books.books_of(copy, receipts),
            "database": statements.summary(asked, requests=_requests(played.outcome)),
            "pages": page_costs.told(copy),
            "flags": flag_costs.spent_on(copy, run.flags, asked, began_at=began_at, ended_at=ended_at),
            "stopped": played.stopped,
        }
        return rehearsals.finish(run=run, outcome=played.outcome, site=site, now=clock())


def _crowd(copy: Event, settings: Mapping[str, Any], request: Request, folder: Path, tell: Tell) -> Played:
    """Let the crowd come, until it has ended, is interrupted, or does too much harm."""
    own = {
        "path": copy.get_absolute_url(),
        "receipts": str(folder / "receipts.jsonl"),
        "mark": page_costs.mark_of(copy),
    }
    plan = {**settings, **own}
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


def _settle(copy: Event, receipts: list[dict[str, Any]]) -> None:
    """Give the last notices of payments and the worker a while. What is wrong after it stays wrong."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while any(books.wronged(copy, receipts)) and time.monotonic() < deadline:
        time.sleep(0.5)


def _wait_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - clock()).total_seconds()))


def _requests(outcome: Mapping[str, Any]) -> int:
    return sum(int(step.get("count") or 0) for step in (outcome.get("steps") or {}).values())
