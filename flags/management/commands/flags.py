"""`manage.py flags sync`: makes the flags that the code declares. `manage.py flags report`: names stale ones."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.timezone import now

from flags import registry, stale, usage
from flags.actions import declarations
from flags.actions.flags import Circle


class Command(BaseCommand):
    """Both may be run at any time and as often as one likes."""

    help = "Bring the rows of flags up to what the code declares, or report those that are there for nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        sync = commands.add_parser("sync", help="make and update the flags that are declared")
        sync.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        commands.add_parser("report", help="name the flags that are there for nothing, and why")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "sync":
            self._sync(dry_run=options["dry_run"])
        else:
            self._report()

    def _sync(self, *, dry_run: bool) -> None:
        declared = registry.declared()
        if faults := registry.faults(declared):
            raise CommandError("\n".join(faults))
        try:
            with transaction.atomic():
                done = declarations.sync(declared=declared, now=now())
                transaction.set_rollback(dry_run)
        except Circle as circle:
            raise CommandError(f"{circle} would need itself.") from None
        for line in done or [f"Nothing to do: {len(declared)} declared."]:
            self.stdout.write(line)
        if dry_run and done:
            self.stdout.write("Nothing was done: a dry run.")

    def _report(self) -> None:
        used = {use.flag for use in usage.uses()}
        found = stale.report(declared=registry.declared(), used=used, now=now())
        for name, reasons in found.items():
            self.stdout.write(f"{name}: {', '.join(reasons)}")
        if not found:
            self.stdout.write("No flag is stale.")
