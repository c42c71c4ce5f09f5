"""Writing a catalogue: the round trip is equal, for a festival and for whatever Hypothesis thinks of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import catalogue
from events.models import Kind, Quota
from tests.events.catalogue_samples import festival, text
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db


def imported(file: dict[str, Any]) -> catalogue.Outcome:
    return catalogue.apply(catalogue.read(text(file)), organiser=make_organiser())


def test_write_keeps_every_fact_of_the_file() -> None:
    file = festival()

    written = catalogue.write(imported(file).event)

    assert {key: written["event"][key] for key in file["event"]} == file["event"]
    assert [{"name": pool["name"], "capacity": pool["capacity"]} for pool in written["pools"]] == file["pools"]
    for read, entry in zip(written["ticket_types"], file["ticket_types"], strict=True):
        assert read.items() >= {key: value for key, value in entry.items() if key != "price_minor_eur"}.items()


def test_write_then_read_into_another_organiser_is_equal() -> None:
    first = catalogue.write(imported(festival()).event)

    second = catalogue.write(imported(first).event)

    assert second == first


def test_write_then_apply_to_the_same_event_changes_nothing() -> None:
    event = make_event()
    quotas = [make_quota(event=event, name="Room", position=30 - n) for n in range(3)]
    make_ticket_type(quotas=quotas[1:], position=7, sale_starts_at=datetime(2030, 1, 1, tzinfo=UTC))
    make_ticket_type(quotas=quotas[:1], position=7, kind=Kind.PAY_WHAT_YOU_WANT)
    read = catalogue.read(catalogue.dump(catalogue.write(event)))

    outcome = catalogue.apply(read, organiser=event.organiser)

    assert outcome.changed_nothing


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2030, 6, 1, 9, tzinfo=UTC), "2030-06-01T10:00"),
        (datetime(2030, 1, 1, 9, 0, 7, tzinfo=UTC), "2030-01-01T09:00:07"),
        (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), "2024-10-27T01:30:00+01:00"),  # the first of two half past ones
        (datetime(2024, 10, 27, 1, 30, tzinfo=UTC), "2024-10-27T01:30"),
    ],
)
def test_write_gives_sale_times_as_the_wall_shows_them(instant: datetime, written: str) -> None:
    ticket_type = make_ticket_type(sale_starts_at=instant)

    assert catalogue.write(ticket_type.event)["ticket_types"][0]["sale_starts_at"] == written


def test_write_refuses_a_slug_that_is_another_pools_name() -> None:
    event = make_event()
    make_quota(event=event, name="Balcony", slug="stalls")
    make_quota(event=event, name="stalls", slug="ground-floor")

    with pytest.raises(catalogue.Faulty, match=r"pools\[0\].slug: is also the name of pools\[1\]"):
        catalogue.write(event)


@pytest.mark.parametrize("size", [1, 200])
def test_write_reads_any_number_of_ticket_types_in_three_queries(size: int) -> None:
    event = make_event()
    quota = make_quota(event=event)
    for _ in range(size):
        make_ticket_type(quotas=[quota])

    with CaptureQueriesContext(connection) as queries:
        catalogue.write(event)

    assert len(queries) == 3


names = st.sampled_from(["campervan", "Campervan", "campervan-2", "vip", "日本", "Whole site", "a_b"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
).filter(str.strip)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1))
zones = st.sampled_from(["Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])


@st.composite
def catalogues(draw: st.DrawFn) -> dict[str, Any]:
    """Any file: pools that share names or look like each other's slugs, windows across changes of the clocks."""
    pools = draw(st.lists(names, max_size=8))
    types = [draw(ticket_types(f"t{number}", pools)) for number in range(draw(st.integers(0, 5)))]
    starts_at = draw(moments)
    ends_at = starts_at + draw(st.timedeltas(timedelta(), timedelta(days=99)))
    event = {
        "slug": "any", "title": draw(names), "timezone": draw(zones), "currency": draw(st.sampled_from(["GBP", "JPY"])),
        "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(),
    }  # fmt: skip
    capacities = st.integers(0, 10_000_000)
    return {"event": event, "pools": [{"name": n, "capacity": draw(capacities)} for n in pools], "ticket_types": types}


@st.composite
def ticket_types(draw: st.DrawFn, slug: str, pools: list[str]) -> dict[str, Any]:
    """One ticket type that mentions some of the pools by name."""
    least = draw(st.integers(1, 500))
    price: dict[str, Any] = {"price_minor": draw(st.integers(0, 10**12))}
    if draw(st.booleans()):
        minimum = draw(st.integers(0, 10**12))
        price = {"kind": "pwyw", "minimum_minor": minimum, "suggested_minor": draw(st.integers(minimum, 10**12))}
    mentioned = draw(st.lists(st.sampled_from(range(len(pools))), unique=True)) if pools else []
    return {
        "slug": slug, "name": draw(names), "description": draw(names), "group": draw(names | st.just("")), **price,
        "min_per_order": least, "max_per_order": draw(st.integers(least, 500)), "secret": draw(st.booleans()),
        "sale_starts_at": draw(st.none() | moments.map(datetime.isoformat)), "pools": [pools[n] for n in mentioned],
    }  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=catalogues())
def test_any_file_survives_the_round_trip(file: dict[str, Any]) -> None:
    read = catalogue.read(text(file))

    first = catalogue.write(catalogue.apply(read, organiser=make_organiser()).event)
    again = catalogue.apply(catalogue.read(catalogue.dump(first)), organiser=make_organiser())

    assert catalogue.write(again.event) == first
    assert catalogue.read(catalogue.dump(first)).pools == read.pools
    assert [entry.pools for entry in catalogue.read(catalogue.dump(first)).ticket_types] == [
        entry.pools for entry in read.ticket_types
    ]
    assert Quota.objects.filter(event=again.event).count() == len(file["pools"])
