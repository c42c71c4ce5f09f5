"""The pages of ticket types and quotas: forms, times that come twice, two managers, a sale that goes on meanwhile."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from events.models import Event, Quota, Stock, TicketType
from tests.buyers import make_complete_order, take_hold
from tests.makers import make_event, make_quota, make_ticket_type
from tests.organise.places import member
from tests.organise.test_event_pages import base, form_of

pytestmark = pytest.mark.django_db
ADULT = {
    "name": "Adult", "kind": "paid", "price": "12,50", "minimum": "", "suggested": "", "description": "",
    "group_heading": "", "sale_starts_at": "", "sale_ends_at": "", "min_per_order": "1", "max_per_order": "4",
}  # fmt: skip


def add(event: Event, **over: Any) -> Any:
    return member(event).post(f"{base(event)}tickets/-/new/", {**ADULT, **over})


def type_form(client: Client, row: TicketType, **over: Any) -> dict[str, Any]:
    page = client.get(f"{base(row.event)}tickets/{row.slug}/").content.decode()
    boxes = re.findall(r'name="quotas" value="(\d+)"[^>]* checked', page)
    found = {name: value for name, value in form_of(page).items() if name not in {"secret", "quotas"}}
    return {**found, "quotas": boxes, **over}


def test_added_type_has_its_price_and_a_quota_of_its_own() -> None:
    event = make_event()

    answer = add(event, own_capacity="80")

    row = event.ticket_types.get()
    quota = event.quotas.get()
    assert answer.headers["Location"] == f"{base(event)}tickets/"
    assert (row.slug, row.price_minor, row.max_per_order) == ("adult", 1250, 4)
    assert (quota.name, quota.stock.capacity, list(row.quotas.all())) == ("Adult", 80, [quota])


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"name": ""}, "Enter the name."),
        ({"price": "a lot"}, "Enter an amount in GBP, such as 15.00."),
        ({"price": "0"}, "A paid ticket costs something."),
        ({"kind": "pwyw", "minimum": "5", "suggested": "2"}, "The suggestion must not be less than the least."),
        ({"min_per_order": "5"}, "The most must not be less than the fewest."),
        (
            {"sale_starts_at": "2030-05-02T10:00", "sale_ends_at": "2030-05-01T10:00"},
            "The sale must end after it opens.",
        ),
        ({"sale_starts_at": "2030-03-31T01:30"}, "There is no 01:30 on Sun 31 Mar 2030 in Europe/London"),
        ({"sale_starts_at": "2030-10-27T01:30"}, "Choose the first (BST) or the second (GMT)."),
        ({"quotas": ["999999"]}, "Select a valid choice"),
    ],
)
def test_type_that_cannot_be_is_refused_in_words(over: dict[str, Any], said: str) -> None:
    event = make_event()
    make_quota(event=event)

    answer = add(event, **over)

    assert (answer.status_code, event.ticket_types.count()) == (422, 0)
    assert said in answer.content.decode()


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_time_that_comes_twice_is_the_one_that_was_chosen_and_is_shown_as_that(which: str, hour: int) -> None:
    event = make_event()

    add(event, sale_starts_at="2030-10-27T01:30", sale_starts_at_which=which)

    row = event.ticket_types.get()
    assert row.sale_starts_at == datetime(2030, 10, 27, hour, 30, tzinfo=UTC)
    assert type_form(member(event), row)["sale_starts_at_which"] == which


@pytest.mark.parametrize(("kind", "price"), [("free", (0, None, None)), ("pwyw", (0, 200, 500))])
def test_amounts_that_a_kind_does_not_have_are_left_aside(kind: str, price: tuple[int, Any, Any]) -> None:
    event = make_event()

    add(event, kind=kind, price="99", minimum="2", suggested="5")

    row = event.ticket_types.get()
    assert (row.price_minor, row.minimum_minor, row.suggested_minor) == price


def test_times_are_checked_in_all_words_before_anything_is_saved() -> None:
    event = make_event(timezone="Europe/Berlin")

    answer = add(event, sale_starts_at="2030-01-01T10:00", check="1")

    page = answer.content.decode()
    assert (answer.status_code, event.ticket_types.count()) == (200, 0)
    assert "Tue 1 Jan 2030, 10:00 CET; 1 January 2030, 09:00 UTC; in " in page
    assert 'value="2030-01-01T10:00"' in page


def test_list_says_opening_in_local_time_utc_and_how_far_off() -> None:
    event = make_event()
    make_ticket_type(event=event, name="Adult", sale_starts_at=datetime(2030, 5, 1, 9, tzinfo=UTC))

    page = member(event).get(f"{base(event)}tickets/").content.decode()

    assert re.search(r"Opens Wed 1 May 2030, 10:00 BST; 1 May 2030, 09:00 UTC; in \d+ days", page)


def test_second_manager_of_a_type_is_told_and_loses_nothing_typed() -> None:
    event = make_event()
    row = make_ticket_type(event=event, price_minor=1000, quotas=[make_quota(event=event)])
    one, other, path = member(event), member(event), f"{base(event)}tickets/{row.slug}/"
    first, second = type_form(one, row, price="11.00"), type_form(other, row, price="12.00", name="Grown-up")
    one.post(path, first)

    told = other.post(path, second)

    page = told.content.decode()
    row.refresh_from_db()
    assert (told.status_code, row.price_minor) == (409, 1100)
    assert "<strong>Price</strong>: £11.00" in page
    assert ('value="12.00"' in page, 'value="Grown-up"' in page) == (True, True)


def test_second_manager_of_a_quota_is_told_and_may_then_save() -> None:
    quota = make_quota(capacity=50, slug="room")
    one, other, path = member(quota.event), member(quota.event), f"{base(quota.event)}quotas/room/"
    forms = [form_of(client.get(path).content.decode()) for client in (one, other)]
    one.post(path, {**forms[0], "capacity": "60"})

    told = other.post(path, {**forms[1], "capacity": "70"})
    other.post(path, form_of(told.content.decode()))

    assert (told.status_code, "<strong>Capacity</strong>: 60" in told.content.decode()) == (409, True)
    assert Stock.objects.get(pk=quota.pk).capacity == 70


def test_capacity_below_what_is_taken_says_how_many_are_sold_and_held_and_the_least() -> None:
    event = make_event()
    sold = make_complete_order(event, quantity=3).tickets.get(number=1)
    quota = Quota.objects.get(pk=sold.quota_ids[0])
    take_hold((sold.ticket_type, 2))
    client, path = member(event), f"{base(event)}quotas/{quota.slug}/"

    answer = client.post(path, {**form_of(client.get(path).content.decode()), "capacity": "4"})
    tree = client.get(f"{base(event)}tickets/").content.decode()

    assert answer.status_code == 422
    assert "3 are sold and 2 are held by buyers, so 5 is the least it can be now." in answer.content.decode()
    assert "<strong>3</strong> sold, <strong>2</strong> held, <strong>95</strong> left" in tree


def test_pause_is_seen_on_the_public_page_and_resume_too() -> None:
    row = make_ticket_type(name="Adult", quotas=[make_quota()])
    client, path = member(row.event), f"{base(row.event)}tickets/{row.slug}/sale/"
    public = row.event.get_absolute_url()

    client.post(path, {"to": "paused"})
    paused = Client().get(public).content.decode()
    choice = Client().post(f"{public}orders/", {f"quantity-{row.slug}": "1"}).content.decode()

    assert '<div class="row-status row-plenty">Paused by the organiser</div>' in paused
    assert f'name="quantity-{row.slug}"' not in paused
    assert "The organiser has paused the sale of Adult." in choice
    assert client.post(path, {"to": "nonsense"}).status_code == 422


def test_types_are_moved_by_buttons_and_deleted_or_put_away() -> None:
    event = make_event()
    one, other = make_ticket_type(event=event, position=0), make_ticket_type(event=event, position=1)
    take_hold((one, 1))
    client, path = member(event), f"{base(event)}tickets/"

    client.post(f"{path}{other.slug}/place/", {"to": "up"})
    moved = list(event.ticket_types.order_by("position").values_list("pk", flat=True))
    kept = client.post(f"{path}{one.slug}/removal/")
    client.post(f"{path}{one.slug}/sale/", {"to": "away"})
    client.post(f"{path}{other.slug}/removal/")

    assert (moved, kept.status_code) == ([other.pk, one.pk], 409)
    assert [(row.pk, row.is_hidden) for row in event.ticket_types.all()] == [(one.pk, True)]


def test_secret_link_is_shown_and_renewed() -> None:
    row = make_ticket_type(secret=True)
    client, path = member(row.event), f"{base(row.event)}tickets/{row.slug}/"

    before = row.secret_key in client.get(path).content.decode()
    client.post(f"{path}secret-link/")
    after = row.secret_key in client.get(path).content.decode()

    assert (before, after) == (True, False)


def test_type_and_quota_of_another_event_are_not_found() -> None:
    event, other = make_event(), make_event()
    make_ticket_type(event=other, slug="theirs", quotas=[make_quota(event=other, slug="theirs")])
    client = member(event)

    paths = [f"{base(event)}tickets/theirs/", f"{base(event)}quotas/theirs/"]

    assert [client.get(path).status_code for path in paths] == [404, 404]


def test_lists_ask_as_often_for_forty_types_as_for_one(django_assert_max_num_queries: Any) -> None:
    event = make_event()
    for _ in range(40):
        make_ticket_type(event=event, quotas=[make_quota(event=event)])
    client = member(event)

    with django_assert_max_num_queries(16):
        client.get(f"{base(event)}tickets/")
