"""An event's catalogue, changed by a file: seen first, then applied as it was seen."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from django.db import transaction

from accounts.actions import log
from accounts.models import User
from events import catalogue
from events.catalogue.format import Catalogue
from events.catalogue.plan import make_plan
from events.catalogue.report import created, deleted, updated
from events.models import Event


class ChangedMeanwhile(Exception):
    """What the file would do is not any more what was shown."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do to the event, each part in a line. `mark` names just this."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]

    @property
    def changes_nothing(self) -> bool:
        return not (self.created or self.updated or self.deleted)

    @property
    def mark(self) -> str:
        return blake2b(repr((self.created, self.updated, self.deleted)).encode(), digest_size=12).hexdigest()


def preview(*, event: Event, text: str) -> Preview:
    """What applying would do now. Writes nothing. Raises catalogue.Faulty."""
    return _preview(event, _read(event, text))


def apply(*, event: Event, text: str, was: str, by: User, now: datetime) -> Preview:
    """Make the event as the file says, if that is still what `was` (a preview's mark) showed.

    Raises ChangedMeanwhile, and catalogue.Faulty where tickets stand against it. The event's address and state stay.
    """
    asked = _read(event, text)
    with transaction.atomic():
        types = event.ticket_types.order_by("pk")  # before the event's own row, as holds and triggers take them
        list(types.select_for_update(no_key=True).values_list("pk", flat=True))
        seen = _preview(event, asked)
        if seen.mark != was:
            raise ChangedMeanwhile
        catalogue.apply(asked, organiser=event.organiser)
        said = (
            f"Applied a catalogue: {len(seen.created)} new, {len(seen.updated)} changed, {len(seen.deleted)} deleted."
        )
        details = {"created": seen.created[:200], "updated": seen.updated[:200], "deleted": seen.deleted[:200]}
        log.record(
            organiser=event.organiser, event=event, by=by, kind="catalogue-applied", said=said, now=now, details=details
        )
    return seen


def _read(event: Event, text: str) -> Catalogue:
    """The file as one of this event, whatever address it names. What it says of the state is for the command alone."""
    asked = catalogue.read(text)
    return replace(asked, event=replace(asked.event, slug=event.slug, state=None))


def _preview(event: Event, asked: Catalogue) -> Preview:
    plan = make_plan(asked, event.organiser, publish=False)
    return Preview(created(plan), updated(plan), deleted(plan))
