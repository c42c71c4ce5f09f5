"""The organiser's pages over rehearsals: what was played, whether it held and still holds, and each report."""

from typing import Any, Final

import pytest
from django.test import Client

from accounts.models import User
from events.models import Event
from surge.actions import rehearsals
from surge.models import RehearsalRun
from tests.makers import make_organiser, make_user
from tests.surge.makers import NOON, begin, make_books, make_outcome, make_sale, make_site

pytestmark = pytest.mark.django_db

CROWD: Final = {"curve": "spike", "buyers": 480, "factor": 2.0, "seconds": 12.0}


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def event(owner: User) -> Event:
    return make_sale(organiser=make_organiser(owner=owner), title="Autumn Conference")


def finished(event: Event, outcome: Any = None, site: Any = None) -> RehearsalRun:
    run = begin(event, settings=CROWD)
    rehearsals.finish(run=run, outcome=outcome or make_outcome(), site=site or make_site(), now=NOON)
    return run


def read(event: Event, owner: User, more: str = "rehearsals/") -> str:
    """The page's main part, as its reader gets it."""
    client = Client()
    client.force_login(owner)
    response = client.get(f"/organise/{event.organiser.slug}/{event.slug}/{more}")
    assert response.status_code == 200
    return " ".join(response.content.decode().partition("<main")[2].split())


def test_event_without_rehearsals_says_so(event: Event, owner: User) -> None:
    text = read(event, owner)

    assert "Your sale has not been rehearsed." in text
    assert "See the report" not in text


def test_rehearsals_are_listed_in_words_the_last_first(event: Event, owner: User) -> None:
    first, failed = finished(event), finished(event, site=make_site(books=make_books(oversold=1)))
    begin(event)

    text = read(event, owner)

    assert "Played on Wed 1 May 2030, 13:00 BST, 960 buyers within 12 seconds." in text
    in_order = ["It is being played.", "Failed: something must be mended", "Passed: your sale can open like this."]
    assert sorted(in_order, key=text.index) == in_order
    assert "Out of date" not in text
    for run in (first, failed):
        assert f'href="/organise/{event.organiser.slug}/{event.slug}/rehearsals/{run.pk}/"' in text


def test_rehearsal_of_what_is_sold_no_more_is_out_of_date(event: Event, owner: User) -> None:
    finished(event)
    event.ticket_types.filter(slug="seat").update(price_minor=4200)

    text = read(event, owner)

    assert "Out of date: what is sold has changed. It no longer says how your sale would go." in text


def test_report_is_read_in_an_organisers_words(event: Event, owner: User) -> None:
    site = make_site(books=make_books(ledger_faults=["Order SECRET of somebody else"]))
    run = finished(event, site=site)

    text = read(event, owner, f"rehearsals/{run.pk}/")

    assert "Failed: do not go on sale like this." in text
    assert "We mend what is named below and rehearse again." in text
    assert "The ledger disagrees; staff can see where." in text
    assert "The sale over time" in text
    assert "SECRET" not in text
    assert run.commit not in text


def test_pages_of_an_event_lead_to_each_other(event: Event, owner: User) -> None:
    path = f"/organise/{event.organiser.slug}/{event.slug}"

    flags, listing = read(event, owner, "flags/"), read(event, owner)

    assert f'<a href="{path}/rehearsals/">Rehearsals</a>' in flags
    assert f'<a href="{path}/flags/">Features</a>' in listing
    assert f'<a href="{path}/rehearsals/" aria-current="page">Rehearsals</a>' in listing


def test_many_rehearsals_are_read_in_as_many_queries_as_one_and_a_page_at_a_time(
    event: Event, owner: User, django_assert_num_queries: Any
) -> None:
    finished(event)
    client = Client()
    client.force_login(owner)
    path = f"/organise/{event.organiser.slug}/{event.slug}/rehearsals/"

    with django_assert_num_queries(12):
        client.get(path)
    for _ in range(20):
        finished(event)
    with django_assert_num_queries(12):
        text = client.get(path).content.decode()

    assert text.count("See the report") == 20
    assert '<a href="?page=2" rel="next">Older</a>' in text
    assert client.get(f"{path}?page=2").content.decode().count("See the report") == 1
