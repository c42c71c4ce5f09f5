"""The organiser's page over an event's flags: what is on and until when, what was switched off and why, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.models import Membership, Role, User
from events.models import Event
from flags.models import Stage
from flags.models.grants import Switch
from kit.moments import moment_text
from tests.flags.makers import make_flag, make_grant
from tests.makers import make_event, make_organiser, make_ticket_type, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def event(owner: User) -> Event:
    return make_event(organiser=make_organiser(owner=owner), title="Autumn Conference")


def read(event: Event, owner: User, path: str = "") -> str:
    """The page's main part, as its reader gets it."""
    client = Client()
    client.force_login(owner)
    response = client.get(path or f"/organise/{event.organiser.slug}/{event.slug}/flags/")
    assert response.status_code == 200
    return " ".join(response.content.decode().partition("<main")[2].split())


def in_zone(event: Event, at: datetime) -> str:
    return moment_text(at.astimezone(event.zone))


def test_what_is_on_trial_is_named_by_its_purpose_with_its_end(event: Event, owner: User) -> None:
    ends = datetime(2031, 7, 1, 12, tzinfo=UTC)
    make_grant(make_flag("seat-maps", purpose="Seats chosen on a map."), event, expires_at=ends, reason="INTERNAL")

    text = read(event, owner)

    assert "<strong>Seats chosen on a map.</strong>" in text
    assert "On until Tue 1 Jul 2031, 13:00 BST." in text
    assert "INTERNAL" not in text


def test_end_at_the_end_of_all_time_is_said_too(owner: User) -> None:
    event = make_event(organiser=make_organiser(owner=owner), timezone="Asia/Tokyo")
    make_grant(make_flag(), event, expires_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC))

    assert "On until Fri 31 Dec 9999" in read(event, owner)


def test_end_is_the_flags_own_where_that_comes_first(event: Event, owner: User) -> None:
    soon = now() + timedelta(days=2)
    make_grant(make_flag(expires_at=soon), event, expires_at=soon + timedelta(days=9))

    assert f"On until {in_zone(event, soon)}." in read(event, owner)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (Switch.GUARD, "It asked more of our servers than it may"),
        (Switch.REVIEW, "Before your sale we switched off what was not used"),
    ],
)
def test_what_the_site_switched_off_is_said_with_why(event: Event, owner: User, by: str, words: str) -> None:
    flag = make_flag(purpose="Seats chosen on a map.")
    make_grant(flag, event, is_on=False, switched_off_by=by, reason="12 ms a request, budget 5 ms")
    make_grant(flag, event.organiser)

    text = read(event, owner)

    switched_off = text.partition("Switched off</h2>")[2].partition("</section>")[0]
    assert words in switched_off
    assert "It stays off until one of us turns it on again." in switched_off
    assert "12 ms a request, budget 5 ms" in switched_off


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"is_killed": True}, "Off for all events at the moment."),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "This trial is over for all events."),
        ({"stage": Stage.DRAFT}, "Not ready for events yet."),
    ],
)
def test_what_was_granted_and_is_off_all_the_same_says_why(
    event: Event, owner: User, state: dict[str, Any], words: str
) -> None:
    make_grant(make_flag(purpose="Seats chosen on a map.", **state), event)

    text = read(event, owner).partition("Off for your event</h2>")[2]

    assert "Seats chosen on a map." in text
    assert words in text


def test_what_was_granted_off_is_said_with_its_end_and_reason(event: Event, owner: User) -> None:
    ends = now() + timedelta(days=3)
    make_grant(make_flag(stage=Stage.GENERAL), event.organiser, is_on=False, expires_at=ends, reason="You asked us to")

    text = read(event, owner)

    assert f"Off for you until {in_zone(event, ends)}." in text
    assert "You asked us to" in text


def test_drafts_and_what_others_try_are_nobodys_concern(event: Event, owner: User) -> None:
    make_flag(purpose="Not shown", stage=Stage.DRAFT)
    make_grant(make_flag(purpose="Not shown"), make_event())
    make_flag(purpose="Everyone has it", stage=Stage.GENERAL)

    text = read(event, owner)

    assert "Not shown" not in text
    assert "Nothing but what everyone has." in text
    assert "What everyone has (1)" in text
    assert "Everyone has it" in text


def test_page_says_what_the_next_on_sale_will_check(event: Event, owner: User) -> None:
    opens = now() + timedelta(days=10)
    make_ticket_type(event=event, sale_starts_at=opens)
    make_ticket_type(event=event, sale_starts_at=opens + timedelta(days=1))
    make_ticket_type(event=event, sale_starts_at=now() - timedelta(days=1))
    make_grant(make_flag(), event)

    text = read(event, owner)

    assert f"Your next on-sale is on {in_zone(event, opens)}." in text
    assert f"On {in_zone(event, opens - timedelta(hours=48))}, 48 hours ahead, we look at the feature above." in text
    assert "is switched off by itself" in text


def test_page_says_that_the_look_was_taken_or_that_none_is_due(event: Event, owner: User) -> None:
    nothing = read(event, owner)
    make_ticket_type(event=event, sale_starts_at=now() + timedelta(hours=3))

    assert "No on-sale is ahead." in nothing
    assert "features that not everyone has yet are on only if they were used" in read(event, owner)


def test_text_of_others_cannot_become_part_of_the_page(event: Event, owner: User) -> None:
    make_grant(make_flag(purpose="<script>alert(1)</script>"), event)

    assert "<script>" not in read(event, owner)


def test_pages_make_the_same_queries_over_50_rows_as_over_5(event: Event, owner: User) -> None:
    made = []
    for size in (5, 50):
        while owner.organisers.count() < size:
            another = make_event()
            Membership.objects.create(organiser=another.organiser, user=owner, role=Role.MANAGER)
            make_event(organiser=event.organiser)
            make_grant(make_flag(), event)
            make_grant(make_flag(), event.organiser)
        paths = ["/organise/", f"/organise/{event.organiser.slug}/", ""]
        counted = []
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                read(event, owner, path)
            counted.append(len(asked))
        made.append(counted)

    assert made[0] == made[1]


def test_long_list_of_events_has_pages(event: Event, owner: User) -> None:
    for number in range(50):
        make_event(organiser=event.organiser, title=f"Number {number}.")

    first, second = (read(event, owner, f"/organise/{event.organiser.slug}/?page={number}") for number in (1, 2))

    assert "Page 1 of 2" in first
    assert "Autumn Conference" in second
