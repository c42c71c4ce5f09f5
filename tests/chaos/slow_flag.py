"""The flag whose feature makes listings slow (bench/house/site_with_faults.py), made and granted on to some events: run
as `python -m tests.chaos.slow_flag big soon` in the environment of the house."""

import sys
from datetime import timedelta

import django

django.setup()

from django.utils.timezone import now  # noqa: E402  -- models need what the line above does

from accounts.models import User  # noqa: E402  -- see above
from bench.house.site_with_faults import FLAG  # noqa: E402  -- see above
from events.models import Event  # noqa: E402  -- see above
from flags.audit import signed  # noqa: E402  -- see above
from flags.models import Flag, Grant, Kind, Stage  # noqa: E402  -- see above

OWNER, STAFF, ORGANISER = "ada@example.com", "staff@example.com", "bench@example.com"
PURPOSE = "Says for each ticket type what it has never said."


def main(slugs: list[str]) -> None:
    """A flag in trial with a budget of one query and 5 ms, on for these events and no others; and somebody on staff."""
    User.objects.get_or_create(email=STAFF, is_staff=True)
    with signed(by=None, reason="For the incident.", now=now()):
        flag, _ = Flag.objects.update_or_create(
            name=FLAG,
            defaults={
                "owner": OWNER, "purpose": PURPOSE, "kind": Kind.RELEASE, "stage": Stage.TRIAL, "is_killed": False,
                "expires_at": now() + timedelta(days=30), "budget_queries": 1, "budget_ms": 5,
            },
        )  # fmt: skip
        Grant.objects.filter(flag=flag).delete()
        for event in Event.objects.filter(slug__in=slugs):
            Grant.objects.create(flag=flag, event=event, reason="Ada wants to try it.")


if __name__ == "__main__":
    main(sys.argv[1:])
