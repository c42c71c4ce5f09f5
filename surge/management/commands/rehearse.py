"""`manage.py rehearse ORGANISER/EVENT`: plays the event's sale on a copy that nobody can find. Exits with 0 when it
passed, 1 when it did not, 2 when it could not be played."""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from events.models import Event
from surge import capacity, files, interrupts, statements
from surge.actions import rehearsals
from surge.models import RehearsalRun, RunState
from surge.playing import NotPlayed, Request, in_a_line, play
from surge.queries import record_now
from surge.verdict import Mark, Verdict
from surge.watch import line

NOT_PASSED, NOT_PLAYED = 1, 2
AT_A_DESK: Final = ("tito.settings.development", "tito.settings.test")
THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
SIGNS: Final = {Mark.FAILED: "✗", Mark.UNPROVEN: "?", Mark.UNTRIED: "?", Mark.PASSED: "✓"}


class Command(BaseCommand):
    help = "Plays an event's sale with a generated crowd, on a copy of it, and says whether it held."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", nargs="?", help="ORGANISER/EVENT, as in its address")
        parser.add_argument("--curve", default="spike", help="spike, steady, ramp, waiting, or a CSV of arrivals")
        parser.add_argument("--buyers", type=_positive(int), default=500, help="how many come (default: 500)")
        parser.add_argument("--factor", type=_positive(float), default=1.0, help="so many times the curve (default: 1)")
        parser.add_argument("--seconds", type=_positive(float), default=60.0, help="for how long (default: 60)")
        parser.add_argument("--base", help="where the site is (default: SITE_URL)")
        parser.add_argument("--ceiling", type=_positive(float), help="never more visitors a second than these")
        parser.add_argument("--payments", default="", help="a fake Stripe that runs already, for a site elsewhere")
        parser.add_argument("--yes-production", action="store_true", help="on the real site; needs --ceiling")
        parser.add_argument("--report", type=files.writable, help="write the report there, as one HTML file")
        parser.add_argument("--json", type=files.writable, help="write all figures there")
        parser.add_argument("--find-capacity", action="store_true", help="then search how much the site carries")
        parser.add_argument("--clean", action="store_true", help="only remove what rehearsals that died have left")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except CommandError:
            raise
        except Exception as fault:
            refuse(f"It could not be played. {in_a_line(fault)}", because=fault)

    def _handle(self, options: Mapping[str, Any]) -> None:
        if cleaned := rehearsals.clean(now=now()):
            self.stdout.write(f"Removed what {cleaned} older rehearsals had left.")
        if options["clean"]:
            return
        request = _request(options)
        event = _event(options["event"])
        if os.environ.get(ENVIRONMENT_VARIABLE) == AT_A_DESK[0]:
            statements.switch_on()
        self.stdout.write(f"Rehearsing {event.title} at {request.base}: {request.curve}, {request.buyers} buyers.")
        try:
            with interrupts.both_interrupt():
                run, verdict = play(event, request, tell=lambda progress: self._tell(progress, request))
        except (rehearsals.IsRehearsal, rehearsals.IsRunning) as fault:
            refuse(fault.__doc__ or "")
        except NotPlayed as fault:
            fault.run.refresh_from_db()
            self._write(fault.run, html=options["report"], figures=options["json"])
            refuse(f"{fault} It is kept as rehearsal {fault.run.pk}; the copy is removed.", because=fault.__cause__)
        except KeyboardInterrupt:
            refuse("Stopped, before anything was played.")
        self._say(run, verdict)
        self._write(run, html=options["report"], figures=options["json"])
        if run.state != RunState.PASSED:
            sys.exit(NOT_PASSED)

    def _tell(self, progress: Mapping[str, Any], request: Request) -> None:
        if self.stdout.isatty():
            expected = round(request.buyers * request.factor)
            self.stdout.write(f"\r{line(progress, expected=expected, seconds=request.seconds)}\x1b[K", ending="")
            self.stdout.flush()

    def _say(self, run: RehearsalRun, verdict: Verdict) -> None:
        """The verdict in words, the worst first."""
        if self.stdout.isatty():
            self.stdout.write("")
        self.stdout.write(f"\n{verdict.words}")
        for finding in verdict.findings:
            self.stdout.write(f"  {SIGNS[finding.mark]} {finding.words}")
        for words in _figures(run.figures):
            self.stdout.write(f"    {words}")
        self.stdout.write(f"It is kept as rehearsal {run.pk}; the copy is removed.")

    def _write(self, run: RehearsalRun, *, html: Path | None, figures: Path | None) -> None:
        """The report's files. What was cut short says so in them; that the disk is full loses nothing of the run."""
        if not (html or figures):
            return
        part = "of the part that was played" if run.state == RunState.ABORTED else "of it all"
        part = part if run.findings else "with why nothing is judged"
        try:
            for path in files.write(record_now(run, now=now()), html=html, figures=figures):
                self.stdout.write(f"Written, {part}: {path}")
        except OSError as fault:
            again = f"manage.py rehearsal_report {run.pk} FILE.html"
            self.stderr.write(f"The report could not be written: {fault}. Again: {again}")


