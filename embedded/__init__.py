"""Brings Tito up on one machine: Postgres, Valkey and nginx from wheels, the site, its worker, the fake Stripe.

Standard library only: this room runs before anything else is installed and knows nothing of the site.
"""


class Refused(Exception):
    """Why something cannot start, in words for the person who typed the command."""

    exit_status = 2


class Failed(Refused):
    """Why what had started is over."""

    exit_status = 1
