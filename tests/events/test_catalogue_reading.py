"""Reading a catalogue: what it means, and how each fault is named."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from events import catalogue
from events.catalogue.format import MOST_CHARACTERS
from tests.events.catalogue_samples import festival, text, ticket_type


def faults_of(file: str) -> list[str]:
    with pytest.raises(catalogue.Faulty) as refusal:
        catalogue.read(file)
    return list(refusal.value.faults)


def with_event(**over: Any) -> dict[str, Any]:
    return festival(event={**festival()["event"], **over})


def with_types(*types: dict[str, Any], pools: list[dict[str, Any]] | None = None, **event: Any) -> str:
    return text({**with_event(**event), "pools": pools or [], "ticket_types": list(types)})


def type_of(entry: dict[str, Any], **event: Any) -> catalogue.TicketTypeEntry:
    return catalogue.read(with_types(entry, **event)).ticket_types[0]


def test_read_gives_pools_of_one_name_slugs_of_their_own() -> None:
    read = catalogue.read(text(festival()))

    assert [pool.slug for pool in read.pools] == ["whole-site", "campervan", "campervan-2", "day", "chair"]
    assert [pool.capacity for pool in read.pools] == [900, 40, 30, 0, 250]


def test_read_takes_the_nth_mention_for_the_nth_pool_of_that_name() -> None:
    drawn = {entry.slug: entry.pools for entry in catalogue.read(text(festival())).ticket_types}

    assert drawn["van"] == ("whole-site", "campervan", "campervan-2")
    assert drawn["van-crew"] == ("campervan",)
    assert drawn["van-late"] == ("campervan-2",)
    assert drawn["donation"] == ()


def test_read_makes_no_slug_that_is_another_pools_name() -> None:
    pools = [{"name": name, "capacity": 1} for name in ("VIP", "vip", "Röda rummet", "日本", "a_b", "vip")]

    read = catalogue.read(with_types(pools=pools))

    assert [pool.slug for pool in read.pools] == ["vip-2", "vip", "roda-rummet", "pool", "a-b", "vip-3"]


def test_read_makes_slugs_that_stay_clear_of_given_ones() -> None:
    pools = [{"name": "Day", "capacity": 1}, {"name": "x", "slug": "day", "capacity": 1}]

    read = catalogue.read(with_types(pools=pools))

    assert [pool.slug for pool in read.pools] == ["day-2", "day"]


@pytest.mark.parametrize(("currency", "price_minor"), [("GBP", 1000), ("EUR", 1170), ("SEK", 1000)])
def test_read_prices_in_the_events_currency(currency: str, price_minor: int) -> None:
    read = type_of(ticket_type("badge", price_minor=1000, price_minor_eur=1170), currency=currency)

    assert (read.kind, read.price_minor) == ("paid", price_minor)


def test_read_needs_no_general_price_beside_that_of_the_currency() -> None:
    assert type_of(ticket_type("badge", price_minor_eur=1170), currency="EUR").price_minor == 1170


def test_read_tells_free_from_paid_by_the_price() -> None:
    kinds = [entry.kind for entry in catalogue.read(text(festival())).ticket_types]

    assert kinds == ["paid", "free", "paid", "free", "paid", "paid", "paid", "pwyw"]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2031-01-10T10:00", datetime(2031, 1, 10, 10, tzinfo=UTC)),
        ("2031-06-10T10:00", datetime(2031, 6, 10, 9, tzinfo=UTC)),
        ("2031-06-10T10:00+05:30", datetime(2031, 6, 10, 4, 30, tzinfo=UTC)),
        ("2031-06-10T10:00:30Z", datetime(2031, 6, 10, 10, 0, 30, tzinfo=UTC)),
        ("2024-03-31T01:30", datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),  # the clocks skip it
        ("2024-10-27T01:30", datetime(2024, 10, 27, 1, 30, tzinfo=UTC)),  # the clocks show it twice
    ],
)
def test_read_takes_sale_times_as_the_wall_shows_them_or_with_an_offset(written: str, instant: datetime) -> None:
    read = type_of(ticket_type("badge", price_minor=1, sale_starts_at=written))

    assert read.sale_starts_at == instant


def test_read_names_every_fault_at_once_by_its_path() -> None:
    broken = with_event(slug="Not a slug", timezone="Mars/Olympus", starts_at="tomorrow", hold_minutes=0, colour="red")
    broken["pools"][1]["capacity"] = -1
    broken["ticket_types"][3] |= {"price_minor": 1.5, "secret": "yes", "pools": ["campervan", "marquee"]}
    broken["ticket_types"][4]["slug"] = "adult"

    found = faults_of(text(broken))

    assert [fault.split(": ")[0] for fault in found] == [
        "event.slug",
        "event.timezone",
        "event.starts_at",
        "event.hold_minutes",
        "event.colour",
        "pools[1].capacity",
        "ticket_types[3].price_minor",
        "ticket_types[3].secret",
        "ticket_types[3].pools[1]",
        "ticket_types[4].slug",
    ]
    assert "ticket_types[3].price_minor: must be a whole number, 0 or more" in found


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"price_minor": -1}, "price_minor: must be a whole number, 0 or more"),
        ({"price_minor": True}, "price_minor: must be a whole number, 0 or more"),
        ({"price_minor": "10"}, "price_minor: must be a whole number, 0 or more"),
        ({"price_minor": 10**15}, "price_minor: must be at most 1000000000000"),
        ({}, "price_minor: is missing"),
        ({"kind": "paid", "price_minor": 0}, "price_minor: must be more than 0 for a paid ticket"),
        ({"kind": "free", "price_minor": 5}, "price_minor: must be 0 for a free ticket"),
        ({"kind": "gift", "price_minor": 5}, "kind: must be one of free, paid, pwyw"),
        ({"price_minor": 5, "minimum_minor": 1}, "minimum_minor: is only for the kind pwyw"),
        ({"kind": "pwyw", "price_minor": 5}, "price_minor: must be 0 or left out where buyers pay what they want; "
         "give minimum_minor"),
        ({"kind": "pwyw", "minimum_minor": 5, "suggested_minor": 4}, "suggested_minor: must be at least minimum_minor"),
        ({"price_minor": 5, "price_minor_eur": "6"}, "price_minor_eur: must be a whole number, 0 or more"),
        ({"price_minor": 5, "min_per_order": 11}, "max_per_order: must be at least min_per_order, which is 11"),
        ({"price_minor": 5, "max_per_order": 501}, "max_per_order: must be at most 500"),
        ({"price_minor": 5, "max_per_order": 0}, "max_per_order: must be a whole number, 1 or more"),
        ({"price_minor": 5, "sale_starts_at": "2031-01-01"}, "sale_starts_at: must be a time such as 2027-05-30T10:00 "
         "or 2027-05-30T10:00+01:00"),
        ({"price_minor": 5, "sale_starts_at": "9999-12-31T23:00-12:00"}, "sale_starts_at: must be between the years "
         "1970 and 2200"),
        ({"price_minor": 5, "sale_starts_at": "2031-01-01T10:00", "sale_ends_at": "2031-01-01T10:00"},
         "sale_ends_at: must come after sale_starts_at"),
        ({"price_minor": 5, "name": " "}, "name: must not be empty"),
        ({"price_minor": 5, "name": "a\nb"}, "name: must not have control characters or line breaks"),
        ({"price_minor": 5, "name": "a" * 201}, "name: must have at most 200 characters, and has 201"),
        ({"price_minor": 5, "description": "\x00"}, "description: must not have control characters"),
        ({"price_minor": 5, "description": "\ud83d"}, "description: has half of a character (a lone surrogate)"),
        ({"price_minor": 5, "pools": "badge"}, "pools: must be a list, in square brackets"),
        ({"price_minor": 5, "pools": [3]}, "pools[0]: must be the name or slug of a pool, in quotes"),
        ({"price_minor": 5, "pools": ["b", "b"]}, 'pools[1]: "b" is mentioned 2 times; pools of that name: 1'),
        ({"price_minor": 5, "pools": ["a", "a-2", "a"]}, 'pools[2]: draws on "a-2" twice'),
    ],
)  # fmt: skip
def test_read_refuses_a_ticket_type_by_the_path_of_its_fault(entry: dict[str, Any], fault: str) -> None:
    pools = [{"name": name, "capacity": 1} for name in ("a", "a", "b")]

    found = faults_of(with_types({"slug": "x", "name": "X", **entry}, pools=pools))

    assert found == [f"ticket_types[0].{fault}"]


@pytest.mark.parametrize("slug", ["b", "a"])
def test_read_refuses_a_slug_that_is_another_pools_name(slug: str) -> None:
    pools = [{"name": "a", "capacity": 1}, {"name": "b", "capacity": 1}, {"name": "a", "slug": slug, "capacity": 1}]

    found = faults_of(with_types(pools=pools))

    assert found == [f"pools[2].slug: is also the name of pools[{'ab'.index(slug)}]: a mention is unclear"]


def test_read_refuses_a_slug_given_to_two_pools() -> None:
    pools = [{"name": "a", "slug": "x", "capacity": 1}, {"name": "b", "slug": "x", "capacity": 1}]

    assert faults_of(with_types(pools=pools)) == ['pools[1].slug: "x" is already the slug of pools[0]']


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ({"ends_at": "2031-07-04T11:59"}, "event.ends_at: must not come before starts_at"),
        ({"currency": "gbp"}, "event.currency: Not a currency we know: use a code such as EUR."),
        ({"accent": "#ABCDEF"}, "event.accent: must be a colour such as #4338ca, in small letters"),
        ({"state": "open"}, "event.state: must be one of draft, live, closed"),
        ({"title": None}, "event.title: is missing"),
        ({"starts_at": "2031-07-04T12:00Z"}, "event.starts_at: must be a time such as 2027-05-30T10:00"),
        ({"": 1}, 'event[""]: is not a key of this object; those are slug, title, description, venue, timezone, '
         "currency, starts_at, ends_at, state, hold_minutes, accent"),
    ],
)  # fmt: skip
def test_read_refuses_an_event_by_the_path_of_its_fault(event: dict[str, Any], fault: str) -> None:
    assert faults_of(text(with_event(**event))) == [fault]


@pytest.mark.parametrize(
    ("file", "faults"),
    [
        ('{"a": 1,\n "b": }', ["line 2, column 7: not JSON: Expecting value"]),
        ("", ["line 1, column 1: not JSON: Expecting value"]),
        ("7", ["the file must be an object, in curly brackets"]),
        ("{}", ["event: is missing", "pools: is missing", "ticket_types: is missing"]),
        ('{"pools": [], "ticket_types": [], "event": []}', ["event: must be an object, in curly brackets"]),
        ("[" * 200_000, ["the file has lists or objects too deep inside each other"]),
        (" " * (MOST_CHARACTERS + 1), [f"the file is larger than {MOST_CHARACTERS} characters"]),
    ],
)
def test_read_refuses_what_is_no_catalogue_at_all(file: str, faults: list[str]) -> None:
    assert faults_of(file) == faults


@pytest.mark.parametrize(
    ("over", "fault"),
    [
        ({"format": "tito-catalogue/2"}, 'format: must be "tito-catalogue/1", the only format that this version of '
         "Tito reads"),
        ({"organiser": "admin"}, "organiser: This address belongs to the site. Choose another."),
        ({"organiser": "Not a slug"}, "organiser: Use small letters, digits and single hyphens."),
        ({"pools": {}}, "pools: must be a list, in square brackets"),
        ({"ticket_types": [None]}, "ticket_types[0]: must be an object, in curly brackets"),
        ({"quotas": []}, "quotas: is not a key of this object; those are format, organiser, event, pools, "
         "ticket_types"),
    ],
)  # fmt: skip
def test_read_refuses_a_file_by_the_path_of_its_fault(over: dict[str, Any], fault: str) -> None:
    empty = festival(pools=[], ticket_types=[])

    assert faults_of(text({**empty, **over})) == [fault]


def test_read_refuses_a_key_that_is_given_twice() -> None:
    file = text(festival()).replace('"capacity": 900', '"capacity": 900, "capacity": 9')

    assert faults_of(file) == ["pools[0].capacity: is given more than once"]


def test_read_refuses_numbers_that_python_would_take_long_over() -> None:
    file = text(festival()).replace('"capacity": 900', f'"capacity": {"9" * 100_000}')

    assert faults_of(file) == ["pools[0].capacity: must be at most 10000000"]


def test_read_refuses_more_ticket_types_than_an_event_may_have() -> None:
    types = [ticket_type(f"t{number}", price_minor=1) for number in range(2001)]

    assert faults_of(with_types(*types)) == ["ticket_types: must have at most 2000 entries, and has 2001"]


def test_read_names_no_more_faults_than_anybody_reads() -> None:
    found = faults_of(text(festival() | {f"key-{number}": 1 for number in range(1_200)}))

    assert len(found) == 1_001
    assert found[-1] == "… and 200 more"


def test_read_takes_a_byte_order_mark_and_ignores_notes() -> None:
    plain = catalogue.read(json.dumps(festival()))

    noted = festival() | {"_note": {"any": ["thing"]}}
    noted["event"]["_note"] = "x"

    assert catalogue.read("\ufeff" + json.dumps(noted)) == plain
