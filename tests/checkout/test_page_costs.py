"""What each public address asks of the database: the same whatever an event sells, and whatever flags it has."""

from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from pytest_django.fixtures import Settings

from checkout.models import Order, Payment, State
from events.models import Draw, Event, Kind, Quota, Stock, TicketType
from fakestripe import FakeStripe
from flags.models import Flag, Grant, Stage
from tests.buyers import ADA, NOON, take_hold
from tests.makers import make_event, make_quota, make_ticket_type
from tests.plans.guide import Guide
from tests.plans.visits import ADDRESSES
from tests.plans.watching import Watch

pytestmark = pytest.mark.django_db

FLAGS: Final = 10
SECRET: Final = "the-fourth"


def same(costs: list[int]) -> tuple[list[int], list[int]]:
    """Of a page that is one buyer's own there is no copy."""
    return costs, costs


# Statements of each request that a visit makes (tests/plans/visits.py), without a copy anywhere and then with.
EVENT, ORDER = "<slug:organiser_slug>/<slug:event_slug>/", "orders/<token:token>/"
PAGE, CODE, NOTHING = ([3], [0]), ([4], [0]), ([0], [0])
COSTS: Final[dict[str, tuple[list[int], list[int]]]] = {
    "": ([1], [0]),
    "<slug:organiser_slug>/": ([2], [0]),
    EVENT: PAGE,
    f"{EVENT}tickets/": PAGE,
    f"{EVENT}availability/": PAGE,
    f"{EVENT}secret/<secret:secret>/": PAGE,
    f"{EVENT}secret/<secret:secret>/tickets/": PAGE,
    f"{EVENT}secret/<secret:secret>/availability/": PAGE,
    f"{EVENT}code/<discount:code>/": CODE,
    f"{EVENT}code/<discount:code>/tickets/": CODE,
    f"{EVENT}code/<discount:code>/availability/": CODE,
    # Typed with a choice, the page of both, typed alone, one that nobody knows, and a hold: one statement, as without.
    f"{EVENT}code/": ([3, 4, 3, 4, 3], [0, 1, 0, 1, 1]),
    f"{EVENT}reminders/": PAGE,
    f"{EVENT}waiting-list/": ([5, 5, 3], [1, 1, 0]),  # joined, the same once more, and where there are tickets
    f"{EVENT}waiting-list/<secret:token>/": same([1, 2]),
    f"{EVENT}orders/": (
        [3, 4, 5],
        [1, 2, 3],
    ),  # a hold, one refused as too many, one for which there is too little left
    # Held, to be paid, being paid, complete, expired, cancelled; the first is free, and asks which flags its event has.
    ORDER: ([3, 3, 4, 1, 2, 3], [1, 1, 2, 1, 2, 3]),  # cold, the review page finds the refund policy with the facts
    # The page, a paid order's answers, a free one's, which complete it; that asks for the event's flags, too.
    f"{ORDER}details/": ([1, 4, 7], [1, 4, 5]),
    f"{ORDER}payments/": same([9]),
    f"{ORDER}return/": same([7, 11]),  # too early, and paid
    f"{ORDER}renewals/": same([4]),
    f"{ORDER}holds/": same([6]),
    f"{ORDER}cancellation/": same([1, 7, 1, 11]),  # held, and being paid
    f"{ORDER}mail/": same([5]),
    f"{ORDER}answers/": ([5, 10, 16], [5, 7, 13]),  # the page, an answer, and it taken away as a file is sent
    f"{ORDER}files/<int:answer_id>/": same([2]),
    f"{ORDER}calendar.ics": same([1]),
    r"^assets/(?P<sha256>[0-9a-f]{64})\.(?P<ending>webp|jpg)$": same([1]),
    f"{ORDER}tickets.pdf": same([1]),
    "tickets/<code:code>/": same([1]),
    "tickets/<code:code>/calendar.ics": same([1]),
    "tickets/<code:code>/wallet.pkpass": same([1]),
    f"{ORDER}pretend-payment/": same([2, 3, 3]),
    "webhooks/stripe/<token:token>/": same([3]),
    "webhooks/stripe/": same([10, 1]),  # and the same once more
    "webhooks/rehearsals/<int:event_id>/": same([11]),  # paid, so that its order completes
    "tickets/worker.js": NOTHING,
    "clock/": NOTHING,
    "favicon.ico": NOTHING,
    r"^theme/(?P<colour>[0-9a-f]{6})\.css$": NOTHING,
}


