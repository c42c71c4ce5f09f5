"""Plays one rehearsal from beginning to end: the copy, the fake Stripe, the crowd, the judging, the removing."""

import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.utils.timezone import now as clock

from events.models import Event
from kit import sql
from surge import books, crowd, flag_costs, interrupts, page_costs, searching, statements
from surge.actions import rehearsals
from surge.actions.rehearsals import Times
from surge.crowd import Played, Tell
from surge.models import RehearsalRun
from surge.processes import CouldNotStart, fake_stripe
from surge.verdict import Verdict

WAITING: Final = "waiting"  # the curve of a crowd that is there before the sale opens
AHEAD: Final = timedelta(seconds=20)  # and for how long it waits
SETTLED_WITHIN: Final = 15.0  # seconds, for notices of payments and the last mails
COUNTED_WITHIN: Final = timedelta(seconds=page_costs.PUT_SECONDS + 0.5)  # what pages have asked of the database


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be played. `payments` is the address of a fake Stripe that runs already; without it one is started,
    which needs the site on this machine. `finds_capacity`: after the sale is searched what the site carries."""

    curve: str = "spike"
    buyers: int = 500
    factor: float = 1.0
    seconds: float = 60.0
    base: str
    ceiling: float | None = None
    payments: str = ""
    finds_capacity: bool = False

    def plan(self, *, opens_at: datetime) -> dict[str, Any]:
        """The generator's plan, but for the address of the copy and the place of the receipts."""
        return {
            "base": self.base, "curve": self.curve, "factor": self.factor, "buyers": self.buyers,
            "seconds": self.seconds, "ceiling_per_second": self.ceiling, "seed": 1,
            "opens_at": opens_at.isoformat() if self.curve == WAITING else None,
        }  # fmt: skip


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
        played = crowd.come(copy, run.settings, folder, tell)
        ended_at, after = clock(), statements.read()
        receipts = books.receipts_in(crowd.receipts_of(folder))
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
            "capacity": None,
        }
        if request.finds_capacity:
            _find_capacity(run, site, played, folder, tell)
        return rehearsals.finish(run=run, outcome=played.outcome, site=site, now=clock())


def _find_capacity(run: RehearsalRun, site: dict[str, Any], played: Played, folder: Path, tell: Tell) -> None:
    """Adds what the site carries, and what the books say after it. A sale that was cut short is searched no further."""
    copy: Any = run.rehearsal
    if played.stopped or played.interrupted:
        site["capacity"] = {"searched": False, "ended": "the sale itself was cut short."}
        return
    rehearsals.widen(run=run)
    site["capacity"] = searching.search(copy, run.settings, folder, tell)
    after = books.books_of(copy, [])
    own = site["books"]
    own["oversold"] = max(own["oversold"], after["oversold"])
    own["ledger_faults"] = after["ledger_faults"] or own["ledger_faults"]
    own["mail_sent"] = after["mail_sent"]


def _settle(copy: Event, receipts: list[dict[str, Any]]) -> None:
    """Give the last notices of payments and the worker a while. What is wrong after it stays wrong."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while any(books.wronged(copy, receipts)) and time.monotonic() < deadline:
        time.sleep(0.5)


def _wait_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - clock()).total_seconds()))


def _requests(outcome: Mapping[str, Any]) -> int:
    return sum(int(step.get("count") or 0) for step in (outcome.get("steps") or {}).values())
