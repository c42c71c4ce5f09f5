"""An event's pages: made in one form, changed by two people, published when nothing is missing, put away, deleted."""

import io
import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pixels
from pytest_django.fixtures import Settings

from accounts.models import LogEntry, Role
from events.models import Event, State, TicketType
from organise import readiness
from surge.models import RehearsalRun
from tests.buyers import take_hold
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type
from tests.organise.places import member

pytestmark = pytest.mark.django_db
FAIR = {
    "title": "Summer Fair", "slug": "", "local_starts_at": "2030-07-01T10:00", "local_ends_at": "2030-07-01T18:00",
    "timezone": "Europe/London", "venue": "The Green", "currency": "GBP",
}  # fmt: skip


def base(event: Event) -> str:
    return f"/organise/{event.organiser.slug}/{event.slug}/"


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the page's inputs, texts and choices, as they stand there."""
    found = dict(re.findall(r'<input type="[\w-]+" name="(\w+)"(?: value="([^"]*)")?', page))
    found |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>\s?([^<]*)</textarea>', page))
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: unescape(value) for name, value in found.items() if name != "csrfmiddlewaretoken"}


def edit_form(client: Client, event: Event, **over: str) -> dict[str, str]:
    return {**form_of(client.get(f"{base(event)}edit/").content.decode()), **over}


def make_draft(**over: Any) -> Event:
    return make_event(state=State.DRAFT, **over)


def test_new_event_asks_seven_things_and_leads_to_its_checklist() -> None:
    event = make_event(organiser=make_organiser(), timezone="Europe/Paris", currency="EUR")
    client, path = member(event), f"/organise/{event.organiser.slug}/-/events/new/"

    asked = form_of(client.get(path).content.decode())
    answer = client.post(path, FAIR)

    assert set(asked) == set(FAIR)
    assert (asked["timezone"], asked["currency"]) == ("Europe/Paris", "EUR")  # as at the last one
    assert answer.headers["Location"] == f"/organise/{event.organiser.slug}/summer-fair/readiness/"
    assert Event.objects.get(slug="summer-fair").state == State.DRAFT


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"title": ""}, "Enter the title."),
        ({"slug": "Not An Address"}, "Use small letters"),
        ({"local_ends_at": "2030-06-30T10:00"}, "The end must not come before the start."),
        ({"local_starts_at": "2030-03-31T01:30"}, "the clocks go forward over it"),
        ({"local_ends_at": "2030-10-27T01:30"}, "There are two 01:30"),
        ({"local_starts_at": "0001-01-01T00:00"}, "Choose a year between"),
        ({"timezone": "Europe/Atlantis"}, "Select a valid choice"),
    ],
)
def test_new_event_that_cannot_be_is_refused_and_nothing_typed_is_lost(over: dict[str, str], said: str) -> None:
    event = make_event()
    client = member(event)

    answer = client.post(f"/organise/{event.organiser.slug}/-/events/new/", {**FAIR, **over})

    page = answer.content.decode()
    assert (answer.status_code, Event.objects.count()) == (422, 1)
    assert said in page
    assert "The Green" in page


def test_address_of_another_event_is_refused_at_its_field() -> None:
    event = make_event(slug="summer-fair")

    answer = member(event).post(f"/organise/{event.organiser.slug}/-/events/new/", FAIR)

    assert (answer.status_code, "Another of your events has this address." in answer.content.decode()) == (422, True)


def test_edit_saves_what_was_typed_and_the_public_page_follows() -> None:
    event = make_event(title="Fair")
    client = member(event)

    answer = client.post(f"{base(event)}edit/", edit_form(client, event, title="Big fair", description="**Bold**"))

    page = Client().get(event.get_absolute_url()).content.decode()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{base(event)}edit/")
    assert "Big fair</h1>" in page
    assert "<strong>Bold</strong>" in page


def test_second_of_two_managers_is_told_and_may_then_save_what_they_typed() -> None:
    event = make_event(title="Fair", venue="Here")
    one, other = member(event), member(event)
    first, second = edit_form(one, event, title="First"), edit_form(other, event, title="Second", venue="There")
    one.post(f"{base(event)}edit/", first)

    told = other.post(f"{base(event)}edit/", second)
    again = other.post(f"{base(event)}edit/", form_of(told.content.decode()))

    page = told.content.decode()
    assert (told.status_code, again.status_code) == (409, 302)
    assert "<strong>Title</strong>: First" in page
    assert ('value="Second"' in page, 'value="There"' in page, "<strong>Venue</strong>" in page) == (True, True, False)
    event.refresh_from_db()
    assert (event.title, event.venue) == ("Second", "There")


def test_address_can_change_while_it_is_a_draft_and_leads_on() -> None:
    event = make_draft(slug="old")
    client = member(event)

    answer = client.post(f"{base(event)}edit/", edit_form(client, event, slug="new"))

    assert answer.headers["Location"] == f"/organise/{event.organiser.slug}/new/edit/"
    assert "slug" not in edit_form(client, make_event(organiser=event.organiser))


