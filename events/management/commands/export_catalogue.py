"""Writes an event's catalogue: `manage.py export_catalogue ORGANISER/EVENT`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events import catalogue
from events.models import Event


class Command(BaseCommand):
    """The file that `import_catalogue` reads; importing it again changes nothing."""

    help = "Write an event's pools and ticket types as JSON, to standard output or a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="ORGANISER/EVENT", help="the event's address on the site")
        parser.add_argument("--output", metavar="FILE", help="write here instead of to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        organiser, _, slug = options["event"].strip("/").partition("/")
        event = Event.objects.filter(organiser__slug=organiser, slug=slug).first()
        if event is None:
            raise CommandError(f'There is no event "{options["event"]}". Name it as ORGANISER/EVENT.')
        try:
            text = catalogue.dump(catalogue.write(event))
        except catalogue.Faulty as refusal:
            raise CommandError(f"A catalogue cannot say what this event holds:\n{refusal}") from None
        if options["output"]:
            _write(Path(options["output"]), text)
        else:
            self.stdout.write(text, ending="")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise CommandError(f"{path} cannot be written: {fault.strerror}") from None
