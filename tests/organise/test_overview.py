"""The overview: what it says of a sale, what it asks of the database, and how it compares with the last time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkout.actions import orders
from events.models import Event
from organise.queries import numbers, sales
from tests.buyers import ADA, NOON, take_hold
from tests.checkout.recount import count_all
from tests.checkout.test_numbers import pay, send_back
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type
from tests.organise.places import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_numbers() -> Iterator[None]:
    numbers.forget()
    yield
    numbers.forget()


def sell(event: Event, quantity: int, *, at: datetime = NOON) -> None:
    ticket_type = event.ticket_types.first() or make_ticket_type(event=event, price_minor=0)
    orders.complete_free(order=take_hold((ticket_type, quantity), now=at), details=ADA, now=at)


def page_of(event: Event, what: str = "") -> str:
    return f"/organise/{event.organiser.slug}/{event.slug}/{what}"


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_overview_says_how_the_sale_stands() -> None:
    event = make_event()
    quota = make_quota(event=event, name="Main hall", capacity=10)
    adult = make_ticket_type(event=event, quotas=[quota], name="Adult", price_minor=1250)
    make_ticket_type(event=event, name="Online", price_minor=500)
    send_back(pay(take_hold((adult, 3))), 1000, at=NOON)
    take_hold((adult, 2))
    count_all()

    answer: Any = member(event).get(page_of(event))

    shown = answer.context["numbers"]
    adult_text, online_text = shown.lines
    assert (adult_text.sold, adult_text.held, adult_text.left) == ("3", "2", "5")
    assert (adult_text.gross, adult_text.refunded, adult_text.net) == ("£37.50", "£10.00", "£27.50")
    assert (online_text.sold, online_text.left) == ("0", "no limit")
    assert (shown.quotas[0].sold, shown.quotas[0].held, shown.quotas[0].left) == ("3", "2", "5")
    assert (shown.orders, shown.conversion) == ("1", "100%")
    assert [(order.full_name, order.tickets, order.total) for order in shown.last] == [("Ada Lovelace", 3, "£37.50")]
    assert "2 holds taken: 1 became orders, 0 lapsed, 1 open." in answer.content.decode()


def test_overview_of_an_event_that_has_nothing() -> None:
    text = member(event := make_event()).get(page_of(event)).content.decode()

    assert "There are no ticket types yet." in text
    assert "Nothing has been sold yet." in text


def test_money_that_waits_or_strayed_is_said_beside_the_sums() -> None:
    event = make_event()
    payment = pay(take_hold((make_ticket_type(event=event), 1)))
    send_back(payment, 250, at=NOON, state="pending")
    order = payment.order
    pay(order)
    count_all()

    text = member(event).get(page_of(event)).content.decode()

    assert "Refunds of £2.50 are on their way or were refused" in text
    assert "£10.00 came for no ticket (too late, or twice), of which £0.00 went back." in text


def test_live_numbers_are_read_once_a_second_however_many_look() -> None:
    event = make_event()
    sell(event, 2)
    count_all()
    client, path = member(event), page_of(event, "numbers/")

    first, again = statements(client, path), statements(client, path)

    assert first - again == 4  # the numbers; the rest is the session and the door
    assert again == 4


def test_statements_do_not_grow_with_what_was_sold() -> None:
    counts = []
    for size in (1, 25):
        event = make_event(organiser=make_organiser())
        for _ in range(size):
            make_ticket_type(event=event, quotas=[make_quota(event=event)], price_minor=0)
            sell(event, 2)
        count_all()
        counts.append(statements(member(event), page_of(event)))

    assert counts[0] == counts[1] <= 12


def test_days_are_those_at_the_venue() -> None:
    event = make_event(timezone="America/New_York")
    sell(event, 1, at=datetime.fromisoformat("2030-05-02T03:59:00+00:00"))
    sell(event, 2, at=datetime.fromisoformat("2030-05-02T04:00:00+00:00"))
    count_all()

    answer: Any = member(event).get(page_of(event))

    assert [(day.day, day.sold) for day in answer.context["days"]] == [
        ("Thu 2 May 2030", "2"),
        ("Wed 1 May 2030", "1"),
    ]


def test_chart_has_finer_spans_of_a_shorter_time() -> None:
    event = make_event()
    for day in (0, 30, 200):
        sell(event, 1, at=NOON + timedelta(days=day))
    count_all()
    client, path = member(event), page_of(event, "sales/")
    start = int(NOON.timestamp())

    whole = client.get(path).json()
    month = client.get(path, {"from": start, "to": start + 40 * 86400}).json()
    hour = client.get(path, {"from": start, "to": start + 3600}).json()

    assert [found["unit"] for found in (whole, month, hour)] == ["day", "hour", "minute"]
    assert [sum(found["sold"]) for found in (whole, month, hour)] == [3, 2, 1]
    assert (len(whole["at"]), len(hour["at"])) == (201, 60)


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"])
def test_spans_without_gaps_lose_nothing_where_the_clocks_change(zone: str) -> None:
    event = make_event(timezone=zone)
    start = datetime.fromisoformat("2029-01-01T00:00:00+00:00")
    for week in range(52):
        sell(event, 1, at=start + timedelta(days=7 * week, hours=week, minutes=7 * week))
    count_all()
    span = sales.span_of(event)
    assert span

    for unit, days in (("day", 400), ("hour", 80)):
        end = min(span[1], span[0] + timedelta(days=days))
        found = sales.sales(event, unit, start=span[0], end=end)  # type: ignore[arg-type]  # both are units
        filled = sales.without_gaps(found, event, unit, start=span[0], end=end)  # type: ignore[arg-type]  # the same
        assert sum(one.sold for one in filled) == sum(one.sold for one in found) > 10


@pytest.mark.parametrize("asked", [{"from": "x"}, {"from": "1e99"}, {"to": "nan"}])
def test_nonsense_about_the_time_is_refused(asked: dict[str, str]) -> None:
    event = make_event()

    assert member(event).get(page_of(event, "sales/"), asked).status_code == 400


def test_compared_with_the_last_event_when_as_much_time_was_left() -> None:
    organiser = make_organiser()
    event = make_event(organiser=organiser)
    last, before = make_earlier(organiser, 365), make_earlier(organiser, 730)
    make_earlier(organiser, 100)  # sold nothing
    for one in (last, before):
        ten_days_before = one.starts_at - timedelta(days=10)
        sell(one, 2, at=ten_days_before - timedelta(hours=1))
        sell(one, 5, at=ten_days_before + timedelta(hours=1))
    count_all()

    found = sales.against(event, "", now=event.starts_at - timedelta(days=10))
    chosen = sales.against(event, before.slug, now=event.starts_at)
    nonsense = sales.against(event, "nonsense", now=event.starts_at)

    assert found
    assert chosen
    assert nonsense
    assert (found.event, found.sold, [other.pk for other in found.others]) == (last, 2, [last.pk, before.pk])
    assert (chosen.event, chosen.sold, nonsense.event) == (before, 7, last)
    assert sales.against(make_event(), "", now=NOON) is None


def make_earlier(organiser: Any, days: int) -> Event:
    starts = datetime(2030, 6, 1, 10) - timedelta(days=days)
    return make_event(organiser=organiser, local_starts_at=starts, local_ends_at=starts + timedelta(hours=8))