def test_currency_is_not_asked_once_somebody_has_ordered() -> None:
    sold = make_ticket_type()
    client = member(sold.event)
    before = edit_form(client, sold.event)

    take_hold((sold, 1))

    assert ("currency" in before, "currency" in edit_form(client, sold.event)) == (True, False)


def test_time_that_happens_twice_stays_as_it_is_when_something_else_changes() -> None:
    event = make_draft(local_starts_at="2030-10-27T01:30", local_ends_at="2030-10-27T18:00")
    client = member(event)

    answer = client.post(f"{base(event)}edit/", edit_form(client, event, title="Another"))

    assert answer.status_code == 302


def test_preview_is_what_was_typed_cleaned_and_saves_nothing() -> None:
    event = make_event(title="Fair")
    client = member(event)
    typed = edit_form(client, event, title="Draft", description="# Hi <script>alert(1)</script>", local_ends_at="x")

    part = client.post(f"{base(event)}preview/", typed, headers={"HX-Request": "true"}).content.decode()
    page = client.post(f"{base(event)}preview/", typed).content.decode()

    assert ("<h2>Hi &lt;script&gt;" in part, "<html" in part, "<script>alert" in part) == (True, False, False)
    assert ("Enter a date and a time" in part, "<h2>Hi" in page, "</html>" in page) == (True, True, True)
    assert Event.objects.get(pk=event.pk).title == "Fair"


