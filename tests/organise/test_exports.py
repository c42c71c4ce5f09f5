"""Exports: every cell safe, every sum the overview's to the cent, made in the background and gone after a day."""

import csv
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.models import LogEntry, Membership, Role
from checkout.actions import exports, orders
from checkout.exports import csv_file, tables
from checkout.exports.tables import Wanted
from checkout.models import Every, Export, ExportPart, ExportSchedule, Order, RefundState, Sold, State
from events.models import Event
from organise.queries import numbers
from organise.views import exports as views
from tests.buyers import ADA, NOON, take_hold
from tests.checkout.recount import count_all, kept
from tests.checkout.test_numbers import pay, send_back
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type, make_user
from tests.organise.places import browser_of, member

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=2)
FORMULAS = ["=1+1", "+44 20 7946", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "＝1+1"]  # noqa: RUF001  -- a spreadsheet reads it as "="


@pytest.fixture(autouse=True)
def _fresh_numbers() -> Iterator[None]:
    numbers.forget()
    yield
    numbers.forget()


def make_sale(**over: Any) -> Event:
    """Two paid orders, one sent back in part; one voided and sent back; a free one; a hold; and stray money."""
    event = make_event(**over)
    quota = make_quota(event=event)
    adult = make_ticket_type(event=event, quotas=[quota], price_minor=1001, name="=HYPERLINK(1)")
    free = make_ticket_type(event=event, quotas=[quota], price_minor=0)
    pay(take_hold((adult, 2)))
    send_back(pay(take_hold((adult, 1), (free, 1))), 333, at=LATER)
    voided = take_hold((adult, 1))
    payment = pay(voided)
    orders.void(order=voided, by="ada", now=LATER, back_on_sale=True)
    send_back(payment, 501, at=LATER)
    send_back(payment, 100, at=LATER, state=RefundState.PENDING)
    orders.complete_free(order=take_hold((free, 3)), details=ADA, now=LATER)
    take_hold((adult, 1))
    lapsed = take_hold((adult, 1))
    orders.close(order=lapsed, to=State.EXPIRED, by="system", now=NOON)
    lapsed.refresh_from_db()
    send_back(pay(lapsed), 1001, at=LATER)
    count_all()
    return event


def csv_of(client: Client, event: Event, **asked: str) -> list[dict[str, str]]:
    answer: Any = client.get(f"/organise/{event.organiser.slug}/{event.slug}/exports/table.csv", asked)
    assert answer.status_code == 200
    text = b"".join(answer).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def total(rows: list[dict[str, str]], column: str) -> int:
    """In minor units, of a currency with two decimals."""
    return sum(int(Decimal(row[column]) * 100) for row in rows)


def test_sums_of_the_tables_are_the_overviews_to_the_cent() -> None:
    event = make_sale()
    client = member(event)

    orders_table = csv_of(client, event, kind="orders")
    attendees = csv_of(client, event, kind="attendees")
    moved = csv_of(client, event, kind="money")

    shown = numbers.standing(event)
    whole = kept(event)
    assert (shown.total.gross_minor, shown.total.refunded_minor, shown.total.sold) == (4004, 834, 7)
    assert total(orders_table, "Gross") == total(attendees, "Price") == shown.total.gross_minor
    assert total(orders_table, "Refunded") == shown.total.refunded_minor
    assert total(orders_table, "Net") == shown.total.net_minor
    assert total(orders_table, "Refunds on their way") == whole["refunding_minor"]
    assert sum(int(row["Tickets"]) for row in orders_table) == shown.total.sold
    assert sum(not row["Cancelled"] for row in attendees) == shown.total.sold
    done = [row for row in moved if row["State"] != "Pending"]
    assert total(done, "Amount") == shown.total.net_minor + whole["stray_minor"] - whole["stray_back_minor"]


def test_csv_has_no_cell_that_a_spreadsheet_reckons_with() -> None:
    event = make_sale()
    Order.objects.filter(event=event, completed_at__isnull=False).update(full_name="=1+1", email="+a@example.com")

    rows = csv_of(member(event), event, kind="attendees")

    assert {row["Buyer"] for row in rows} == {"'=1+1"}
    assert {row["Buyer's e-mail"] for row in rows} == {"'+a@example.com"}
    assert "'=HYPERLINK(1)" in {row["Ticket type"] for row in rows}


@pytest.mark.parametrize("words", FORMULAS)
def test_formula_gets_an_apostrophe(words: str) -> None:
    assert csv_file.harmless(words) == f"'{words}"


@given(st.text())
def test_no_text_begins_a_formula(words: str) -> None:
    assert not csv_file.harmless(words).startswith(csv_file.STARTS)