@dataclass
class ShopGuide(Guide):
    """Visits one event of our own making."""

    event: Event = field(kw_only=True)

    @property
    def event_id(self) -> int:
        return self.event.pk

    @property
    def event_path(self) -> str:
        return self.event.get_absolute_url()

    @property
    def secret(self) -> str:
        return SECRET


def make_shop(types: int, *, flags_on: bool) -> Event:
    """An event with free and paid ticket types in turn and the fourth one secret."""
    event = make_event()
    quota = make_quota(event=event, capacity=1_000_000)
    made = TicketType.objects.bulk_create(TicketType(event=event, **type_number(n)) for n in range(1, types + 1))
    own = Quota.objects.bulk_create(Quota(event=event, slug=t.slug, name=t.name) for t in made)
    Stock.objects.bulk_create(Stock(quota=one, capacity=1000) for one in own)
    for drawn in (own, [quota] * types):
        Draw.objects.bulk_create(Draw(ticket_type=t, quota=one) for t, one in zip(made, drawn, strict=True))
    for number in range(FLAGS if flags_on else 0):
        flag: Any = Flag.objects.create(name=f"flag-{number}", stage=Stage.TRIAL)
        Grant.objects.create(flag=flag, event=event, reason="Trial")
    return event


def type_number(n: int) -> dict[str, Any]:
    price = {"kind": Kind.FREE} if n % 2 else {"kind": Kind.PAID, "price_minor": 1000}
    return {
        "slug": f"type-{n}",
        "name": f"Ticket {n}",
        "position": n,
        "secret": n == 4,
        "secret_key": SECRET if n == 4 else f"secret-{n}",
        **price,
    }


def make_others() -> None:
    """Another event that is sold out, with an order that was paid, cancelled and paid back."""
    ticket_type = make_ticket_type(quotas=[make_quota(capacity=2)])
    order = take_hold((ticket_type, 2))
    Order.objects.filter(pk=order.pk).update(
        state=State.COMPLETE, completed_at=NOON, full_name=ADA.full_name, email=ADA.email
    )
    over = take_hold((make_ticket_type(), 1))
    Order.objects.filter(pk=over.pk).update(state=State.CANCELLED, closed_at=NOON)
    Payment.objects.create(
        order=over, state="paid", attempt=1, amount_minor=1000, refunded_minor=1000, currency="GBP", created_at=NOON,
        paid_at=NOON,
    )  # fmt: skip


def costs_of(guide: Guide, route: str) -> list[int]:
    """Statements of each request of one visit."""
    guide.costs.clear()
    ADDRESSES[route](guide)
    return list(guide.costs)


@pytest.mark.parametrize("flags_on", [False, True])
@pytest.mark.parametrize("types", [4, 10, 300, 1000])
def test_every_public_address_costs_the_same(
    stripe: FakeStripe, settings: Settings, types: int, flags_on: bool
) -> None:
    settings.EVENT_FACTS_SECONDS = 60.0  # so that a slow machine finds its copies warm
    event = make_shop(types, flags_on=flags_on)
    make_others()
    cold, warm = ShopGuide(Watch(), stripe, event=event), ShopGuide(Watch(), stripe, event=event, is_cold=False)

    costs = {}
    for route in ADDRESSES:
        first = costs_of(cold, route)
        costs_of(warm, route)
        costs[route] = (first, costs_of(warm, route))

    assert costs == COSTS
