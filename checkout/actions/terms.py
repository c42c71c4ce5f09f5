"""What an organiser tells buyers about money: the name on their statements, and when money goes back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions import log
from accounts.models import Organiser
from events.models import Event


@transaction.atomic
def change(*, organiser: Organiser, statement_name: str, refund_policy: str, by: Any, now: datetime) -> None:
    """Set both for all events of the organiser. Pages follow, because the organiser's row raises their version."""
    locked = Organiser.objects.select_for_update(no_key=True).get(pk=organiser.pk)
    said = []
    if statement_name != locked.statement_name:
        said.append(f"the name on statements from {_quoted(locked.statement_name)} to {_quoted(statement_name)}")
    if refund_policy != locked.refund_policy:
        said.append("the refund policy")
    if not said:
        return
    details = {"statement_name": statement_name, "refund_policy": refund_policy}
    Organiser.objects.filter(pk=organiser.pk).update(**details)
    log.record(
        organiser=organiser, by=by, kind="terms-changed", said=f"Changed {' and '.join(said)}.", now=now,
        details={"before": {"statement_name": locked.statement_name, "refund_policy": locked.refund_policy}, **details},
    )  # fmt: skip


@transaction.atomic
def change_of_event(*, event: Event, refund_policy: str, by: Any, now: datetime) -> None:
    """Set what is true of this event alone; nothing has the organiser's policy count."""
    locked = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    if refund_policy == locked.refund_policy:
        return
    Event.objects.filter(pk=event.pk).update(refund_policy=refund_policy)
    said = "Gave it a refund policy of its own." if refund_policy else "Had the organiser's refund policy count for it."
    log.record(
        organiser=event.organiser, event=event, by=by, kind="terms-changed", said=said, now=now,
        details={"before": locked.refund_policy, "refund_policy": refund_policy},
    )  # fmt: skip


def _quoted(name: str) -> str:
    return f"“{name}”" if name else "none"
