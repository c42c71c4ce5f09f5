"""Makes or updates an event from a catalogue file: `manage.py import_catalogue FILE`."""

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from events import catalogue
from events.catalogue.format import MOST_CHARACTERS
from events.catalogue.times import wall_time
from events.models import Event, State

MOST_BYTES = 4 * MOST_CHARACTERS


class Command(BaseCommand):
    """All of the file is taken, or none of it and every fault is named."""

    help = "Make or update an event, its pools and ticket types from a JSON file (docs/organisers/catalogue.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the catalogue; - reads standard input")
        parser.add_argument("--organiser", default="", metavar="SLUG", help="whose event it is")
        parser.add_argument("--publish", action="store_true", help="make the event live")
        parser.add_argument(
            "--starts-at", metavar="2027-05-30T10:00", help="move the event, with its sale windows, to this wall time"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file, verbosity = options["file"], options["verbosity"]
        try:
            asked = catalogue.read(_text(file))
            if options["starts_at"]:
                asked = catalogue.moved(asked, local_starts_at=_starts_at(options["starts_at"]))
            organiser = catalogue.organiser_for(asked, asked=options["organiser"])
            outcome = catalogue.apply(asked, organiser=organiser, publish=options["publish"])
        except catalogue.Faulty as refusal:
            _refuse(file, refusal)
        self._tell(outcome, verbosity=verbosity)
        self._warn(outcome.event, now=timezone.now())

    def _tell(self, outcome: catalogue.Outcome, *, verbosity: int) -> None:
        event = outcome.event
        state = event.get_state_display().lower()
        self.stdout.write(f"{event.title} by {event.organiser.name}, {state}: {address(event)}")
        if outcome.changed_nothing:
            self.stdout.write("Nothing to change: the event is as the file says.")
        for verb, labels in (("created", outcome.created), ("updated", outcome.updated), ("deleted", outcome.deleted)):
            if labels and verb == "created" and verbosity < 2:
                self.stdout.write(f"created {_counted(labels)}")
                continue
            for label in labels:
                self.stdout.write(f"{verb} {label}")
        if verbosity >= 2:
            for row in event.ticket_types.filter(secret=True):
                self.stdout.write(f"secret link of {row.slug}: {address(event)}secret/{row.secret_key}/")

    def _warn(self, event: Event, *, now: datetime) -> None:
        """Sales do not end by themselves when the event does."""
        selling = event.ticket_types.filter(Q(sale_ends_at=None) | Q(sale_ends_at__gt=now))
        if event.state == State.LIVE and event.ends_at <= now and selling.exists():
            ended = event.local_ends_at.strftime("%-d %B %Y")
            self.stderr.write(
                f"Warning: the event ended on {ended} and its tickets are still on sale. Give its ticket types a "
                "sale_ends_at, close it (state), or move it with --starts-at."
            )


def address(event: Event) -> str:
    """The event's page."""
    return f"{settings.SITE_URL}{event.get_absolute_url()}"


def _text(file: str) -> str:
    """The file's text. Raises CommandError when it cannot be read, Faulty when it is no text of a sane size."""
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                raw = opened.read(MOST_BYTES + 1)
    except OSError as fault:
        raise CommandError(f"{file} cannot be read: {fault.strerror}") from None
    try:
        return raw.decode("utf-8-sig") if len(raw) <= MOST_BYTES else "." * (MOST_CHARACTERS + 1)
    except UnicodeDecodeError as fault:
        raise catalogue.Faulty([f"byte {fault.start}: not UTF-8"]) from None


def _starts_at(typed: str) -> datetime:
    try:
        return wall_time(typed)
    except ValueError as fault:
        raise CommandError(f"--starts-at {fault}") from None


def _counted(labels: tuple[str, ...]) -> str:
    """`event emf, 40 pools, 55 ticket types`: single parts by their name, several by their number."""
    words = {}
    for word in ("organiser", "event", "pool", "ticket type"):
        some = [label for label in labels if label.startswith(f"{word} ")]
        if some:
            words[word] = some[0] if len(some) == 1 else f"{len(some)} {word}s"
    return ", ".join(words.values())


def _refuse(file: str, refusal: catalogue.Faulty) -> NoReturn:
    faults = "\n".join(f"  {fault}" for fault in refusal.faults)
    name = "standard input" if file == "-" else file
    raise CommandError(f"{name} is refused and nothing was changed:\n{faults}")
