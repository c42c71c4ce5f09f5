"""What the guard does where a budget is broken: off for that event alone, written down, and told."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from pytest_django import Settings
from structlog.testing import capture_logs

from events.models import Event
from flags.actions import flags as flag_acts
from flags.actions import grants, guard, notices
from flags.costs import WINDOW
from flags.models import Change, Grant, Kind, Notice, Stage, Switch
from tests.buyers import COMMITTED, race
from tests.flags.makers import (
    HOUR,
    NOON,
    changes_of,
    is_on,
    make_evidence,
    make_flag,
    make_grant,
    overspend,
    spend,
    to,
)
from tests.makers import make_event, make_user

pytestmark = pytest.mark.django_db

LAST = int(NOON.timestamp()) - WINDOW
AFTER = NOON + timedelta(seconds=1)
AGAIN = grants.Terms(is_on=True, reason="Mended")


@pytest.fixture(autouse=True)
def _first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_judged", 0)


def make_guarded(**over: Any) -> Any:
    """A flag with a budget of one query and 5 ms."""
    return make_flag(**{"owner": "owner@example.com", "budget_queries": 1, "budget_ms": 5, **over})


def version_of(event: Event) -> int:
    return Event.objects.values_list("version", flat=True).get(pk=event.pk)


def mails() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("to", "subject"))


def test_flag_is_switched_off_for_the_event_and_stays_off() -> None:
    flag, event, other = make_guarded(), make_event(), make_event()
    given = make_grant(flag, event, expires_at=NOON + HOUR, given_by=make_user())
    make_grant(flag, other)
    overspend(flag, event, LAST)
    before = version_of(event)

    guard.watch(now=AFTER)

    grant = Grant.objects.get(flag=flag, event=event)
    assert (grant.pk, grant.is_on, grant.switched_off_by) == (given.pk, False, Switch.GUARD)
    assert (grant.expires_at, grant.given_by) == (None, None)
    assert [is_on(flag, event, AFTER + timedelta(days=days)) for days in (0, 1000)] == [False, False]
    assert is_on(flag, other, AFTER)
    assert version_of(event) > before


def test_audit_says_that_it_was_automatic_and_has_the_figures() -> None:
    flag, event = make_guarded(), make_event()
    make_grant(flag, event)
    overspend(flag, event, LAST)

    guard.watch(now=AFTER)

    change = Change.objects.all()[0]
    assert (change.by, change.at, change.what, change.event) == ("automatic", AFTER, "grant changed", event)
    assert change.reason == (
        "The guard: 11:59:40: 12 queries and 1,049 ms a request (1 in all); "
        "11:59:50: 12 queries and 1,049 ms a request (1 in all). Budget 1 query and 5 ms, limit 2 times that."
    )
    assert Grant.objects.get().reason == change.reason


def test_owner_staff_and_organiser_are_written_to(settings: Settings) -> None:
    make_user(email="gone@example.com", is_staff=True, is_active=False)
    make_user(email="no-staff@example.com")
    make_user(email="staff@example.com", is_staff=True)
    flag, event = make_guarded(name="seat-maps", purpose="Seats & maps"), make_event(title="Fête <1>")
    make_grant(flag, event)
    overspend(flag, event, LAST)

    guard.watch(now=AFTER)
    notices.drain(now=AFTER)

    assert mails() == [
        ("owner@example.com", "Flag seat-maps was switched off for Fête <1>"),
        ("staff@example.com", "Flag seat-maps was switched off for Fête <1>"),
        ("help@example.com", "Fête <1>: a feature was switched off"),
    ]
    by_address = {message.to[0]: str(message.body) for message in mail.outbox}
    assert f"{settings.SITE_URL}/admin/flags/grant/{Grant.objects.get().pk}/change/" in by_address["staff@example.com"]
    assert "11:59:50: 12 queries and 1,049 ms a request (1 in all)" in by_address["owner@example.com"]
    assert "Its budget for a request: 1 query and 5 ms." in by_address["owner@example.com"]
    assert "Feature: Seats & maps" in by_address["help@example.com"]
    assert "pages as they are without the feature" in by_address["help@example.com"]
    assert "admin" not in by_address["help@example.com"]


def test_flag_on_for_the_organiser_is_switched_off_for_the_event_alone() -> None:
    flag, event = make_guarded(), make_event()
    sibling = make_event(organiser=event.organiser)
    make_grant(flag, event.organiser)
    overspend(flag, event, LAST)

    guard.watch(now=AFTER)

    assert (is_on(flag, event, AFTER), is_on(flag, sibling, AFTER)) == (False, True)
    assert Grant.objects.get(event=event).created_at == AFTER


def test_judging_again_does_nothing_more() -> None:
    flag, event = make_guarded(), make_event()
    make_grant(flag, event)
    overspend(flag, event, LAST)

    for _ in range(3):
        guard.judge(window=LAST, now=AFTER)

    assert Counter(what for what, *_ in changes_of(flag)) == {"flag added": 1, "grant added": 1, "grant changed": 1}
    assert len(mails()) == 2


@COMMITTED
@pytest.mark.race
def test_several_workers_judging_at_once_have_one_effect() -> None:
    flag, event = make_guarded(), make_event()
    make_grant(flag, event)
    overspend(flag, event, LAST)

    done = race(*[lambda: guard.judge(window=LAST, now=AFTER)] * 4)

    assert done == [None] * 4
    assert Counter(what for what, *_ in changes_of(flag))["grant changed"] == 1
    assert len(mails()) == 2


def test_window_is_judged_once_it_has_settled_and_once_only() -> None:
    flag, event = make_guarded(), make_event()
    make_grant(flag, event)
    overspend(flag, event, LAST)

    guard.watch(now=NOON + timedelta(seconds=0.9))
    too_early = is_on(flag, event)
    guard.watch(now=AFTER)
    Grant.objects.filter(flag=flag).update(is_on=True, switched_off_by="")
    guard.watch(now=AFTER + timedelta(seconds=5))

    assert too_early
    assert is_on(flag, event)


def test_granted_on_again_it_is_judged_by_what_comes_then() -> None:
    flag, event = make_guarded(), make_event()
    make_evidence(flag)
    make_grant(flag, event)
    overspend(flag, event, LAST)
    guard.watch(now=AFTER)

    grants.give(flag=flag, to=to(event), terms=AGAIN, by=make_user(), now=AFTER + timedelta(seconds=3))
    spend(flag, event, LAST + WINDOW)  # what came until it was off, and after it was on again
    guard.watch(now=AFTER + timedelta(seconds=10))
    kept = is_on(flag, event, AFTER)
    overspend(flag, event, LAST + 3 * WINDOW)
    guard.watch(now=AFTER + timedelta(seconds=30))

    assert kept
    assert Grant.objects.get().switched_off_by == Switch.GUARD
    assert len(mails()) == 4


OFF_BY_THEN: dict[str, Callable[[Any, Grant], object]] = {
    "granted off": lambda _, grant: Grant.objects.filter(pk=grant.pk).update(is_on=False, reason="Too slow"),
    "withdrawn": lambda _, grant: grant.delete(),
    "killed": lambda flag, _: flag_acts.kill(flag=flag, reason="Stop", by=None, now=NOON),
    "over": lambda _, grant: Grant.objects.filter(pk=grant.pk).update(expires_at=NOON),
    "deleted": lambda flag, _: flag.delete(),
    "event deleted": lambda _, grant: Event.objects.filter(grants=grant).delete(),
}


@pytest.mark.parametrize("act", OFF_BY_THEN.values(), ids=list(OFF_BY_THEN))
def test_what_is_off_by_then_is_left_alone(act: Callable[[Any, Grant], object]) -> None:
    flag, event = make_guarded(), make_event()
    grant = make_grant(flag, event)
    overspend(flag, event, LAST)
    act(flag, grant)
    before = Change.objects.count()

    guard.watch(now=AFTER)

    assert Change.objects.count() == before
    assert mails() == []


EXEMPT: dict[str, dict[str, Any]] = {
    "it is general": {"stage": Stage.GENERAL},
    "it is a permission": {"kind": Kind.PERMISSION},
    "it is in dry run": {"only_warns": True},
}


@pytest.mark.parametrize(("why", "over"), EXEMPT.items(), ids=list(EXEMPT))
def test_some_are_left_on_and_spoken_of_once_a_day(why: str, over: dict[str, Any]) -> None:
    flag, event = make_guarded(name="seat-maps", **over), make_event(title="Fair")
    make_grant(flag, event)
    changes = Change.objects.count()
    overspend(flag, event, LAST)
    overspend(flag, event, LAST + WINDOW)
    overspend(flag, event, LAST + 24 * 360 * WINDOW)

    with capture_logs() as logs:
        guard.watch(now=AFTER)
        guard.watch(now=AFTER + timedelta(seconds=10))
        today = mails()
        guard.watch(now=AFTER + timedelta(days=1))

    assert today == [("owner@example.com", "Flag seat-maps is over its budget on Fair")]
    assert mails() == today * 2
    assert why in Notice.objects.all()[0].body
    assert (is_on(flag, event, AFTER), Change.objects.count()) == (True, changes)
    assert [line["event"] for line in logs] == ["flag over budget"] * 2


REFUSE = """
    CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.event_id = %s THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER refuse_one BEFORE UPDATE ON flags_grant FOR EACH ROW EXECUTE FUNCTION refuse_one();
