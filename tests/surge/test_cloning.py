"""The copy of an event that is rehearsed: the same to buy from, in every field that there is."""

from datetime import timedelta
from typing import Any

import pytest

from events.models import Draw, Event, State, TicketType
from surge.cloning import COPIED
from surge.shapes import shape_of
from tests.buyers import take_hold
from tests.flags.makers import answers, make_flag, make_grant
from tests.makers import make_code, make_event, make_quota, make_ticket_type
from tests.surge.makers import NOON, OPENS_AT, WEEK, begin, copy_of, make_sale

pytestmark = pytest.mark.django_db

OWN_FIELDS = {
    Event: {"id", "organiser", "title", "state", "rehearsal_of", "is_test", "version", "created_at", "local_starts_at",
            "local_ends_at", "starts_at", "ends_at"},
    TicketType: {"id", "event", "secret_key", "availability", "sale_starts_at", "sale_ends_at"},
}  # fmt: skip
# What hangs on an event or its ticket types and is not copied: what buyers, staff and rehearsals have left there.
LEFT_BEHIND = {
    "Event", "Order", "Ticket", "Reminder", "RehearsalRun", "Hour", "Keep", "Override", "Change", "Waiting",
    "WaitingList", "Chosen", "Membership", "Invitation", "InvitedTo",
    "Picture", "Job", "Number", "Export", "ExportSchedule",
}  # fmt: skip


def fields_of(row: Any) -> dict[str, Any]:
    own = OWN_FIELDS[type(row)]
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in own}


def types_of(event: Event) -> dict[str, TicketType]:
    return {row.slug: row for row in event.ticket_types.all()}


def test_copy_has_every_field_of_the_event_and_its_ticket_types() -> None:
    event = make_sale(timezone="America/New_York", accent="#aabbcc", currency="EUR")

    copy = copy_of(begin(event))

    assert fields_of(copy) == fields_of(event)
    assert (copy.title, copy.state, copy.rehearsal_of) == (f"Rehearsal: {event.title}", State.LIVE, event)
    originals, copies = types_of(event), types_of(copy)
    assert {slug: fields_of(row) for slug, row in copies.items()} == {
        slug: fields_of(row) for slug, row in originals.items()
    }
    assert {row.secret_key for row in copies.values()} & {row.secret_key for row in originals.values()} == set()


def test_copy_has_the_shape_of_the_event_with_nothing_taken() -> None:
    event = make_sale()
    take_hold((types_of(event)["seat"], 2), now=OPENS_AT)

    copy = copy_of(begin(event))

    text = {"text": len(event.title) + len(event.description) + len(event.venue)}
    assert shape_of(copy) | text == shape_of(event)
    assert sorted(Draw.objects.filter(ticket_type__event=copy).values_list("ticket_type__slug", "quota__slug")) == (
        sorted(Draw.objects.filter(ticket_type__event=event).values_list("ticket_type__slug", "quota__slug"))
    )
    assert list(copy.quotas.values_list("stock__taken", flat=True)) == [0, 0]


def test_sale_is_moved_to_the_rehearsals_opening_with_all_its_windows() -> None:
    event = make_sale()

    copy = copy_of(begin(event, opens_at=NOON))

    types = types_of(copy)
    assert (types["seat"].sale_starts_at, types["seat"].sale_ends_at) == (NOON, NOON + WEEK)
    assert (types["late"].sale_starts_at, types["late"].sale_ends_at) == (NOON + WEEK, None)
    assert copy.starts_at - NOON == event.starts_at - OPENS_AT


@pytest.mark.parametrize("opens_after_days", [-30, None])
def test_sale_of_an_event_that_is_over_is_rehearsed_as_if_it_came(opens_after_days: int | None) -> None:
    opened_at = OPENS_AT + timedelta(days=opens_after_days) if opens_after_days else None
    event = make_event()
    make_ticket_type(event=event, slug="free", price_minor=0, sale_starts_at=opened_at)
    after = event.ends_at + timedelta(days=400)

    copy = copy_of(begin(event, now=after))

    row = types_of(copy)["free"]
    assert copy.ends_at > after + timedelta(days=1)
    assert row.sale_starts_at == (after if opened_at else None)


def test_crowd_that_waits_has_something_to_wait_for() -> None:
    event = make_event()
    make_ticket_type(event=event, slug="always", quotas=[make_quota(event=event)])
    opens_at = NOON + timedelta(seconds=20)

    copy = copy_of(begin(event, opens_at=opens_at, is_awaited=True))

    assert types_of(copy)["always"].sale_starts_at == opens_at


def test_flags_answer_for_the_copy_as_for_the_event() -> None:
    event = make_sale()
    names = ("granted", "by-organiser", "granted-off", "not-granted", "needs-another", "general", "draft")
    stages = {"general": "general", "granted-off": "general", "draft": "draft"}
    flags = {name: make_flag(name, stage=stages.get(name, "trial")) for name in names}
    flags["needs-another"].prerequisites.add(flags["granted"])
    for name in ("granted", "needs-another", "draft"):
        make_grant(flags[name], event)
    make_grant(flags["by-organiser"], event.organiser)
    make_grant(flags["granted-off"], event, is_on=False)

    run = begin(event)

    copy = copy_of(run)
    assert answers(copy) == answers(event) == run.flags
    assert {name for name, is_on in run.flags.items() if is_on} == {
        "granted", "by-organiser", "needs-another", "general",
    }  # fmt: skip
    assert set(copy.grants.values_list("reason", "expires_at")) == {
        ("Rehearsal", NOON + timedelta(seconds=60, hours=1)),
    }  # fmt: skip


def test_codes_work_in_the_copy_as_in_the_event() -> None:
    event = make_sale()
    seat = types_of(event)["seat"]
    make_code(event=event, text="SEAT", only=[seat], capacity=2, starts_at=OPENS_AT)
    make_code(event=event, text="ALL", amount_minor=5)

    copy = copy_of(begin(event, opens_at=NOON))
    order = take_hold((types_of(copy)["seat"], 2), now=NOON, code="SEAT")

    terms = list(copy.codes.order_by("id").values_list("text", "percent", "amount_minor", "starts_at", "use__capacity"))
    assert terms == [("SEAT", 10, None, NOON, 2), ("ALL", None, 5, None, None)]
    assert [len(code.ticket_type_ids or ()) for code in copy.codes.order_by("id")] == [1, 0]
    assert (order.code_text, event.codes.get(text="SEAT").use.used) == ("SEAT", 0)


def test_everything_that_hangs_on_an_event_is_copied_or_left_behind_on_purpose() -> None:
    hanging = {
        relation.related_model.__name__
        for model in (Event, TicketType) for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and relation.related_model
    }  # fmt: skip

    assert hanging - COPIED - LEFT_BEHIND - {"TicketType_quotas"} == set()