def _figures(figures: Mapping[str, Any]) -> Iterator[str]:
    summary, database, found = figures["summary"], figures["site"]["database"], figures["site"]["capacity"]
    peaks = [f"{summary[f'peak_{what}']} {what}" for what in ("arrivals", "holds", "sold")]
    yield f"Busiest second: {', '.join(peaks)}."
    if not (found and found["searched"]):
        yield capacity.words(found, summary)
    if (second := summary["sold_out_at_second"]) is not None:
        yield f"Sold out after {second:.0f} s."
    if slow := summary["slow"]:
        end = f"until second {slow['until']}" if slow["is_over"] else "and still at the end"
        yield f"Slow from second {slow['from']} {end}."
    if summary["edge_hit_rate"] is not None:
        yield f"The edge answered {summary['edge_hit_rate']:.0%} of what it keeps from its own copies."
    if database:
        yield f"The database: {database['per_request']} statements and {database['ms_per_request']} ms a request."


def _request(options: Mapping[str, Any]) -> Request:
    base = (options["base"] or settings.SITE_URL).rstrip("/")
    host = urlsplit(base).hostname
    is_here = host in THIS_MACHINE and base.startswith("http://")
    if _is_production(is_here=is_here) and not (options["yes_production"] and options["ceiling"]):
        refuse(
            "These are production's settings, or a site elsewhere. A rehearsal there takes capacity from real buyers. "
            "If you mean it: --yes-production, with a --ceiling in visitors a second."
        )
    if not is_here and not options["payments"]:
        refuse(
            "The fake Stripe that this starts can be reached from this machine only. Say with --payments where one is."
        )
    return Request(
        curve=options["curve"], buyers=options["buyers"], factor=options["factor"], seconds=options["seconds"],
        base=base, ceiling=options["ceiling"], payments=options["payments"], finds_capacity=options["find_capacity"],
    )  # fmt: skip


def _is_production(*, is_here: bool) -> bool:
    at_a_desk = os.environ.get(ENVIRONMENT_VARIABLE) in AT_A_DESK
    has_real_money = settings.STRIPE_SECRET_KEY.startswith(("sk_live", "rk_live"))
    return has_real_money or not at_a_desk or not is_here


def _event(given: str | None) -> Event:
    organiser, _, slug = (given or "").strip("/").partition("/")
    found = Event.objects.select_related("organiser").filter(organiser__slug=organiser, slug=slug).first()
    if found is None:
        refuse(f"There is no event {given!r}. Give ORGANISER/EVENT, as in its address.")
    return found


def refuse(why: str, *, because: BaseException | None = None) -> NoReturn:
    """It could not be played. `--traceback` shows because of what."""
    raise CommandError(why, returncode=NOT_PLAYED) from because


def _positive(kind: type[int] | type[float]) -> Any:
    def read(text: str) -> int | float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ArgumentTypeError("must be more than 0")
        return value

    read.__name__ = kind.__name__
    return read
