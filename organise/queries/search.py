"""Finding orders and attendees of one event by what somebody typed: the beginnings of words, an address, a domain, a
reference, a ticket's code. The words and their indexes are in checkout/sql/search.sql.
"""

from typing import Any, Final

from django.db.models import Q
from django.db.models.expressions import RawSQL

from events.models import Event, TicketType
from kit.tokens import normalise_code

BUYERS: Final = """
    o.email <> '' AND checkout_words(o.event_id, o.full_name, o.email) @@ checkout_query(ARRAY[%s::bigint], %s)
"""
ATTENDEES: Final = """
    t.attendee_name <> ''
    AND checkout_words(t.ticket_type_id, t.attendee_name, '') @@ checkout_query(%s::bigint[], %s)
"""
ORDERS: Final = f"""
    SELECT o.id FROM checkout_order o WHERE {BUYERS}
    UNION SELECT t.order_id FROM checkout_ticket t WHERE {ATTENDEES}
    UNION SELECT o.id FROM checkout_order o WHERE o.event_id = %s AND o.reference = %s
    UNION SELECT t.order_id FROM checkout_ticket t WHERE t.code = %s
"""  # noqa: S608  -- our own words; what was typed is an argument
TICKETS: Final = f"""
    SELECT t.id FROM checkout_ticket t JOIN checkout_order o ON o.id = t.order_id WHERE {BUYERS}
    UNION SELECT t.id FROM checkout_ticket t WHERE {ATTENDEES}
    UNION SELECT t.id FROM checkout_order o JOIN checkout_ticket t ON t.order_id = o.id
           WHERE o.event_id = %s AND o.reference = %s
    UNION SELECT t.id FROM checkout_ticket t WHERE t.code = %s
"""  # noqa: S608  -- our own words; what was typed is an argument


def orders_said(event: Event, typed: str) -> Q:
    """A condition on orders: ask it of the event's own, because a code may be anybody's."""
    return Q(pk__in=RawSQL(ORDERS, _arguments(event, typed)))  # noqa: S611  -- our own words


def tickets_said(event: Event, typed: str) -> Q:
    """The same for tickets: by their attendee, their buyer, their order's reference or their code."""
    return Q(pk__in=RawSQL(TICKETS, _arguments(event, typed)))  # noqa: S611  -- our own words


def _arguments(event: Event, typed: str) -> list[Any]:
    types = list(TicketType.objects.filter(event=event).values_list("pk", flat=True))
    reference = typed.strip().upper().lstrip("#")
    return [event.pk, typed, types, typed, event.pk, reference[:12], normalise_code(typed)[:12]]
