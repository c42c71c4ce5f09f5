"""`manage.py work`: the job worker. Any number may run; one is enough."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from checkout.duties import DUTIES
from kit import duties


class Command(BaseCommand):
    help = "Expires holds, says what is left, settles payments, sends mail and refunds, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stderr.write("The worker is ready.")
        duties.run(DUTIES, stop)
