"""An event's flags as its organiser thinks of them, and its next on-sale."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q

from events.models import Event
from flags.models import Grant, Stage
from flags.where import BY_GRANT, Place, Standing, at_place


def next_on_sale_at(event: Event, *, now: datetime) -> datetime | None:
    """When the next of its ticket types opens, if one is to open."""
    opens: dict[str, datetime | None] = event.ticket_types.filter(sale_starts_at__gt=now).aggregate(
        at=Min("sale_starts_at")
    )
    return opens["at"]


@dataclass(frozen=True, slots=True)
class Features:
    """An event's flags as its organiser thinks of them: each is in one of these lists, or of no concern to them."""

    tried: list[Standing]
    for_everyone: list[Standing]
    switched_off: list[Standing]
    not_on: list[Standing]


def features(event: Event, *, now: datetime) -> Features:
    """What is on, on trial or for everyone; what was switched off; what is granted and yet off, or granted off."""
    place = Place(event.organiser_id, event.pk)
    standings = [one for one in at_place(place, now=now) if one.flag is not None]
    on = [one for one in standings if one.is_on]
    off = [one for one in standings if not one.is_on]
    granted = _granted(place, now)
    return Features(
        tried=[one for one in on if one.rule in BY_GRANT and not is_general(one)],
        for_everyone=[one for one in on if one.rule not in BY_GRANT or is_general(one)],
        switched_off=[one for one in off if one.switched_off_by],
        not_on=[one for one in off if not one.switched_off_by and one.flag.pk in granted],
    )


def is_general(standing: Standing) -> bool:
    """Whether everyone has it, so that no on-sale is a reason to look at it again."""
    return bool(standing.flag.stage == Stage.GENERAL)


def _granted(place: Place, now: datetime) -> set[int]:
    """Flags of which the event or its organiser has a grant in force."""
    to_them = Q(event=place.event_id) | Q(organiser=place.organiser_id)
    return set(Grant.objects.in_force(at=now).filter(to_them).values_list("flag_id", flat=True))
