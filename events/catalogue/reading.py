"""Reads a catalogue from JSON text, or says everything that is wrong with it."""

import json
from typing import Final
from zoneinfo import ZoneInfo

from accounts.models import Organiser, validate_not_reserved, validate_slug
from events.catalogue.event_entry import read_event
from events.catalogue.faults import Faults, Faulty
from events.catalogue.fields import Fields, Object
from events.catalogue.format import (
    FORMAT,
    MOST_CHARACTERS,
    MOST_TICKET_TYPES,
    Catalogue,
    TicketTypeEntry,
)
from events.catalogue.model_facts import longest
from events.catalogue.pools import Pools
from events.catalogue.ticket_type_entry import read_ticket_type

MOST_DIGITS: Final = 20


def read(text: str) -> Catalogue:
    """The catalogue that `text` holds. Raises Faulty with every fault, each by its JSON path."""
    faults = Faults()
    fields = Fields(_parsed(text), "", faults)
    _check_format(fields)
    organiser = fields.text("organiser", most=longest(Organiser, "slug"), default="", check=_check_organiser)
    event = read_event(fields.inner("event"))
    pools = Pools(fields)
    zone = ZoneInfo(event.timezone)
    ticket_types = tuple(
        read_ticket_type(Fields(item, path, faults), pools=pools, zone=zone, currency=event.currency)
        for item, path in fields.items("ticket_types", most=MOST_TICKET_TYPES)
    )
    _check_slugs(ticket_types, faults)
    fields.finish()
    faults.refuse()
    return Catalogue(organiser=organiser, event=event, pools=pools.all, ticket_types=ticket_types)


def _parsed(text: str) -> object:
    """What the JSON says, or Faulty with the line and column of what is not JSON."""
    if len(text) > MOST_CHARACTERS:
        raise Faulty([f"the file is larger than {MOST_CHARACTERS} characters"])
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=Object, parse_int=_whole)
    except json.JSONDecodeError as fault:
        raise Faulty([f"line {fault.lineno}, column {fault.colno}: not JSON: {fault.msg}"]) from None
    except RecursionError:
        raise Faulty(["the file has lists or objects too deep inside each other"]) from None


def _whole(digits: str) -> int:
    """A whole number. Of a very long one only the beginning is read, which is past every limit as well."""
    return int(digits[: MOST_DIGITS + 1])


def _check_format(fields: Fields) -> None:
    given = fields.take("format")
    if given is not None and given != FORMAT:
        fields.fault("format", f'must be "{FORMAT}", the only format that this version of Tito reads')


def _check_organiser(slug: str) -> None:
    validate_slug(slug)
    validate_not_reserved(slug)


def _check_slugs(ticket_types: tuple[TicketTypeEntry, ...], faults: Faults) -> None:
    """Note each slug that an earlier ticket type has."""
    first: dict[str, int] = {}
    for place, entry in enumerate(ticket_types):
        earlier = first.setdefault(entry.slug, place)
        if entry.slug and earlier != place:
            faults.at(f"ticket_types[{place}].slug", f'"{entry.slug}" is already the slug of ticket_types[{earlier}]')
