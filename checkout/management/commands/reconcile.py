"""`manage.py reconcile`: the payment provider's books against ours. Exits 1 when something needs a person."""

import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from checkout.providers.protocol import ProviderUnavailable
from checkout.reconcile import reconcile


class Command(BaseCommand):
    help = "Compares the provider's sessions with our ledger and mends what is safe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=int, default=48, help="how far to look back (default: 48)")

    def handle(self, *args: Any, hours: int, **options: Any) -> None:
        try:
            findings = reconcile(since=now() - timedelta(hours=hours), now=now())
        except ProviderUnavailable as fault:
            raise CommandError(f"The payment provider does not answer: {fault}") from fault
        for finding in findings:
            self.stdout.write(f"{'mended' if finding.is_mended else 'needs a person'}: {finding.text}")
        if not findings:
            self.stdout.write("Both books agree.")
        if any(not finding.is_mended for finding in findings):
            sys.exit(1)
