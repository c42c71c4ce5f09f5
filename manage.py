#!/usr/bin/env python3
"""Django's command line for Tito."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tito.settings.development")
    if sys.argv[1:2] == ["work"]:
        os.environ.setdefault("STATEMENT_TIMEOUT_MS", "30000")  # nobody waits for it, and it may not wait for ever
        os.environ.setdefault("WEB_THREADS", "12")  # a connection for each duty
    execute_from_command_line(sys.argv)
