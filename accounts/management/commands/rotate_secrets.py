"""`manage.py rotate_secrets`: seals all secrets under the newest of ENCRYPTION_KEYS. Exits 1 when one stays shut."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import kept_keys


class Command(BaseCommand):
    help = "Seals all secrets under the first of ENCRYPTION_KEYS; the others can be left out then."

    def handle(self, *args: Any, **options: Any) -> None:
        factors, lost = kept_keys.seal_factors_anew()
        self.stdout.write(
            f"{factors} second factors are sealed under the first of ENCRYPTION_KEYS; {lost} no key opens."
        )
        try:
            count = kept_keys.seal_anew()
        except kept_keys.Unreadable as fault:
            raise CommandError(f"None of ENCRYPTION_KEYS opens what these accounts hold: {fault}") from fault
        self.stdout.write(f"The secrets of {count} accounts are sealed under the first of ENCRYPTION_KEYS.")
