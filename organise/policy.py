"""Who may do what for an organiser: the one table that every door of the organiser's pages asks (doors.py)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from accounts.models import Membership, Role


class Act(StrEnum):
    """What somebody may be let do. The value is the name that templates ask for: `desk.can.edit_events`."""

    READ_EVENTS = "read_events"  # an event's pages: what is for sale, features, rehearsals
    EDIT_EVENTS = "edit_events"  # what the event page shows, ticket types, quotas, codes, questions
    CREATE_EVENTS = "create_events"
    END_EVENTS = "end_events"  # delete, cancel: what a typed confirmation stands before
    READ_ORDERS = "read_orders"  # orders and attendees, with names and addresses
    EDIT_ORDERS = "edit_orders"  # resend, rename, notes, orders made by hand
    READ_MONEY = "read_money"
    MOVE_MONEY = "move_money"  # refunds, and cancelling what was paid
    SET_UP_MONEY = "set_up_money"
    RUN_TEAM = "run_team"
    READ_LOG = "read_log"
    CHECK_IN = "check_in"


# What each is called on the team's page, after "may".
WORDS: Final[Mapping[Act, str]] = {
    Act.READ_EVENTS: "see events, ticket types and rehearsals",
    Act.EDIT_EVENTS: "change events, ticket types, codes and questions",
    Act.CREATE_EVENTS: "create events",
    Act.END_EVENTS: "cancel and delete events",
    Act.READ_ORDERS: "see orders and attendees",
    Act.EDIT_ORDERS: "change orders and attendees, and make orders by hand",
    Act.READ_MONEY: "see what was taken and paid back",
    Act.MOVE_MONEY: "pay back",
    Act.SET_UP_MONEY: "connect payments",
    Act.RUN_TEAM: "invite and remove members",
    Act.READ_LOG: "read the log",
    Act.CHECK_IN: "check people in",
}
READING: Final = frozenset({Act.READ_EVENTS, Act.READ_ORDERS, Act.READ_MONEY})
ALLOWED: Final[Mapping[str, frozenset[Act]]] = {
    Role.OWNER: frozenset(Act),
    Role.MANAGER: frozenset(Act) - {Act.RUN_TEAM, Act.SET_UP_MONEY, Act.END_EVENTS},
    Role.FINANCE: READING | {Act.MOVE_MONEY, Act.SET_UP_MONEY, Act.READ_LOG},
    Role.READ_ONLY: READING,
    Role.DOOR: frozenset({Act.CHECK_IN}),
}
# Of the organiser as a whole: not for whoever is limited to chosen events.
OF_THE_WHOLE: Final = frozenset({Act.CREATE_EVENTS, Act.SET_UP_MONEY, Act.RUN_TEAM})


def told(role: str) -> str:
    """What a role may do, in a sentence."""
    allowed = ALLOWED[role]
    if allowed == frozenset(Act):
        return "May do everything."
    *rest, last = [words for act, words in WORDS.items() if act in allowed]
    return f"May {', '.join(rest)}{' and ' if rest else ''}{last}."


def acts_of(member: Membership) -> frozenset[Act]:
    """All that this member may do, at the events that they are let into (`queries.events`)."""
    allowed = ALLOWED[member.role]
    return allowed - OF_THE_WHOLE if member.is_limited else allowed
