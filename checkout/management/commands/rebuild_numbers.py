"""`manage.py rebuild_numbers`: what events have sold and earned, counted anew from the books."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checkout.actions import numbers
from events.models import Event


class Command(BaseCommand):
    help = "Counts the numbers of one event or of all anew. Safe at any time, during a sale too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", nargs="?", help="organiser/event (default: all events)")

    def handle(self, *args: Any, event: str | None, **options: Any) -> None:
        chosen = Event.objects.select_related("organiser").order_by("pk")
        if event is not None:
            organiser_slug, _, event_slug = event.partition("/")
            chosen = chosen.filter(organiser__slug=organiser_slug, slug=event_slug)
            if not chosen.exists():
                raise CommandError(f"There is no event {event}.")
        for one in chosen.iterator():
            orders = numbers.rebuild(event_id=one.pk)
            self.stdout.write(f"{one.organiser.slug}/{one.slug}: {orders} orders")
