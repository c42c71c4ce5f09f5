"""Events and organisers as staff type them: `organiser/event`, `organiser`, or a page's address from the browser."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps

from flags.models import Grant
from flags.models.grants import Recipient
from flags.where import Place


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a flag can be granted to, with their address and what people call them."""

    address: str
    title: str
    place: Place

    @property
    def recipient(self) -> Recipient:
        if self.place.event_id:
            return Recipient(event_id=self.place.event_id)
        return Recipient(organiser_id=self.place.organiser_id)


def events() -> Any:
    """The events, of which this room knows no more than its grants do."""
    event: Any = apps.get_model("events", "Event")
    return event.objects


def plain(typed: str) -> str:
    """What was typed, as an address: `https://site/organiser/event/` is `organiser/event`."""
    try:
        return urlsplit(typed.strip()).path.strip("/").lower()
    except ValueError:
        return typed.strip()


def find(addresses: Iterable[str]) -> dict[str, Named]:
    """Those of these plain addresses that somebody has. Two queries, however many they are."""
    pairs = {tuple(address.split("/")) for address in addresses}
    wanted = {pair for pair in pairs if len(pair) == 2}
    found = events().filter(organiser__slug__in={pair[0] for pair in wanted}, slug__in={pair[1] for pair in wanted})
    named = [of_event(event) for event in found.select_related("organiser")]
    organiser: Any = apps.get_model("accounts", "Organiser")
    alone = organiser.objects.filter(slug__in={pair[0] for pair in pairs if len(pair) == 1})
    named += [Named(one.slug, one.name, Place(one.pk)) for one in alone]
    return {one.address: one for one in named if tuple(one.address.split("/")) in pairs}


def of_event(event: Any) -> Named:
    """The event, read with its organiser."""
    return Named(f"{event.organiser.slug}/{event.slug}", event.title, Place(event.organiser_id, event.pk))


def of_grant(grant: Grant) -> Named:
    """To whom this is, read with `event__organiser` and `organiser`."""
    if grant.event:
        return of_event(grant.event)
    organiser: Any = grant.organiser
    return Named(organiser.slug, organiser.name, Place(organiser.pk))
