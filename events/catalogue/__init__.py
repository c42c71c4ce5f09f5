"""An event's whole catalogue as JSON: read, written and applied. docs/organisers/catalogue.md says how it looks."""

from events.catalogue.applying import Outcome, apply
from events.catalogue.faults import Faulty
from events.catalogue.format import FORMAT, Catalogue, EventEntry, Pool, TicketTypeEntry
from events.catalogue.moving import moved
from events.catalogue.organisers import organiser_for
from events.catalogue.reading import read
from events.catalogue.writing import dump, write

__all__ = [
    "FORMAT",
    "Catalogue",
    "EventEntry",
    "Faulty",
    "Outcome",
    "Pool",
    "TicketTypeEntry",
    "apply",
    "dump",
    "moved",
    "organiser_for",
    "read",
    "write",
]
