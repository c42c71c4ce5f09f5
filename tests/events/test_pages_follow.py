"""Every writable field that the public pages show: changed in any way, the page follows within two seconds.

The fields are taken from the models, so a new one fails here until somebody says whether the page shows it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, models
from django.test import Client
from psycopg import sql

from accounts.models import Organiser
from checkout.actions import availability
from events import facts
from events.models import Code, CodeUse, Draw, Event, Picture, Quota, State, Stock, TicketType
from flags.models import Flag, Grant
from tests.makers import (
    make_code,
    make_event,
    make_organiser,
    make_picture,
    make_quota,
    make_ticket_type,
    make_user,
)

COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)
WITHIN_SECONDS = 2.0
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

# What each field is changed to. None: the page does not show it, and why.
EVENT: dict[str, Any] = {
    "organiser": None,  # another organiser is another address
    "slug": None,  # another address
    "title": "Another title",
    "description": "Another description",
    "venue": "Another venue",
    "timezone": "Europe/Berlin",
    "local_starts_at": datetime(2030, 6, 1, 11),
    "local_ends_at": datetime(2030, 6, 1, 19),
    "currency": "EUR",
    "state": State.CLOSED,
    "hold_minutes": 20,
    "accent": "#aa0000",
    "version": None,  # raised by what else changes
    "question_count": None,  # kept by a trigger; questions are asked in the checkout
    "created_at": None,
    "archived_at": None,  # in its organiser's own lists alone
    "refund_policy": "Another policy",
    "is_test": True,
    "rehearsal_of": None,  # a trigger refuses to change it
}
TICKET_TYPE: dict[str, Any] = {
    "event": None,
    "slug": "another-slug",
    "name": "Another name",
    "description": "Another description",
    "group_heading": "Another heading",
    "position": 99,
    "kind": None,  # changes with the prices, below
    "price_minor": 4321,
    "minimum_minor": None,
    "suggested_minor": None,
    "sale_starts_at": datetime(2029, 1, 1, tzinfo=UTC),
    "sale_ends_at": LONG_AGO,
    "min_per_order": 2,
    "max_per_order": 7,
    "secret": True,
    "is_paused": True,
    "is_hidden": None,  # changes with the pause, below
    "secret_key": None,  # only secret pages have it, in their address
    "availability": "few",
    "quotas": None,  # shown in words alone, when the ticker has written them
}
ORGANISER: dict[str, Any] = {
    "slug": None,  # another address
    "name": "Another name",
    "contact_email": "another@example.com",
    "statement_name": None,  # a bank shows it
    "refund_policy": "Another policy",
    "members": None,
    "created_at": None,
}
SHOWN: dict[type[models.Model], dict[str, Any]] = {Event: EVENT, TicketType: TICKET_TYPE, Organiser: ORGANISER}
CASES = [(model, name, new) for model, fields in SHOWN.items() for name, new in fields.items() if new is not None]


def make_page() -> TicketType:
    """An event of its own organiser with two ticket types, the first of which is answered."""
    event = make_event(organiser=make_organiser())
    first = make_ticket_type(event=event, position=1, quotas=[make_quota(event=event)])
    make_ticket_type(event=event, position=2, group_heading="Others", price_minor=2000)
    return first


def row_behind(model: type[models.Model], shown: TicketType) -> models.Model:
    return {Event: shown.event, Organiser: shown.event.organiser, TicketType: shown}[model]


def page(shown: TicketType) -> bytes:
    return Client().get(shown.event.get_absolute_url()).content


def by_update(row: models.Model, name: str, new: Any) -> None:
    """As bulk changes and the importer do it."""
    row._meta.model._default_manager.filter(pk=row.pk).update(**{name: new})


def by_save(row: models.Model, name: str, new: Any) -> None:
    """As the admin does it."""
    fresh = row._meta.model._default_manager.get(pk=row.pk)
    setattr(fresh, name, new)
    fresh.save()


def by_hand(row: models.Model, name: str, new: Any) -> None:
    """As somebody at a database prompt does it."""
    column = str(row._meta.get_field(name).column)  # type: ignore[union-attr]
    statement = sql.SQL("UPDATE {} SET {} = %s WHERE id = %s")
    table = sql.Identifier(row._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table, sql.Identifier(column)).as_string(), [new, row.pk])


def test_every_field_of_what_is_shown_is_thought_of() -> None:
    for model, fields in SHOWN.items():
        generated = {field.name for field in model._meta.get_fields() if isinstance(field, models.GeneratedField)}
        own = {
            field.name for field in model._meta.get_fields()
            if not field.auto_created and (field.concrete or field.many_to_many) and field.name != "id"
        }  # fmt: skip

        assert own - generated == set(fields), model


@COMMITTED
@pytest.mark.parametrize("change", [by_update, by_save, by_hand])
def test_page_follows_every_field_within_two_seconds(change: Callable[..., None]) -> None:
    pages = {f"{model.__name__}.{name}": (make_page(), model, name, new) for model, name, new in CASES}
    before = {label: page(shown) for label, (shown, *_) in pages.items()}

    for shown, model, name, new in pages.values():
        change(row_behind(model, shown), name, new)

    assert still_old(before, {label: shown for label, (shown, *_) in pages.items()}) == set()


def still_old(before: dict[str, bytes], shown: dict[str, TicketType]) -> set[str]:
    """Those that are as they were when two seconds are over."""
    deadline, old = time.monotonic() + WITHIN_SECONDS, set(before)
    while old and time.monotonic() < deadline:
        old = {label for label in old if page(shown[label]) == before[label]}
        time.sleep(0.02)
    return {label for label in old if page(shown[label]) == before[label]}  # a slow machine took long over the others


def sells_out(shown: TicketType) -> None:
    Stock.objects.filter(quota__draws__ticket_type=shown).update(taken=100)
    availability.refresh()


OTHER_CHANGES: dict[str, Callable[[TicketType], Any]] = {
    "a type is added": lambda shown: make_ticket_type(event=shown.event),
    "a type is removed": lambda shown: shown.delete(),
    "a kind and its prices": lambda shown: TicketType.objects.filter(pk=shown.pk).update(
        kind="pwyw", price_minor=0, minimum_minor=100, suggested_minor=500
    ),
    "it sells out": sells_out,
    "it is put away": lambda shown: TicketType.objects.filter(pk=shown.pk).update(is_hidden=True, is_paused=True),
    "a picture is put on it": lambda shown: make_picture(event=shown.event),
    "a first code is made": lambda shown: make_code(event=shown.event),
}


@COMMITTED
def test_page_follows_every_other_change_within_two_seconds() -> None:
    shown = {label: make_page() for label in OTHER_CHANGES}
    before = {label: page(one) for label, one in shown.items()}

    for label, change in OTHER_CHANGES.items():
        change(shown[label])

    assert still_old(before, shown) == set()


CHANGES_OF_A_CODE: dict[str, dict[str, Any]] = {
    "percent": {"percent": 50}, "amount": {"percent": None, "amount_minor": 5}, "only": {"ticket_type_ids": []},
    "fewest": {"fewest_tickets": 3}, "starts": {"starts_at": datetime(2090, 1, 1, tzinfo=UTC)},
    "ends": {"ends_at": LONG_AGO}, "off": {"is_on": False}, "text": {"text": "ANOTHER"},
}  # fmt: skip


@COMMITTED
def test_page_of_a_code_follows_it_and_its_uses_within_two_seconds() -> None:
    made = {label: make_code(event=make_page().event) for label in [*CHANGES_OF_A_CODE, "used up", "hidden"]}
    hidden = make_ticket_type(event=made["hidden"].event, secret=True, name="Backstage")
    paths = {label: code.get_absolute_url() for label, code in made.items()}
    before = {label: Client().get(path).content for label, path in paths.items()}

    for label, change in {**CHANGES_OF_A_CODE, "hidden": {"reveals_secret": True}}.items():
        Code.objects.filter(pk=made[label].pk).update(**change)
    CodeUse.objects.filter(code=made["used up"]).update(capacity=0)

    deadline = time.monotonic() + WITHIN_SECONDS
    while any(Client().get(paths[label]).content == before[label] for label in paths) and time.monotonic() < deadline:
        time.sleep(0.02)
    after = {label: Client().get(path).content for label, path in paths.items()}
    assert {label for label in paths if after[label] == before[label]} == set()
    assert hidden.name.encode() in after["hidden"]
    assert b"All uses of the code" in after["used up"]


@COMMITTED
def test_lists_of_events_follow_within_two_seconds() -> None:
    shown = make_page()
    paths = ["/", shown.event.organiser.get_absolute_url()]
    before = {path: Client().get(path).content for path in paths}
    Event.objects.filter(pk=shown.event_id).update(title="Another title")

    deadline = time.monotonic() + WITHIN_SECONDS
    while any(Client().get(path).content == before[path] for path in paths) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert all(b"Another title" in Client().get(path).content for path in paths)


CHANGES_WITHOUT_WORDS: dict[str, Callable[[TicketType], Any]] = {
    "a grant is given": lambda shown: give(shown, "given"),
    "a grant is changed": lambda shown: give(shown, "changed") and Grant.objects.update(is_on=False),
    "a grant is taken back": lambda shown: give(shown, "taken") and Grant.objects.all().delete(),
    "a quota": lambda shown: Quota.objects.filter(event=shown.event).update(name="Another"),
    "a draw": lambda shown: Draw.objects.filter(ticket_type=shown).delete(),
    "a picture is described": lambda shown: make_picture(event=shown.event) and Picture.objects.update(alt="Another"),
    "a picture is taken off": lambda shown: make_picture(event=shown.event).delete(),
    "a code": lambda shown: make_code(event=shown.event),
    "the organiser": lambda shown: Organiser.objects.filter(pk=shown.event.organiser_id).update(name="Another"),
}


def give(shown: TicketType, name: str) -> Grant:
    flag = Flag(name=name)
    flag.save()
    return Grant.objects.create(flag=flag, event=shown.event, reason="trial", given_by=make_user())


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES_WITHOUT_WORDS.values(), ids=list(CHANGES_WITHOUT_WORDS))
def test_version_is_raised_by_what_a_page_may_depend_on(change: Callable[[TicketType], Any]) -> None:
    shown = make_page()
    before = Event.objects.values_list("version", flat=True).get(pk=shown.event_id)

    change(shown)

    assert Event.objects.values_list("version", flat=True).get(pk=shown.event_id) > before


@pytest.mark.django_db
def test_page_changes_by_the_clock_when_a_window_opens_and_when_the_event_ends() -> None:
    opens = datetime(2029, 1, 1, 12, tzinfo=UTC)
    shown = make_ticket_type(sale_starts_at=opens, sale_ends_at=opens + timedelta(days=1))
    event = shown.event

    found = facts.find(event.organiser.slug, event.slug, now=opens)

    assert found is not None
    assert found.phase_times == (opens, opens + timedelta(days=1), event.ends_at)
    assert found.next_phase_at(opens - timedelta(seconds=1)) == opens
    assert found.next_phase_at(event.ends_at) is None
    assert len({found.mark(moment) for moment in (opens - timedelta(seconds=1), opens, event.ends_at)}) == 3
    assert [found.at(moment).has_ended for moment in (opens, event.ends_at)] == [False, True]
