"""`manage.py check_ledger`: not one ticket too many, nobody paid without getting one. Exits 1 when that is not so."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from checkout import ledger


class Command(BaseCommand):
    help = "Proves that stock, orders, payments and refunds agree; prints what does not and exits 1."

    def handle(self, *args: Any, **options: Any) -> None:
        found = ledger.check()
        for line in found.stuck:
            self.stdout.write(f"needs a person: {line}")
        for line in found.faults:
            self.stdout.write(f"disagrees: {line}")
        if not found.is_clean:
            sys.exit(1)
        self.stdout.write("The ledger is clean.")