def test_amount_below_zero_stays_a_number() -> None:
    event = make_event()

    assert csv_file.text(tables.Amount(-1250), event.zone, "EUR") == "-12.50"
    assert csv_file.text(tables.Amount(-1250), event.zone, "JPY") == "-1250"


def test_moments_are_on_the_clock_at_the_venue() -> None:
    event = make_sale(timezone="Asia/Kolkata")

    first = csv_of(member(event), event, kind="orders")[0]

    assert first["Bought"] == "2030-05-01 17:30"


def test_filters_choose_by_state_and_by_day_at_the_venue() -> None:
    event = make_sale(timezone="Pacific/Auckland")  # there it is the second of May already
    client = member(event)

    def states(**asked: str) -> list[str]:
        return sorted(row["State"] for row in csv_of(client, event, kind="orders", **asked))

    assert states() == ["Cancelled", "Complete", "Complete", "Complete"]
    assert states(state="cancelled") == ["Cancelled"]
    assert states(state="complete", to_date="2030-05-02") == ["Complete", "Complete"]
    assert states(from_date="2030-05-03") == ["Complete"]
    assert states(state="every") == ["Cancelled", "Complete", "Complete", "Complete", "Expired", "Held"]
    assert states(from_date="2031-01-01") == []


def test_table_is_read_in_batches_without_missing_or_doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BATCH", 3)
    event = make_event()
    free = make_ticket_type(event=event, price_minor=0)
    for _ in range(10):  # all in the same second
        orders.complete_free(order=take_hold((free, 1)), details=ADA, now=NOON)
    references = sorted(Order.objects.values_list("reference", flat=True))

    for state in (Sold.SOLD, Sold.EVERY):
        found = [row[0] for row in tables.rows(event, Wanted("orders", state))]
        assert sorted(str(cell) for cell in found) == references


def test_days_the_wrong_way_round_are_explained_and_kept() -> None:
    event = make_event()

    answer = member(event).post(
        f"/organise/{event.organiser.slug}/{event.slug}/exports/",
        {"kind": "orders", "from_date": "2030-05-02", "to_date": "2030-05-01"},
    )

    assert answer.status_code == 422
    assert "The last day must not come before the first." in answer.content.decode()
    assert 'value="2030-05-02"' in answer.content.decode()


def test_spreadsheet_is_made_by_the_worker_with_numbers_as_numbers() -> None:
    event = make_sale(timezone="Asia/Kolkata")
    Order.objects.filter(event=event, completed_at__isnull=False).update(full_name="=1+1")
    client = member(event)
    page = f"/organise/{event.organiser.slug}/{event.slug}/exports/"
    form = {"kind": "orders", "state": "sold", "key": str(uuid.uuid4())}
    answers = [client.post(page, form) for _ in range(2)]
    waiting = client.get(page).content.decode()

    made = [exports.make(now=LATER), exports.make(now=LATER)]

    export = Export.objects.get()
    answer: Any = client.get(f"{page}{export.pk}/")
    sheet = load_workbook(BytesIO(b"".join(answer)), data_only=False).worksheets[0]
    head, first, *rest = list(sheet.values)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert ("It is being made" in waiting, made) == (True, [1, 0])
    assert (export.rows, len(rest)) == (4, 3)
    assert (head[0], first[2], first[5]) == ("Order", datetime(2030, 5, 1, 17, 30), "=1+1")
    assert [cell.data_type for cell in sheet[2]][5] == "s"
    assert sum(float(str(row[9])) for row in (first, *rest)) == pytest.approx(40.04)
    assert sheet["J2"].number_format == "#,##0.00"
    assert "4 rows" in client.get(page).content.decode()


def test_one_member_waits_for_few_at_once() -> None:
    event = make_event()
    client, page = member(event), f"/organise/{event.organiser.slug}/{event.slug}/exports/"

    statuses = [client.post(page, {"kind": "orders"}).status_code for _ in range(4)]

    assert statuses == [302, 302, 302, 422]


def test_spreadsheet_that_cannot_be_made_is_said_so_after_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    exports.ask(event=event, user=make_user(), wanted=Wanted("orders"), key=uuid.uuid4(), now=NOON)
    monkeypatch.setitem(tables.COLUMNS, "orders", [None])

    for hour in range(4):
        exports.make(now=NOON + timedelta(hours=hour))

    export = Export.objects.get()
    assert (export.attempts, export.failed_at) == (3, NOON + timedelta(hours=2))


