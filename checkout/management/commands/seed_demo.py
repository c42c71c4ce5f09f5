"""Makes the demo's events and log-ins: `manage.py seed_demo`. Its passwords are public, so never in production."""

import os
from typing import Any, Final

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from checkout.demo import seeding

WHERE: Final = ("tito.settings.development", "tito.settings.test")


class Command(BaseCommand):
    """Run it as often as you like: what is there stays."""

    help = "Make demo organisers, events and log-ins, and list them."

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get(ENVIRONMENT_VARIABLE) not in WHERE:
            raise CommandError("The demo's log-ins are public, so it is made with development's settings only.")
        events = seeding.seed(now=timezone.now())
        self.stdout.write("Events to try:")
        for demo, event in events.items():
            self.stdout.write(f"  {settings.SITE_URL}{event.get_absolute_url()}  {demo.word}")
        self.stdout.write("Log-ins:")
        for (email, password), word in ((seeding.STAFF, "staff, at /admin/"), (seeding.OWNER, "owns every organiser")):
            self.stdout.write(f"  {email}  password {password}  {word}")
