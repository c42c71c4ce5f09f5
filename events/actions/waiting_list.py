"""The waiting list: joining, leaving, and how many wait. Writing to them: events/actions/waiting_mail.py.

Nothing is reserved for whoever waits. The worker's part is in no region of the flag: a budget is for one request, and
no visitor waits for the worker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count

from events.models import Event, Waiting, WaitingList
from events.models.waiting import rounded
from kit import sql
from kit.tokens import url_token

KEPT: Final = timedelta(days=30)  # addresses, after the event's end
EVENTS_AT_ONCE: Final = 50
ROWS_AT_ONCE: Final = 1000
# One statement: of two that join with the same address at once, one is new. Who is on the list keeps place and token.
JOIN: Final = """
    INSERT INTO events_waiting (event_id, email, wanted, token, created_at, is_counted, confirm_at)
    VALUES (%s, %s, %s, %s, %s, false, %s)
    ON CONFLICT (event_id, email) DO UPDATE SET wanted = EXCLUDED.wanted
    RETURNING token
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where to write, and how many tickets are wanted."""

    email: str
    wanted: int


def join(*, event_id: int, wish: Wish, now: datetime) -> bool:
    """Put the address on the list and have it confirmed by mail. False for one that is on it: the number wanted is now
    this one, and nothing else changes. One statement."""
    token = url_token()
    return str(sql.value(JOIN, (event_id, wish.email.lower(), wish.wanted, token, now, now))) == token


def leave(*, waiting: Waiting) -> None:
    """Forget the address at once. Again, or from two tabs, changes nothing."""
    Waiting.objects.present().filter(pk=waiting.pk).update(email=None, is_counted=False, confirm_at=None, tell_at=None)


@transaction.atomic
def count(*, now: datetime) -> int:
    """Write how many wait, where that has changed and a page would say so; answers for how many events it counted.

    Events that somebody else is just changing are skipped: the next count comes in a few seconds.
    """
    uncounted = Waiting.objects.filter(is_counted=False).order_by("event").values_list("event", flat=True).distinct()
    # The event first, since a change of what its page says raises its version.
    events = Event.objects.filter(pk__in=list(uncounted[:EVENTS_AT_ONCE])).order_by("pk")
    ids = list(events.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    if not ids:
        return 0
    # Then the lists, in whose shadow rows of people are changed (waiting_mail.py): two that change many wait in turn.
    lists = WaitingList.objects.filter(event__in=ids).order_by("event").select_for_update()
    shown = dict(lists.values_list("event", "shown"))
    # Marked before they are counted: who joins in between is in this count, and looked at again by the next one.
    Waiting.objects.filter(event__in=ids, is_counted=False).update(is_counted=True)
    present = Waiting.objects.present().filter(event__in=ids).order_by().values_list("event").annotate(Count("pk"))
    people = dict.fromkeys(ids, 0) | dict(present)
    changed = [
        WaitingList(event_id=event_id, shown=rounded(number), next_round_at=now)
        for event_id, number in people.items() if shown.get(event_id) != rounded(number)
    ]  # fmt: skip
    WaitingList.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["event"], update_fields=["shown"]
    )  # fmt: skip
    return len(ids)


@transaction.atomic
def forget(*, now: datetime) -> int:
    """Delete all that is known of who waited, 30 days after their event's end; answers how many rows went."""
    over = WaitingList.objects.filter(event__ends_at__lte=now - KEPT).order_by("event")
    lists = list(over.select_for_update(of=("self",), skip_locked=True)[:EVENTS_AT_ONCE])
    rows = Waiting.objects.filter(event__in=[waiting_list.event_id for waiting_list in lists]).order_by()
    gone, _ = Waiting.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE])).delete()
    if gone < ROWS_AT_ONCE:
        WaitingList.objects.filter(pk__in=[waiting_list.pk for waiting_list in lists]).delete()
    return gone