"""


def test_one_that_fails_does_not_stop_the_others() -> None:
    flag, events = make_guarded(), [make_event() for _ in range(3)]
    for event in events:
        make_grant(flag, event)
        overspend(flag, event, LAST)
    with connection.cursor() as cursor:
        cursor.execute(REFUSE % events[1].pk)

    with capture_logs() as logs:
        guard.watch(now=AFTER)

    assert [is_on(flag, event, AFTER) for event in events] == [False, True, False]
    assert {line["event_id"] for line in logs if line["event"] == "guard could not act"} == {events[1].pk}
    assert len(mails()) == 4  # nothing is written of what was not done


def test_without_redis_the_guard_is_blind_and_goes_on_afterwards(settings: Settings) -> None:
    flag, event = make_guarded(), make_event()
    make_grant(flag, event)
    overspend(flag, event, LAST)
    there = settings.CACHES

    with capture_logs() as logs:
        settings.CACHES = {"default": {**there["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
        guard.watch(now=AFTER)
        blind = is_on(flag, event, AFTER)
        settings.CACHES = there
        guard.watch(now=AFTER + timedelta(seconds=1))

    assert blind
    assert not is_on(flag, event, AFTER)
    assert [line["event"] for line in logs] == ["guard is blind", "flag switched off"]


def test_quiet_site_costs_the_guard_no_query(django_assert_num_queries: Callable[[int], Any]) -> None:
    with django_assert_num_queries(0):
        guard.watch(now=AFTER)
