"""The public pages: what they cost, what they carry, what they say, and what they never do."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_redis.cache import RedisCache

from checkout.actions import availability
from events import facts, pages
from events.models import Draw, Event, Kind, State, TicketType
from flags.models import Flag, Grant
from tests.buyers import take_hold
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return Client(HTTP_ACCEPT_ENCODING="identity")


def forget_all() -> None:
    """As a process that has just started, before an empty Redis."""
    facts.forget()
    pages.forget()
    cache.clear()


def drop_facts_from_redis() -> None:
    cast("RedisCache", cache).delete_pattern("facts:*")


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def make_big_event(types: int) -> Event:
    event = make_event()
    quota = make_quota(event=event, capacity=10_000)
    made = TicketType.objects.bulk_create(
        TicketType(event=event, slug=f"type-{n}", name=f"Ticket {n}", price_minor=1000, description="With lunch.")
        for n in range(types)
    )
    Draw.objects.bulk_create(Draw(ticket_type=ticket_type, quota=quota) for ticket_type in made)
    return event


@pytest.mark.parametrize("types", [1, 10, 300, 1000])
@pytest.mark.parametrize("flags_on", [False, True])
def test_event_page_costs_three_queries_cold_and_none_warm(client: Client, types: int, flags_on: bool) -> None:
    event = make_big_event(types)
    for number in range(10 if flags_on else 0):
        flag = Flag(name=f"flag-{number}")
        flag.save()
        Grant.objects.create(flag=flag, event=event, reason="trial")
    forget_all()

    cold, warm = queries_of(client, event.get_absolute_url()), queries_of(client, event.get_absolute_url())

    assert (cold, warm) == (3, 0)


def test_event_page_asks_redis_and_not_postgres_in_a_fresh_process(client: Client) -> None:
    event = make_big_event(10)
    client.get(event.get_absolute_url())
    facts.forget()
    pages.forget()

    assert queries_of(client, event.get_absolute_url()) == 0


@pytest.mark.parametrize(
    "path", ["/", "/{organiser}/", "/{organiser}/{event}/", "/{organiser}/{event}/tickets/", "/clock/"]
)
def test_public_page_is_the_same_for_everyone(client: Client, path: str) -> None:
    event = make_big_event(1)
    client.cookies["sessionid"] = "somebody"

    response = client.get(path.format(organiser=event.organiser.slug, event=event.slug))

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert "csrf" not in response.content.decode().lower()


def test_event_page_answers_not_modified_to_its_own_etag(client: Client) -> None:
    url = make_big_event(1).get_absolute_url()
    first = client.get(url)

    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert not first.headers["ETag"].startswith("W/")


def test_event_page_is_sent_gzipped_with_an_etag_of_its_own(client: Client) -> None:
    url = make_big_event(1).get_absolute_url()

    plain, squeezed = client.get(url), client.get(url, headers={"Accept-Encoding": "br, gzip"})

    assert gzip.decompress(squeezed.content) == plain.content
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    assert squeezed.headers["Vary"] == "Accept-Encoding"


def test_first_view_of_a_thousand_types_stays_under_a_hundred_kilobytes(client: Client) -> None:
    event = make_big_event(1000)

    response = client.get(event.get_absolute_url(), headers={"Accept-Encoding": "gzip"})

    assert len(response.content) < 100_000


@pytest.mark.parametrize("squeezed", [False, True])
def test_listing_grows_by_the_same_few_bytes_with_each_type(client: Client, squeezed: bool) -> None:
    sizes = {}
    for types in (300, 650, 1000):
        url = f"{make_big_event(types).get_absolute_url()}tickets/"
        body = client.get(url).content
        sizes[types] = len(gzip.compress(body, compresslevel=6) if squeezed else body)

    first, second = (sizes[650] - sizes[300]) / 350, (sizes[1000] - sizes[650]) / 350

    assert second == pytest.approx(first, rel=0.1)
    assert second < (16 if squeezed else 500)


def test_draft_event_is_not_found(client: Client) -> None:
    event = make_event(state=State.DRAFT)

    assert client.get(event.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_event_page_takes_no_writes(client: Client, method: str) -> None:
    assert getattr(client, method)(make_event().get_absolute_url()).status_code == 405


CHANGES: dict[str, Any] = {
    "an event's title": lambda t: Event.objects.filter(pk=t.event_id).update(title="Another title"),
    "a type's name": lambda t: TicketType.objects.filter(pk=t.pk).update(name="Another name"),
    "a type's price": lambda t: TicketType.objects.filter(pk=t.pk).update(price_minor=4321),
    "a new type": lambda t: make_ticket_type(event=t.event),
    "a type gone": lambda t: t.delete(),
    "a type's sale": lambda t: TicketType.objects.filter(pk=t.pk).update(sale_ends_at=datetime(2020, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_event_page_shows_a_change_once_the_facts_lapse(client: Client, change: Any) -> None:
    ticket_type = make_ticket_type()
    url = ticket_type.event.get_absolute_url()
    before = client.get(url).content
    change(ticket_type)

    facts.forget()  # what time does within two seconds
    pages.forget()
    drop_facts_from_redis()

    assert client.get(url).content != before


def test_listing_survives_in_redis_when_nothing_has_changed(client: Client) -> None:
    event = make_big_event(3)
    client.get(event.get_absolute_url())
    facts.forget()
    pages.forget()
    drop_facts_from_redis()

    assert queries_of(client, event.get_absolute_url()) == 2  # the facts alone


@pytest.mark.parametrize(
    ("window", "status"),
    [
        ({}, "On sale"),
        ({"sale_starts_at": timedelta(hours=1)}, "Opens "),
        ({"sale_ends_at": -timedelta(hours=1)}, "Sales have closed"),
    ],
)
def test_event_page_says_where_the_sale_stands(client: Client, window: dict[str, Any], status: str) -> None:
    now = datetime.now(UTC)
    sale: dict[str, Any] = {name: now + away for name, away in window.items()}
    ticket_type = make_ticket_type(**sale)

    body = client.get(ticket_type.event.get_absolute_url()).content.decode()

    assert status in body


@pytest.mark.parametrize(
    ("capacity", "taken", "text"),
    [(100, 0, "On sale"), (100, 95, "Few tickets left"), (100, 100, "Sold out"), (0, 0, "Sold out")],
)
def test_event_page_says_in_words_what_is_left(client: Client, capacity: int, taken: int, text: str) -> None:
    quota = make_quota(capacity=capacity, taken=taken)
    ticket_type = make_ticket_type(quotas=[quota])
    availability.refresh()

    body = client.get(ticket_type.event.get_absolute_url()).content.decode()

    assert text in body


def test_event_page_says_that_held_tickets_may_come_back(client: Client) -> None:
    quota = make_quota(capacity=2)
    ticket_type = make_ticket_type(quotas=[quota])
    take_hold((ticket_type, 2))
    availability.refresh()

    body = client.get(ticket_type.event.get_absolute_url()).content.decode()

    assert "may come back" in body
    assert "Sold out" not in body


def test_secret_type_is_listed_only_behind_its_link(client: Client) -> None:
    secret = make_ticket_type(name="Crew breakfast", secret=True)
    url = secret.event.get_absolute_url()

    public, linked = client.get(url), client.get(f"{url}secret/{secret.secret_key}/")
    wrong = client.get(f"{url}secret/nobody-knows/")

    assert "Crew breakfast" not in public.content.decode()
    assert "Crew breakfast" in linked.content.decode()
    assert f'value="{secret.secret_key}"' in linked.content.decode()
    assert wrong.status_code == 404


def schema_of(body: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', body, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_event_page_tells_search_engines_what_it_tells_people(client: Client) -> None:
    event = make_event(title="Ada </script><b>& friends", timezone="Europe/Berlin", currency="EUR")
    make_ticket_type(event=event, price_minor=1250)
    make_ticket_type(event=event, kind=Kind.FREE, price_minor=0)

    schema = schema_of(client.get(event.get_absolute_url()).content.decode())

    assert schema["name"] == event.title
    assert schema["startDate"] == "2030-06-01T10:00:00+02:00"
    assert (schema["offers"]["lowPrice"], schema["offers"]["highPrice"]) == ("0.00", "12.50")
    assert schema["offers"]["priceCurrency"] == "EUR"
    assert schema["offers"]["availability"] == "https://schema.org/InStock"


def test_event_page_names_its_canonical_address_and_open_graph(client: Client) -> None:
    event = make_event()

    body = client.get(event.get_absolute_url() + "?utm_source=mail").content.decode()

    assert f'<link rel="canonical" href="http://127.0.0.1:8000{event.get_absolute_url()}">' in body
    assert f'<meta property="og:title" content="{event.title}">' in body


def test_description_is_markdown_and_cannot_run_scripts(client: Client) -> None:
    event = make_event(description="Some *words* <script>alert(1)</script> [x](javascript:alert(1))")

    body = client.get(event.get_absolute_url()).content.decode()

    assert "<em>words</em>" in body
    assert "<script>alert" not in body
    assert 'href="javascript' not in body


def test_organiser_page_lists_live_and_past_events_and_no_drafts(client: Client) -> None:
    organiser = make_organiser()
    make_event(organiser=organiser, title="Coming up")
    make_event(
        organiser=organiser, title="Long ago",
        local_starts_at=datetime(2020, 1, 1, 10), local_ends_at=datetime(2020, 1, 1, 12),
    )  # fmt: skip
    make_event(organiser=organiser, title="Not yet shown", state=State.DRAFT)

    body = client.get(organiser.get_absolute_url()).content.decode()

    assert "Coming up" in body
    assert "Long ago" in body
    assert "Not yet shown" not in body


def test_accent_stylesheet_is_readable_whatever_the_organiser_chose(client: Client) -> None:
    response = client.get("/theme/ffff00.css")

    assert response.headers["Content-Type"].startswith("text/css")
    assert "#ffff00" not in response.content.decode().split("--accent-text")[0]
