"""Makes the events that visitors buy at, does the worker's duties, and looks at what was left behind."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils.timezone import now

from checkout import ledger
from checkout.actions import holds, orders
from checkout.actions.orders import Details
from checkout.duties import DUTIES
from checkout.models import Order
from events import facts, pages
from events.models import Event, TicketType
from tests.buyers import take_hold
from tests.makers import make_event, make_quota, make_ticket_type

# Named apps, because a table that waffle leaves behind for its own model can only be emptied together with the rest.
COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
BROWSER = [pytest.mark.browser, COMMITTED]


def make_shop(*, capacity: int = 100, event: dict[str, Any] | None = None, **over: Any) -> TicketType:
    """An event on sale with one ticket type, `Adult` at 18.00 unless `over` says otherwise, and a quota of its own."""
    made = make_event(**{"title": "Autumn Conference", "description": "Two days, one track.", **(event or {})})
    quota = make_quota(event=made, capacity=capacity)
    price = {} if "kind" in over else {"price_minor": 1800}
    values = {"name": "Adult", "slug": "adult", **price, **over}
    return make_ticket_type(event=made, quotas=[quota], **values)


def work() -> None:
    """What the worker does in a few seconds, once."""
    for duty in DUTIES:
        duty.work(now())


def only_order(event: Event | None = None) -> Order:
    """The one order there is."""
    return Order.objects.select_related("event").get(**({"event": event} if event else {}))


def buy(ticket_type: TicketType, quantity: int = 1) -> Order:
    """Somebody else gets some of a free ticket type."""
    order = take_hold((ticket_type, quantity), now=now())
    orders.complete_free(order=order, details=Details("Grace Hopper", "grace@example.com"), now=now())
    return order


def forget_pages() -> None:
    """What changed is on every page at once: the copies that a visitor might see for a second more are gone."""
    facts.forget()
    pages.forget()
    cache.clear()


def let_lapse(order: Order) -> None:
    """The hold's time passes, and the worker notices."""
    Order.objects.filter(pk=order.pk).update(expires_at=now() - timedelta(seconds=1))
    holds.sweep(now=now())


def books_balance() -> bool:
    """Whether the ledger agrees with itself."""
    return ledger.check().faults == []
