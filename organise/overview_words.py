"""An event's numbers as a person reads them: money in its currency, moments on its clock, parts as percentages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.safestring import SafeString

from events.models import Event
from kit import moments, money
from organise import charts
from organise.queries.numbers import LastOrder, Line, QuotaLine, Standing
from organise.queries.sales import Comparison, Sales, midnight

MOST_COLUMNS: Final = 120


@dataclass(frozen=True, slots=True)
class LineText:
    """A row of the table of ticket types."""

    name: str
    sold: str
    held: str
    left: str
    voided: str
    gross: str
    refunded: str
    net: str


@dataclass(frozen=True, slots=True)
class QuotaText:
    name: str
    bar: SafeString
    sold: str
    held: str
    left: str
    capacity: str


@dataclass(frozen=True, slots=True)
class OrderText:
    reference: str
    full_name: str
    tickets: int
    total: str
    at: str


@dataclass(frozen=True, slots=True)
class StandingText:
    """The live part of the overview. `notes` are sentences about what is in none of the sums."""

    at: str
    total: LineText
    lines: list[LineText]
    quotas: list[QuotaText]
    last: list[OrderText]
    orders: str
    conversion: str
    holds: str
    money_notes: list[str]


def standing(found: Standing, event: Event) -> StandingText:
    currency = event.currency
    whole = found.whole
    return StandingText(
        at=_time(found.at, event),
        total=_line(found.total, currency),
        lines=[_line(line, currency) for line in found.lines],
        quotas=[_quota(one) for one in found.quotas],
        last=[_order(order, event) for order in found.last],
        orders=f"{whole['orders']:,}",
        conversion="" if found.conversion is None else f"{found.conversion:.0%}",
        holds=f"{whole['holds']:,} holds taken: {whole['orders']:,} became orders, {whole['lapsed']:,} lapsed, "
        f"{found.open_holds:,} open.",
        money_notes=_money_notes(found, currency),
    )


def _line(line: Line, currency: str) -> LineText:
    amounts = (line.gross_minor, line.refunded_minor, line.net_minor)
    return LineText(
        line.name, f"{line.sold:,}", f"{line.held:,}", "no limit" if line.left is None else f"{line.left:,}",
        f"{line.voided:,}", *(money.amount_text(amount, currency) for amount in amounts),
    )  # fmt: skip


def _order(order: LastOrder, event: Event) -> OrderText:
    total = money.price_text(order.total_minor, event.currency)
    return OrderText(order.reference, order.full_name, order.tickets, total, _when(order.at, event))


def _quota(one: QuotaLine) -> QuotaText:
    bar = charts.filled(one.sold, one.held, one.capacity)
    return QuotaText(one.name, bar, f"{one.sold:,}", f"{one.held:,}", f"{one.left:,}", f"{one.capacity:,}")


def _money_notes(found: Standing, currency: str) -> list[str]:
    def amount(minor: int) -> str:
        return money.amount_text(minor, currency)

    refunding, stray, back = (found.whole[f"{fact}_minor"] for fact in ("refunding", "stray", "stray_back"))
    notes = []
    if refunding:
        notes.append(f"Refunds of {amount(refunding)} are on their way or were refused, and not in these sums yet.")
    if stray:
        notes.append(
            f"{amount(stray)} came for no ticket (too late, or twice), of which {amount(back)} went back. "
            "It is in none of these sums."
        )
    return notes


@dataclass(frozen=True, slots=True)
class DayText:
    day: str
    sold: str
    voided: str
    gross: str
    refunded: str
    net: str


def days(found: Sequence[Sales], event: Event) -> list[DayText]:
    """A row of the table for each day on which something happened, the last first."""

    def amount(minor: int) -> str:
        return money.amount_text(minor, event.currency)

    return [
        DayText(
            moments.day_text(one.at.astimezone(event.zone)), f"{one.sold:,}", f"{one.voided:,}",
            amount(one.gross_minor), amount(one.refunded_minor), amount(one.net_minor),
        )
        for one in reversed(found)
    ]  # fmt: skip


def picture(found: Sequence[Sales], event: Event) -> SafeString | None:
    """Tickets sold on each day, the days between too; of a long sale, on the last ones."""
    if not found:
        return None
    by_day = {one.at.astimezone(event.zone).date(): one.sold for one in found}
    first, last = min(by_day), max(by_day)
    count = min((last - first).days + 1, MOST_COLUMNS)
    shown = [last - timedelta(days=back) for back in reversed(range(count))]
    named = [(moments.day_text(midnight(event, day)), by_day.get(day, 0)) for day in shown]
    return charts.columns(f"Tickets sold on each day, from {named[0][0]} to {named[-1][0]}", named)


@dataclass(frozen=True, slots=True)
class ComparedText:
    """This event now and another when as much time was left before it."""

    title: str
    slug: str
    others: list[Event]
    left: str
    sold: str
    sold_then: str
    net: str
    net_then: str
    is_same_currency: bool


def compared(found: Comparison, event: Event, at_present: Standing, *, now: datetime) -> ComparedText:
    days_left = (event.starts_at - now) // timedelta(days=1)
    total, other = at_present.total, found.event
    return ComparedText(
        other.title, other.slug, found.others,
        f"{days_left} day{'' if days_left == 1 else 's'} before the event" if days_left >= 0 else "since its start",
        f"{total.sold:,}", f"{found.sold:,}", money.amount_text(total.net_minor, event.currency),
        money.amount_text(found.net_minor, other.currency), other.currency == event.currency,
    )  # fmt: skip


def major(amount_minor: int, currency: str) -> float:
    """As a number for a chart, which adds nothing up."""
    return float(money.input_text(amount_minor, currency))


def _when(at: datetime, event: Event) -> str:
    local = at.astimezone(event.zone)
    return f"{moments.day_text(local)}, {moments.clock_text(local)}"


def _time(at: datetime, event: Event) -> str:
    return f"{at.astimezone(event.zone):%H:%M:%S}"