def test_export_is_gone_after_a_day() -> None:
    event = make_sale()
    exports.ask(event=event, user=make_user(), wanted=Wanted("orders"), key=uuid.uuid4(), now=LATER)
    exports.make(now=LATER)

    before = exports.forget(now=LATER + timedelta(hours=23)), ExportPart.objects.count()
    after = exports.forget(now=LATER + timedelta(hours=24)), ExportPart.objects.count()

    assert (before, after) == ((0, 1), (1, 0))


def test_schedule_makes_one_and_writes_a_mail_without_data() -> None:
    event = make_sale(title="Autumn Conference")
    user = make_user()
    membership = Membership.objects.create(organiser=event.organiser, user=user, role=Role.MANAGER)
    client, page = browser_of(user), f"/organise/{event.organiser.slug}/{event.slug}/exports/"
    for _ in range(2):
        client.post(f"{page}schedules/", {"kind": "orders", "every": "day"})
    due = ExportSchedule.objects.get().next_at

    for at in (due - timedelta(seconds=1), due, due):
        exports.start_due(now=at)
    exports.make(now=due)
    told = [exports.tell(now=due), exports.tell(now=due)]

    (letter,) = outbox.outbox
    assert Export.objects.count() == 1
    assert told == [1, 0]
    assert (letter.to, letter.subject) == ([user.email], "Autumn Conference: orders")
    assert page in str(letter.body)
    assert (ADA.email in str(letter.body), ADA.full_name in str(letter.body)) == (False, False)
    assert ExportSchedule.objects.get().next_at == due + timedelta(days=1)
    membership.delete()
    assert ExportSchedule.objects.count() == 0


def test_schedule_is_stopped_by_its_member_only() -> None:
    event = make_event()
    user = make_user()
    Membership.objects.create(organiser=event.organiser, user=user, role=Role.MANAGER)
    page = f"/organise/{event.organiser.slug}/{event.slug}/exports/schedules/"
    browser_of(user).post(page, {"kind": "money", "every": "week"})
    schedule = ExportSchedule.objects.get()

    member(event).post(f"{page}{schedule.pk}/")
    others = ExportSchedule.objects.count()
    statuses = [browser_of(user).post(f"{page}{schedule.pk}/").status_code for _ in range(2)]

    assert (others, statuses, ExportSchedule.objects.count()) == (1, [302, 302], 0)


@pytest.mark.parametrize(
    ("every", "now", "expected"),
    [
        (Every.DAY, datetime(2030, 3, 30, 8, tzinfo=UTC), datetime(2030, 3, 31, 6, tzinfo=UTC)),  # the clocks go on
        (Every.DAY, datetime(2030, 1, 1, 6, tzinfo=UTC), datetime(2030, 1, 1, 7, tzinfo=UTC)),
        (Every.WEEK, datetime(2030, 1, 1, 6, tzinfo=UTC), datetime(2030, 1, 7, 7, tzinfo=UTC)),
    ],
)
def test_schedule_is_at_seven_at_the_venue(every: str, now: datetime, expected: datetime) -> None:
    assert exports.next_time(make_event(), every, now=now) == expected


def test_second_stream_of_a_process_is_asked_to_wait() -> None:
    event = make_sale()
    client, page = member(event), f"/organise/{event.organiser.slug}/{event.slug}/exports/table.csv"
    first: Any = client.get(page)
    rest = iter(first)
    next(rest)

    second = client.get(page)
    list(rest)
    third: Any = client.get(page)
    list(third)

    assert (first.status_code, second.status_code, third.status_code) == (200, 503, 200)
    assert "Another file is just being made." in second.content.decode()
    assert views._being_read == set()


def test_download_that_is_broken_off_gives_its_place_back() -> None:
    pieces: Any = views._alone([b"a", b"b"])
    next(pieces)
    during = len(views._being_read)

    pieces.close()

    assert (during, len(views._being_read)) == (1, 0)


def test_taking_a_copy_is_in_the_log() -> None:
    event = make_sale()
    csv_of(member(event), event, kind="attendees", from_date="2030-05-01")

    entry = LogEntry.objects.get(kind="export-taken")

    assert entry.said == "Took attendees as CSV (bought, cancelled later or not, from 2030-05-01)."
    assert entry.event_id == event.pk


def test_statements_of_a_table_do_not_grow_with_its_rows() -> None:
    counts = []
    for size in (2, 12):
        event = make_event(organiser=make_organiser())
        free = make_ticket_type(event=event, price_minor=0)
        for _ in range(size):
            orders.complete_free(order=take_hold((free, 2)), details=ADA, now=NOON)
        for kind in ("orders", "attendees", "money"):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                list(tables.rows(event, Wanted(kind)))
            counts.append(len(asked))

    assert counts[:3] == counts[3:]
    assert max(counts) <= 5
