"""An event's first page: how its sale stands, live; and its sales over time."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.utils.timezone import now

from organise import overview_words as words
from organise.doors import EventDesk, event_door
from organise.policy import Act
from organise.queries import numbers, sales

LONGEST: Final = timedelta(days=3660)


@event_door(read=Act.READ_EVENTS)
def overview(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Tickets, money, quotas, the last orders, and sales by day."""
    at = now()
    days = _days(desk)
    compared = sales.against(desk.event, request.GET.get("against", ""), now=at)
    context = {
        **_live(desk),
        "days": words.days(days, desk.event),
        "picture": words.picture(days, desk.event),
        "compared": compared and words.compared(compared, desk.event, numbers.standing(desk.event), now=at),
    }
    return render(request, "organise/overview.html", context)


@event_door(read=Act.READ_EVENTS)
def live(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """The part of it that is asked for again every few seconds."""
    return render(request, "organise/_numbers.html", _live(desk))


@event_door(read=Act.READ_EVENTS)
def series(request: HttpRequest, desk: EventDesk) -> HttpResponse:
    """Sales over time for the chart: all of it, or from `from` to `to` (seconds since the epoch) in finer spans."""
    span = sales.span_of(desk.event)
    try:
        start, end = _asked(request, "from"), _asked(request, "to")
    except (ValueError, OverflowError, OSError):
        return HttpResponseBadRequest("from and to are seconds since 1970.")
    if span is None:
        return JsonResponse({"unit": "day", "at": [], "sold": [], "net": []})
    start, end = max(start or span[0], span[0]), min(end or span[1], span[1])
    if end <= start:
        start, end = span
    unit = sales.unit_for(end - start)
    found = sales.sales(desk.event, unit, start=start, end=end)
    filled = list(sales.without_gaps(found, desk.event, unit, start=start, end=end))
    shown: dict[str, Any] = {"unit": unit, "at": [int(one.at.timestamp()) for one in filled]}
    shown["sold"] = [one.sold - one.voided for one in filled]
    if desk.can["read_money"]:
        shown["net"] = [words.major(one.net_minor, desk.event.currency) for one in filled]
    return JsonResponse(shown)


def _asked(request: HttpRequest, name: str) -> datetime | None:
    given = request.GET.get(name)
    return datetime.fromtimestamp(float(given), tz=UTC) if given else None


def _live(desk: EventDesk) -> dict[str, Any]:
    standing = numbers.standing(desk.event)
    return {"desk": desk, "here": "", "shown": desk.event, "numbers": words.standing(standing, desk.event)}


def _days(desk: EventDesk) -> list[sales.Sales]:
    """Days on which something happened, of at most the last ten years."""
    span = sales.span_of(desk.event)
    if span is None:
        return []
    return sales.sales(desk.event, "day", start=max(span[0], span[1] - LONGEST), end=span[1])
