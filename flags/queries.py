"""Reads an event's snapshot of flags."""

from datetime import datetime

from django.db.models import FilteredRelation, Q

from flags.evaluation import Snapshot
from flags.models import Flag


def snapshot(event_id: int, *, now: datetime) -> Snapshot:
    """Every flag's answer for one event, in one query: the event's grant in force, else waffle's `everyone`."""
    rows = Flag.objects.annotate(given=FilteredRelation("grants", condition=Q(grants__event_id=event_id))).values_list(
        "name", "everyone", "given__is_on", "given__expires_at"
    )
    answers: dict[str, bool] = {}
    for name, everyone, is_granted, expires_at in rows:
        in_force = is_granted is not None and (expires_at is None or expires_at > now)
        answers[name] = bool(is_granted if in_force else everyone)
    return answers
