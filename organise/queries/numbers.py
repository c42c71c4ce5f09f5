"""How a sale stands: read from the numbers that the worker keeps, never counted here, and kept for a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from checkout.models import Grain, Number, Order, Ticket
from checkout.models.numbers import FACTS
from events.models import Event, Quota, TicketType
from kit.cache import Made, Shelf

FRESH_SECONDS: Final = 1.0
LAST_ORDERS: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket type, or all. `sold` are tickets that admit now; money in minor units; `left` None without a quota."""

    name: str
    sold: int
    held: int
    voided: int
    left: int | None
    gross_minor: int
    refunded_minor: int

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """One capacity: how many of its units are sold, held and left."""

    name: str
    capacity: int
    sold: int
    held: int

    @property
    def left(self) -> int:
        return self.capacity - self.sold - self.held


@dataclass(frozen=True, slots=True)
class LastOrder:
    reference: str
    full_name: str
    tickets: int
    total_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it, at one moment. `whole` has the facts of orders as a whole (checkout/models/numbers.py)."""

    at: datetime
    lines: list[Line]
    quotas: list[QuotaLine]
    last: list[LastOrder]
    whole: Mapping[str, int]

    @property
    def total(self) -> Line:
        """All ticket types together. What is left is the quotas' to say: a ticket may draw on several."""
        return Line(
            name="All",
            sold=sum(line.sold for line in self.lines),
            held=sum(line.held for line in self.lines),
            voided=sum(line.voided for line in self.lines),
            left=None,
            gross_minor=sum(line.gross_minor for line in self.lines),
            refunded_minor=sum(line.refunded_minor for line in self.lines),
        )

    @property
    def open_holds(self) -> int:
        return self.whole["holds"] - self.whole["orders"] - self.whole["lapsed"]

    @property
    def conversion(self) -> float | None:
        """Of the holds that are over, which part became orders, from 0 to 1."""
        over = self.whole["holds"] - self.open_holds
        return self.whole["orders"] / over if over else None


_shelf: Shelf[Standing] = Shelf("numbers")


def standing(event: Event) -> Standing:
    """As of at most a second ago, however many look on: four small statements a second for each process."""
    return _shelf.get(str(event.pk), lambda _: Made(read(event, at=now()), FRESH_SECONDS))


def forget() -> None:
    """Read anew at the next look."""
    _shelf.forget()


def read(event: Event, *, at: datetime) -> Standing:
    """Four statements, each by an index, whatever was sold."""
    rows = Number.objects.filter(event=event, grain=Grain.ALL).values("ticket_type_id", *FACTS)
    by_type: dict[int | None, dict[str, Any]] = {row.pop("ticket_type_id"): row for row in rows}
    nothing = dict.fromkeys(FACTS, 0)
    types = list(TicketType.objects.filter(event=event).order_by("position", "id").values_list("id", "name"))
    quotas = list(
        Quota.objects.filter(event=event)
        .order_by("position", "id")
        .values_list("name", "stock__capacity", "stock__taken")
        .annotate(of=ArrayAgg("draws__ticket_type", default=[]))
    )
    left = _left(quotas)
    return Standing(
        at=at,
        lines=[_line(pk, name, by_type.get(pk, nothing), left) for pk, name in types],
        quotas=[_quota(quota, by_type) for quota in quotas],
        last=last_orders(event),
        whole={**nothing, **by_type.get(None, {})},
    )


def last_orders(event: Event, *, most: int = LAST_ORDERS) -> list[LastOrder]:
    """The latest that were bought, the last first."""
    tickets = Ticket.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(n=Count("pk")).values("n")
    found = Order.objects.filter(event=event, completed_at__isnull=False).order_by("-completed_at")[:most]
    rows: Any = found.annotate(n=Coalesce(Subquery(tickets), 0))
    return [LastOrder(*row) for row in rows.values_list("reference", "full_name", "n", "total_minor", "completed_at")]


def _left(quotas: Sequence[Any]) -> dict[int, int]:
    """By ticket type: what its tightest quota has left."""
    left: dict[int, int] = {}
    for _, capacity, taken, types in quotas:
        for pk in types:
            left[pk] = min(left.get(pk, capacity - taken), capacity - taken)
    return left


def _line(pk: int, name: str, row: Mapping[str, int], left: Mapping[int, int]) -> Line:
    sold = row["sold"] - row["voided"]
    return Line(name, sold, row["held"], row["voided"], left.get(pk), row["gross_minor"], row["refunded_minor"])


def _quota(quota: Any, by_type: Mapping[int | None, Mapping[str, int]]) -> QuotaLine:
    """Stock says at once what is taken; what of that is held, the numbers, a second later."""
    name, capacity, taken, types = quota
    held = min(taken, sum(by_type[pk]["held"] for pk in types if pk in by_type))
    return QuotaLine(name, capacity, taken - held, held)
