"""Quotas: added, renamed, made larger or smaller while people buy, deleted. Each act writes a line to the log."""

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.actions import log
from accounts.models import User
from events import slugs
from events.actions.events import ChangedMeanwhile
from events.models import Event, Quota, Stock
from kit import since

ATTEMPTS: Final = 3


class BelowTaken(Exception):
    """So many are sold or held, so that the capacity cannot be less. `least` is what it can be."""

    def __init__(self, least: int) -> None:
        super().__init__(f"{least} are taken")
        self.least = least


class InUse(Exception):
    """Units of it are taken, or ticket types draw on it."""


def values_of(quota: Quota) -> dict[str, Any]:
    """What a form of it is read at."""
    return {"name": quota.name, "capacity": quota.stock.capacity}


def add(*, event: Event, name: str, capacity: int, by: User, now: datetime) -> Quota:
    """One more, of which nothing is taken."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                rows = list(event.quotas.values_list("slug", "position"))
                slug = slugs.suggested(name, taken={slug for slug, _ in rows}, otherwise="quota")
                place = max((position for _, position in rows), default=-1) + 1
                quota = Quota.objects.create(event=event, slug=slug, name=name, position=place)
                Stock.objects.create(quota=quota, capacity=capacity)
                _record(quota, by, "quota-added", f"Added the quota “{name}” of {capacity}.", now)
                return quota
        except IntegrityError:  # its address was taken meanwhile
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


@transaction.atomic
def edit(*, quota: Quota, name: str, capacity: int, was: str, by: User, now: datetime) -> None:
    """Rename it, and set its capacity. `was` is the mark of what the form was read at.

    Raises ChangedMeanwhile, and BelowTaken for a capacity below what is taken. The stock row is asked and changed in
    one statement, so that buyers go on meanwhile: no hold waits for us, and none makes us sell too much.
    """
    row = Quota.objects.select_for_update(no_key=True).get(pk=quota.pk)
    before: dict[str, Any] = {
        "name": row.name,
        "capacity": Stock.objects.values_list("capacity", flat=True).get(pk=row.pk),
    }
    if since.changed(was, before):
        raise ChangedMeanwhile(before, was)
    if before["capacity"] != capacity:
        _set_capacity(row, before["capacity"], capacity, was)
    if row.name != name:
        Quota.objects.filter(pk=row.pk).update(name=name)
    said = [f"name “{row.name}” → “{name}”"] if row.name != name else []
    said += [f"capacity {before['capacity']} → {capacity}"] if before["capacity"] != capacity else []
    if said:
        _record(quota, by, "quota-changed", f"Changed the quota “{row.name}”: {'; '.join(said)}.", now)


def _set_capacity(quota: Quota, before: int, capacity: int, was: str) -> None:
    stock = Stock.objects.filter(pk=quota.pk)
    if stock.filter(capacity=before, taken__lte=capacity).update(capacity=capacity):
        return
    now = stock.get()
    # Something may have been voided without giving its place back, which makes the quota smaller.
    if now.capacity != before:
        raise ChangedMeanwhile({"name": quota.name, "capacity": now.capacity}, was)
    raise BelowTaken(now.taken)


def remove(*, quota: Quota, by: User, now: datetime) -> None:
    """Delete it. Raises InUse: what is sold or held counts against it, or a ticket type draws on it."""
    try:
        with transaction.atomic():
            _record(quota, by, "quota-deleted", f"Deleted the quota “{quota.name}”.", now)
            Quota.objects.get(pk=quota.pk).delete()
    except IntegrityError as error:
        raise InUse from error


def _record(quota: Quota, by: User, kind: str, said: str, now: datetime) -> None:
    log.record(organiser=quota.event.organiser, event=quota.event, by=by, kind=kind, said=said, now=now)
