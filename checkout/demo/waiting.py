"""The demo's waiting list: its flag on trial, granted to the event that is sold out, and three who wait."""

from datetime import datetime
from typing import Any, Final

from events.actions import waiting_list
from events.actions.waiting_list import Wish
from events.models import Event
from flags import registry
from flags.actions import declarations, flags, grants
from flags.models import Evidence, Flag, Stage
from flags.models.grants import Recipient

WHY: Final = "The demo shows it."
WHO: Final = (("hana@example.com", 2), ("luca@example.com", 1), ("ines@example.com", 4))


def open_list(event: Event, *, now: datetime) -> None:
    """Until the event is over. A flag that somebody has killed or moved on stays as it is."""
    declarations.sync(declared=registry.declared(), now=now)
    flag: Any = Flag.objects.get(name="waiting-list")
    if flag.is_killed:
        return
    if flag.stage == Stage.DRAFT:
        Evidence.objects.create(
            flag=flag, rehearsal="None: the demo's one ticket type", commit="0000000", ticket_types=1,
            requests_per_second=1, at=now,
        )  # fmt: skip
        flags.change_stage(flag=flag, to=Stage.TRIAL, reason=WHY, by=None, now=now)
    terms = grants.Terms(is_on=True, reason=WHY, expires_at=event.ends_at)
    grants.give(flag=flag, to=Recipient(event_id=event.pk), terms=terms, by=None, now=now)
    for email, wanted in WHO:
        waiting_list.join(event_id=event.pk, wish=Wish(email=email, wanted=wanted), now=now)
    waiting_list.count(now=now)
