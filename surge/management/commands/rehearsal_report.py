"""`manage.py rehearsal_report RUN_ID FILE.html`: writes the report of a rehearsal that was played before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from surge import files
from surge.models import RehearsalRun
from surge.queries import record_now


class Command(BaseCommand):
    help = "Writes the report of a rehearsal to one HTML file, which needs nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, help="its number, as the admin and the command that played it say")
        parser.add_argument("file", type=files.writable, help="the HTML file")
        parser.add_argument("--json", type=files.writable, help="write all figures there")

    def handle(self, *args: Any, **options: Any) -> None:
        run = RehearsalRun.objects.select_related("event__organiser").filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no rehearsal {options['run']}.")
        try:
            for path in files.write(record_now(run, now=now()), html=options["file"], figures=options["json"]):
                self.stdout.write(f"Written: {path}")
        except OSError as fault:
            raise CommandError(f"The report could not be written: {fault}") from fault
