"""A crowd of orders in one event, written in a few seconds."""

from pathlib import Path

from django.db import connection

from events.models import Event
from tests.makers import make_event, make_quota, make_ticket_type

SEED = Path(__file__).with_name("crowd.sql")


def make_crowd(orders: int) -> Event:
    """A live event with so many complete orders at 20.00, of two tickets each; two attendees an order have names."""
    event = make_event()
    quota = make_quota(event=event, capacity=3 * orders)
    ticket_type = make_ticket_type(event=event, quotas=[quota], slug="adult", name="Adult")
    values = {"orders": orders, "event": event.pk, "quota": quota.pk, "ticket_type": ticket_type.pk}
    with connection.cursor() as cursor:
        for statement in (SEED.read_text() % values).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("SELECT setval('checkout_order_id_seq', %s)", (10 * orders,))
        cursor.execute("ANALYZE checkout_order, checkout_ticket, checkout_payment, checkout_mail")
    return event