def test_checklist_says_what_is_missing_with_a_way_there_and_the_act_refuses(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    event = make_draft(description="")
    client = member(event)

    before = client.get(f"{base(event)}readiness/").content.decode()
    refused = client.post(f"{base(event)}state/", {"to": "live"})
    make_ticket_type(event=event, price_minor=0, quotas=[make_quota(event=event)])
    published = client.post(f"{base(event)}state/", {"to": "live"})

    assert f'href="{base(event)}tickets/"' in before
    assert "There is no ticket type yet." in before
    assert (refused.status_code, published.status_code) == (422, 302)
    assert Event.objects.get(pk=event.pk).state == State.LIVE
    assert Client().get(event.get_absolute_url()).status_code == 200


def test_paid_tickets_without_payments_block_and_the_line_says_so(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    event = make_draft()
    make_ticket_type(event=event)

    answer = member(event).post(f"{base(event)}state/", {"to": "live"})

    assert (answer.status_code, "no payments are connected" in answer.content.decode()) == (422, True)


def test_on_sale_ahead_asks_for_a_rehearsal_and_shows_the_last_one() -> None:
    event = make_event()
    row = make_ticket_type(event=event, sale_starts_at=event.starts_at.replace(year=2029))
    at = event.starts_at.replace(year=2028)

    lines = {line.title: line for line in readiness.lines(event, base="/", now=at)}
    RehearsalRun.objects.create(event=event, state="failed", started_at=at, ended_at=at, commit="abc")
    after = {line.title: line for line in readiness.lines(event, base="/", now=at)}
    TicketType.objects.filter(pk=row.pk).update(sale_starts_at=None)
    open_now = [line.title for line in readiness.lines(event, base="/", now=at)]

    assert (lines["Rehearsal"].look, "not been rehearsed" in lines["Rehearsal"].said) == ("warn", True)
    assert "Failed" in after["Rehearsal"].said
    assert "Rehearsal" not in open_now


@pytest.mark.parametrize(("to", "status"), [("closed", 302), ("draft", 302), ("live", 409), ("nonsense", 422)])
def test_live_event_is_closed_or_taken_down(to: str, status: int) -> None:
    event = make_event()

    answer = member(event).post(f"{base(event)}state/", {"to": to})

    assert answer.status_code == status
    assert Event.objects.get(pk=event.pk).state == (to if status == 302 else State.LIVE)


def test_event_put_away_is_on_a_list_of_its_own() -> None:
    event = make_draft(title="Old fair")
    client, listed = member(event), f"/organise/{event.organiser.slug}/"

    client.post(f"{base(event)}archive/", {"to": "archive"})
    away = ["Old fair" in client.get(f"{listed}{query}").content.decode() for query in ("", "?list=archive")]
    client.post(f"{base(event)}archive/", {"to": "lists"})

    assert (away, "Old fair" in client.get(listed).content.decode()) == ([False, True], True)


def test_copy_is_asked_for_its_own_title_address_and_time() -> None:
    event = make_event(slug="fair", title="Fair", timezone="Europe/London")
    client, path = member(event), f"{base(event)}copies/new/"

    asked = form_of(client.get(path).content.decode())
    refused = client.post(path, {"title": "Fair", "slug": "fair", "local_starts_at": "2031-06-01T10:00"})
    skipped = client.post(path, {"title": "Fair", "slug": "next", "local_starts_at": "2030-03-31T01:30"})
    made = client.post(path, {"title": "Fair", "slug": "next", "local_starts_at": "2031-06-01T10:00"})

    assert asked == {"title": "Fair", "slug": "fair-2", "local_starts_at": ""} | {"slug": asked["slug"]}
    assert (refused.status_code, skipped.status_code) == (422, 422)
    assert made.headers["Location"] == f"/organise/{event.organiser.slug}/next/readiness/"


def test_danger_asks_for_the_address_typed_and_deletes_only_then() -> None:
    event = make_draft(slug="fair")
    client = member(event)

    wrong = client.post(f"{base(event)}danger/", {"what": "delete", "typed": "fare"})
    right = client.post(f"{base(event)}danger/", {"what": "delete", "typed": " fair "})

    assert (wrong.status_code, right.headers["Location"]) == (422, f"/organise/{event.organiser.slug}/")
    assert not Event.objects.exists()
    assert LogEntry.objects.filter(kind="event-deleted").count() == 1


def test_danger_closes_a_live_event_and_never_deletes_it() -> None:
    event = make_event(slug="fair")
    client = member(event)

    kept = client.post(f"{base(event)}danger/", {"what": "delete", "typed": "fair"})
    closed = client.post(f"{base(event)}danger/", {"what": "close", "typed": "fair"})

    assert (kept.status_code, closed.status_code) == (409, 302)
    assert Event.objects.get().state == State.CLOSED


def test_picture_is_put_on_described_and_taken_off() -> None:
    event = make_event()
    client, path, into = member(event), f"{base(event)}picture/", io.BytesIO()
    Pixels.new("RGB", (800, 400), "green").save(into, "PNG")

    refused = client.post(path, {"file": SimpleUploadedFile("a.png", b"<svg/>"), "alt": "A lawn"})
    client.post(path, {"file": SimpleUploadedFile("a.exe", into.getvalue()), "alt": "A lawn"})
    client.post(path, {"alt": "The green lawn"})
    shown = Client().get(event.get_absolute_url()).content.decode()
    client.post(f"{path}removal/")

    assert (refused.status_code, "A lawn" in refused.content.decode()) == (422, True)
    assert 'alt="The green lawn"' in shown
    assert not hasattr(Event.objects.get(pk=event.pk), "picture")


def test_catalogue_is_taken_away_changed_seen_and_applied() -> None:
    event = make_event(title="Fair")
    kept = make_ticket_type(event=event, quotas=[make_quota(event=event)], name="Adult", price_minor=1000)
    gone = make_ticket_type(event=event, name="Child")
    client, path = member(event), f"{base(event)}catalogue/"
    file = json.loads(client.get(f"{path}export/").content)
    file["event"] |= {"title": "Big fair", "slug": "elsewhere", "state": "closed"}
    file["ticket_types"] = [{**file["ticket_types"][0], "price_minor": 1200}]
    upload = SimpleUploadedFile("fair.json", json.dumps(file).encode())

    seen = client.post(path, {"file": upload})
    untouched = Event.objects.get(pk=event.pk).title
    mark = re.search(r'name="was" value="(\w+)"', seen.content.decode())
    assert mark
    applied = client.post(path, {"text": json.dumps(file), "was": mark[1], "apply": "1"})

    page = seen.content.decode()
    assert (seen.status_code, untouched) == (200, "Fair")
    assert f"ticket type {kept.slug}: price_minor 1000 → 1200" in page
    assert f"<li>ticket type {gone.slug}</li>" in page
    event.refresh_from_db()
    assert (applied.status_code, event.title, event.slug, event.state) == (302, "Big fair", event.slug, State.LIVE)
    assert list(event.ticket_types.values_list("price_minor", flat=True)) == [1200]


def test_catalogue_that_would_do_something_else_by_now_is_shown_again_and_a_faulty_one_named() -> None:
    event = make_event()
    client, path = member(event), f"{base(event)}catalogue/"
    text = client.get(f"{path}export/").content.decode()
    seen = client.post(path, {"text": text.replace(event.title, "A")}).content.decode()
    mark = re.search(r'name="was" value="(\w+)"', seen)
    assert mark
    Event.objects.filter(pk=event.pk).update(venue="Elsewhere")

    stale = client.post(path, {"text": text.replace(event.title, "A"), "was": mark[1], "apply": "1"})
    faulty = client.post(path, {"text": text.replace('"currency": "GBP"', '"currency": "XXX1"')})

    assert (stale.status_code, "Elsewhere" in stale.content.decode()) == (409, True)
    assert (faulty.status_code, "event.currency" in faulty.content.decode()) == (422, True)
    assert Event.objects.get(pk=event.pk).title == event.title


def test_reader_sees_lists_without_a_single_button_of_change() -> None:
    event = make_event()
    make_ticket_type(event=event, quotas=[make_quota(event=event)])
    client = member(event, Role.READ_ONLY)

    pages = [client.get(f"{base(event)}{noun}").content.decode() for noun in ("tickets/", "readiness/", "catalogue/")]

    forms = [re.findall(r'<form[^>]* action="([^"]*)"', page) for page in pages]
    assert forms == [["/logout/"]] * 3
