"""The tabs of an organiser's and of an event's pages. A new page is a line here, if it is one that people go to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from organise.policy import Act


@dataclass(frozen=True, slots=True)
class Tab:
    """One page: its noun in the address, its name, and what one must be let do to see it."""

    noun: str
    name: str
    act: Act
    url: str = ""


OF_ORGANISER: Final = [
    Tab("", "Events", Act.READ_EVENTS),
    Tab("-/money", "Payments", Act.SET_UP_MONEY),
    Tab("-/team", "Team", Act.RUN_TEAM),
    Tab("-/log", "Log", Act.READ_LOG),
]
OF_EVENT: Final = [
    Tab("", "Overview", Act.READ_EVENTS),
    Tab("orders", "Orders", Act.READ_ORDERS),
    Tab("attendees", "Attendees", Act.READ_ORDERS),
    Tab("attention", "Needs attention", Act.READ_ORDERS),
    Tab("readiness", "Checklist", Act.READ_EVENTS),
    Tab("edit", "Edit", Act.EDIT_EVENTS),
    Tab("tickets", "Tickets", Act.READ_EVENTS),
    Tab("exports", "Exports", Act.READ_ORDERS),
    Tab("codes", "Codes", Act.READ_EVENTS),
    Tab("questions", "Questions", Act.READ_EVENTS),
    Tab("flags", "Features", Act.READ_EVENTS),
    Tab("refund-policy", "Refund policy", Act.READ_EVENTS),
    Tab("test-mode", "Test mode", Act.READ_EVENTS),
    Tab("rehearsals", "Rehearsals", Act.READ_EVENTS),
    Tab("log", "Log", Act.READ_LOG),
]


def shown(tabs: Sequence[Tab], base: str, acts: Collection[Act]) -> list[Tab]:
    """Those that one who may do `acts` sees, with their addresses under `base`."""
    return [
        Tab(tab.noun, tab.name, tab.act, f"{base}{tab.noun}/" if tab.noun else base) for tab in tabs if tab.act in acts
    ]
