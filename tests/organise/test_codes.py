"""Codes on the organiser's pages: made, changed, used, exported and imported."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import LogEntry
from events.models import Code, CodeUse, Event
from tests.buyers import take_hold
from tests.makers import make_code, make_event, make_ticket_type
from tests.organise.places import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return make_event(currency="EUR")


@pytest.fixture
def ada(event: Event) -> Client:
    return member(event)


def path(event: Event, what: str = "") -> str:
    return f"/organise/{event.organiser.slug}/{event.slug}/codes/{what}"


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def typed(**over: str) -> dict[str, str]:
    return {"text": "early", "percent": "20", "fewest_tickets": "1", **over}


def table_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


def upload(ada: Client, event: Event, content: str | bytes) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return ada.post(path(event, "import/"), {"file": SimpleUploadedFile("codes.csv", raw)})


def test_code_is_made_and_its_page_has_its_link(ada: Client, event: Event) -> None:
    answer = ada.post(path(event, "new/"), typed(capacity="5", ends_at="2030-05-31T18:00"), follow=True)

    code = Code.objects.get()
    page = text_of(answer)
    assert answer.redirect_chain == [(path(event, f"{code.pk}/"), 303)]
    assert f"{event.get_absolute_url()}code/EARLY/" in page
    assert "Until Fri 31 May 2030, 18:00 BST" in page
    assert "0 of 5" in page
    assert LogEntry.objects.get().said.startswith("Made the code EARLY: 20% off, 5 uses, all ticket types, valid until")


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"text": ""}, "This field is required."), ({"text": "a b!"}, "Use letters, digits, - and _"),
        ({"text": "x" * 41}, "Use at most 40 characters."),
        ({"text": "TAKEN"}, "There is a code with this text already."),
        ({"percent": "101"}, "less than or equal to 100"), ({"percent": ""}, "Let the code take something off"),
        ({"amount": "5"}, "a percentage or an amount, not both"), ({"percent": "", "amount": "x"}, "Enter an amount"),
        ({"starts_at": "2030-03-31T01:30"}, "interpreted in time zone"),
        ({"capacity": "-1"}, "greater than or equal to 0"),
        ({"starts_at": "2030-05-02T10:00", "ends_at": "2030-05-01T10:00"}, "must end after it starts"),
        ({"ticket_types": "999999"}, "999999 is not one of the available choices"),
    ],
)  # fmt: skip
def test_wrong_answers_are_told_and_nothing_typed_is_lost(ada: Client, event: Event, over: Any, said: str) -> None:
    make_code(event=event, text="TAKEN")

    response = ada.post(path(event, "new/"), typed(note="Keep me", **over))

    assert response.status_code == 422
    assert said in text_of(response)
    assert 'value="Keep me"' in text_of(response)
    assert Code.objects.count() == 1


def test_code_is_changed_but_not_below_what_is_used(ada: Client, event: Event) -> None:
    ticket_type = make_ticket_type(event=event)
    code = make_code(event=event, text="EARLY", capacity=5)
    take_hold((ticket_type, 3), code="EARLY")

    few = ada.post(path(event, f"{code.pk}/terms/"), typed(capacity="2"))
    fine = ada.post(path(event, f"{code.pk}/terms/"), typed(capacity="3", percent="", amount="2,50"))

    assert (few.status_code, fine.status_code) == (422, 303)
    assert "3 uses are taken already" in text_of(few)
    code.refresh_from_db()
    assert (code.percent, code.amount_minor, code.use.capacity, code.use.used) == (None, 250, 3, 3)


def test_form_shows_what_the_code_has(ada: Client, event: Event) -> None:
    ticket_type = make_ticket_type(event=event, name="Full")
    code = make_code(event=event, amount_minor=1250, only=[ticket_type], ends_at="2030-05-31T17:00Z")

    page = text_of(ada.get(path(event, f"{code.pk}/terms/")))

    assert 'name="amount" value="12.50"' in page
    assert 'value="2030-05-31T18:00"' in page
    assert "checked" in page


def test_list_counts_uses_holds_orders_and_money(ada: Client, event: Event) -> None:
    ticket_type = make_ticket_type(event=event, price_minor=1000)
    make_code(event=event, text="USED", percent=100, capacity=9)
    make_code(event=event, text="OTHER", note="Bands")
    order = take_hold((ticket_type, 2), code="USED")
    take_hold((ticket_type, 1), code="USED")
    Client().post(f"/orders/{order.token}/details/", {"full_name": "Ada", "email": "ada@example.com"})

    page, found = text_of(ada.get(path(event))), text_of(ada.get(path(event), {"q": "bands"}))

    assert '<td class="number">3 of 9</td> <td class="number">1</td> <td class="number">1</td>' in page
    assert '<td class="number">€20.00</td>' in page
    assert ("USED" in found, "OTHER" in found) == (False, True)
    usage = text_of(ada.get(path(event, f"{Code.objects.get(text='USED').pk}/")))
    assert order.reference in usage
    assert "Complete" in usage
    assert "Delete" not in usage


@pytest.mark.parametrize("is_used", [False, True])
def test_code_is_switched_off_and_deleted_if_unused(ada: Client, event: Event, is_used: bool) -> None:
    code = make_code(event=event, text="EARLY")
    if is_used:
        take_hold((make_ticket_type(event=event), 1), code="EARLY")

    ada.post(path(event, f"{code.pk}/switch/"), {"is_on": "no"})
    off = Code.objects.get().is_on
    answer = ada.post(path(event, f"{code.pk}/deletion/"), follow=True)

    assert off is False
    assert Code.objects.exists() == is_used
    assert ("An order has the code EARLY" in text_of(answer)) == is_used


def test_many_are_made_and_listed_page_by_page(ada: Client, event: Event) -> None:
    answer = ada.post(path(event, "batch/"), typed(begins="crew", count="120", capacity="1"), follow=True)

    assert Code.objects.filter(event=event, text__startswith="CREW-").count() == 120
    assert "120 codes are made" in text_of(answer)
    assert "Page 1 of 3" in text_of(answer)
    assert "?q=CREW&amp;page=2" in text_of(answer)
    too_many = ada.post(path(event, "batch/"), typed(begins="crew", count="10001"))
    assert too_many.status_code == 422


def test_export_can_be_imported_and_runs_no_formula(ada: Client, event: Event) -> None:
    ticket_type = make_ticket_type(event=event, slug="full")
    make_code(event=event, text="A", amount_minor=250, capacity=3, only=[ticket_type], note="=1+1", fewest_tickets=2)
    make_code(event=event, text="B", reveals_secret=True, is_on=False, starts_at="2030-05-01T10:00Z")
    before = list(Code.objects.order_by("text").values())
    answer = ada.get(path(event, "file/"))
    raw = b"".join(answer)
    CodeUse.objects.all().delete()
    Code.objects.all().delete()

    sent = upload(ada, event, raw)

    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["note"] for row in rows] == ["'=1+1", ""]
    assert rows[0]["link"].endswith(f"{event.get_absolute_url()}code/A/")
    assert sent.status_code == 303
    for old, new in zip(before, Code.objects.order_by("text").values(), strict=True):
        assert {**old, "id": 0, "created_at": 0} == {**new, "id": 0, "created_at": 0}
    assert list(CodeUse.objects.order_by("code__text").values_list("capacity", flat=True)) == [3, None]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty."), (b"\xff\xfe\x00", "Save the file as CSV in UTF-8."),
        ("a,b\n1,2", "has to be called code"),
        ('code,percent off\n"A,5', "cannot be read as CSV"),
        ("code;percent off\nA;5\nA;5", "Line 3: A stands in the file twice."),
        ("code,percent off\nA,5\nB,x", "Line 3: Enter a whole number."),
        ("code\nA", "Line 2: Let the code take something off"),
        ("code,percent off,ticket types\nA,5,no-such", "Line 2: Select a valid choice"),
    ],
)  # fmt: skip
def test_import_says_which_line_is_wrong_and_makes_nothing(ada: Client, event: Event, content: Any, said: str) -> None:
    response = upload(ada, event, content)

    assert response.status_code == 422
    assert said in text_of(response)
    assert not Code.objects.exists()


def test_import_without_a_file_says_so(ada: Client, event: Event) -> None:
    response = ada.post(path(event, "import/"), {})

    assert response.status_code == 422
    assert "Choose a file." in text_of(response)


def test_ten_thousand_codes_are_imported_and_exported(ada: Client, event: Event) -> None:
    lines = "\n".join(f"BAND-{number},100,1" for number in range(10_000))

    sent = upload(ada, event, f"code,percent off,uses\n{lines}")

    assert sent.status_code == 303
    assert len(table_of(ada.get(path(event, "file/")))) == 10_000


def test_code_of_another_event_is_not_found(ada: Client, event: Event) -> None:
    other = make_code(event=make_event())

    assert ada.get(path(event, f"{other.pk}/")).status_code == 404
