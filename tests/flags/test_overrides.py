"""Overriding a gate takes a written reason and two people."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from flags import gates
from flags.actions import flags, grants, overrides
from flags.audit import NoReason
from flags.models import Change, Grant, Keep, Notice, Override
from tests.buyers import COMMITTED, race
from tests.flags.makers import HOUR, NOON, is_on, make_flag, make_tried_flag, to
from tests.lock_waits import work_beside
from tests.makers import make_event, make_ticket_type, make_user

ON = grants.Terms(is_on=True, reason="They have rehearsed it by themselves", expires_at=NOON + timedelta(days=5))
SOON = NOON + timedelta(hours=24)


def make_staff(name: str, **over: Any) -> Any:
    return make_user(email=f"{name}@example.com", full_name=name.title(), is_staff=True, **over)


def make_refused_event(**over: Any) -> Any:
    """An event with an on-sale in a day."""
    event = make_event(**over)
    make_ticket_type(event=event, sale_starts_at=SOON)
    return event


def ask(flag: Any, event: Any, by: Any, terms: grants.Terms = ON) -> Override:
    return overrides.ask(flag=flag, to=to(event), terms=terms, by=by, now=NOON)


def decide(override: Override, by: Any, *, approve: bool = True, now: Any = NOON + HOUR) -> Grant | None:
    return overrides.decide(override=override, approve=approve, reason="I have seen it", by=by, now=now)


@pytest.mark.django_db
def test_override_by_two_people_gives_the_grant_in_both_names() -> None:
    ada, bob, flag, event = make_staff("ada"), make_staff("bob"), make_flag(), make_refused_event()
    override = ask(flag, event, ada)
    assert not is_on(flag, event)

    given = decide(override, bob)

    assert given is not None
    assert (given.given_by, given.expires_at, is_on(flag, event, NOON + HOUR)) == (bob, ON.expires_at, True)
    assert given.reason == (
        "Override asked for by ada@example.com, approved by bob@example.com. "
        "They have rehearsed it by themselves / I have seen it"
    )
    change = Change.objects.filter(what="grant added").get()
    assert (change.by, change.reason, change.at) == ("bob@example.com", given.reason, NOON + HOUR)
    override.refresh_from_db()
    assert (override.is_approved, override.decided_by, override.decision) == (True, bob, "I have seen it")


@pytest.mark.django_db
def test_approved_override_keeps_the_flag_through_the_on_sales_within_48_hours() -> None:
    flag, event = make_flag(), make_refused_event()
    make_ticket_type(event=event, sale_starts_at=NOON + timedelta(hours=49, minutes=1))

    decide(ask(flag, event, make_staff("ada")), make_staff("bob"))

    assert list(Keep.objects.values_list("event", "on_sale_at", "kept_by__email")) == [
        (event.pk, SOON, "bob@example.com")
    ]


@pytest.mark.django_db
def test_refused_override_changes_nothing() -> None:
    flag, event = make_flag(), make_refused_event()
    override = ask(flag, event, make_staff("ada"))

    assert decide(override, make_staff("bob"), approve=False) is None

    override.refresh_from_db()
    assert (override.is_approved, Grant.objects.count(), Keep.objects.count()) == (False, 0, 0)


@pytest.mark.django_db
def test_other_staff_and_then_who_asked_are_written_to() -> None:
    ada, bob, flag = make_staff("ada"), make_staff("bob"), make_flag("seat-maps")
    make_staff("gone", is_active=False)
    make_user(email="buyer@example.com")

    override = ask(flag, make_refused_event(title="Jam <&>"), ada)
    asked = Notice.objects.get()
    decide(override, bob)
    decided = Notice.objects.exclude(pk=asked.pk).get()

    assert (asked.to, asked.subject) == (
        "bob@example.com", "seat-maps: a second person must decide about Jam <&>",
    )  # fmt: skip
    assert "- There is no evidence for it: nothing shows that it holds on an event of any size.\n- Jam" in asked.body
    assert f"/admin/flags/override/{override.pk}/change/" in asked.body
    assert (decided.to, decided.subject) == (
        "ada@example.com", "seat-maps: your override for Jam <&> was approved",
    )  # fmt: skip
    assert "Bob (bob@example.com) has approved your override" in decided.body


@pytest.mark.django_db
def test_asking_again_while_one_is_open_puts_new_terms_in_its_place() -> None:
    flag, event, ada = make_flag(), make_refused_event(), make_staff("ada")
    first = ask(flag, event, ada)

    second = overrides.ask(
        flag=flag, to=to(event), terms=grants.Terms(True, "Better said"), by=ada, now=NOON + HOUR
    )  # fmt: skip

    assert (second.pk, second.reason, second.open_until) == (first.pk, "Better said", NOON + timedelta(hours=25))
    with pytest.raises(overrides.NotOpen):  # what was read is no longer what is asked for
        decide(first, make_staff("bob"))


@pytest.mark.django_db
def test_asking_again_after_the_time_is_another_override() -> None:
    flag, event, ada = make_flag(), make_refused_event(), make_staff("ada")
    first = ask(flag, event, ada)

    second = overrides.ask(flag=flag, to=to(event), terms=ON, by=ada, now=NOON + overrides.OPEN_FOR)

    assert second.pk != first.pk


@pytest.mark.django_db
def test_who_asked_does_not_decide_nor_does_anybody_but_active_staff() -> None:
    ada = make_staff("ada")
    override = ask(make_flag(), make_refused_event(), ada)

    with pytest.raises(overrides.SamePerson):
        decide(override, ada)
    for stranger in (make_user(), make_staff("gone", is_active=False)):
        with pytest.raises(overrides.NotStaff):
            decide(override, stranger)

    assert not Grant.objects.exists()


@pytest.mark.django_db
def test_override_is_decided_once_and_in_time() -> None:
    bob, event = make_staff("bob"), make_refused_event()
    decided, late = (ask(make_flag(), event, make_staff(name)) for name in ("ada", "eve"))
    decide(decided, bob, approve=False)

    with pytest.raises(overrides.NotOpen):
        decide(decided, bob)
    with pytest.raises(overrides.NotOpen):
        decide(late, bob, now=NOON + overrides.OPEN_FOR)


@pytest.mark.django_db
def test_asking_needs_a_reason_and_a_refusal() -> None:
    ada, event = make_staff("ada"), make_event()
    override = ask(make_flag(), event, ada)

    with pytest.raises(NoReason):
        ask(make_flag(), event, ada, grants.Terms(True, "  "))
    with pytest.raises(overrides.NotRefused):
        ask(make_tried_flag(), event, ada)
    with pytest.raises(overrides.NotRefused):
        ask(make_flag(), event, ada, grants.Terms(False, "Off"))
    with pytest.raises(grants.IsOver):
        ask(make_flag(), event, ada, grants.Terms(True, "Late", expires_at=NOON))
    with pytest.raises(grants.FlagIsKilled):
        ask(make_flag(is_killed=True), event, ada)
    with pytest.raises(NoReason):
        overrides.decide(override=override, approve=True, reason=" ", by=make_staff("bob"), now=NOON)
    assert Override.objects.count() == 1


@pytest.mark.django_db
def test_killed_meanwhile_is_not_given_and_stays_to_be_decided() -> None:
    flag = make_flag()
    override = ask(flag, make_refused_event(), make_staff("ada"))
    flags.kill(flag=flag, reason="Stop", by=None, now=NOON)

    with pytest.raises(grants.FlagIsKilled):
        decide(override, make_staff("bob"))

    override.refresh_from_db()
    assert override.decided_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("which", ["not decided", "of another event", "of another flag", "of another time"])
def test_only_the_override_of_this_moment_opens_the_gate(which: str) -> None:
    ada, bob, flag, event = make_staff("ada"), make_staff("bob"), make_flag(), make_refused_event()
    override = ask(flag, event, ada)
    if which != "not decided":
        decide(override, bob)
    asked_for = {
        "flag": make_flag() if which == "of another flag" else flag,
        "to": to(make_refused_event() if which == "of another event" else event),
        "now": NOON + HOUR * (2 if which == "of another time" else 1),
    }

    with pytest.raises(gates.Refused):
        grants.give(terms=ON, by=bob, override=override, **asked_for)


@COMMITTED
@pytest.mark.race
def test_of_two_who_decide_at_once_one_does() -> None:
    flag, event = make_flag(), make_refused_event()
    override = ask(flag, event, make_staff("ada"))
    bob, eve, dan, fay = (make_staff(name) for name in ("bob", "eve", "dan", "fay"))

    done = race(
        lambda: decide(override, bob),
        lambda: decide(override, eve, approve=False),
        lambda: decide(override, dan),
        lambda: decide(override, fay, approve=False),
    )

    override.refresh_from_db()
    assert Counter(type(one) for one in done)[overrides.NotOpen] == 3
    assert Grant.objects.exists() is override.is_approved
    assert Notice.objects.filter(to="ada@example.com").count() == 1


@COMMITTED
@pytest.mark.race
def test_of_those_who_ask_at_once_one_override_comes() -> None:
    flag, event, staff = make_flag(), make_refused_event(), [make_staff(name) for name in ("ada", "bob", "eve", "dan")]

    done = race(*[lambda by=by: ask(flag, event, by) for by in staff])

    assert [type(one) for one in done] == [Override] * 4
    assert Override.objects.count() == 1


@COMMITTED
@pytest.mark.race
def test_decision_about_what_was_asked_anew_meanwhile_is_refused() -> None:
    flag, event, ada, bob = make_flag(), make_refused_event(), make_staff("ada"), make_staff("bob")
    override = ask(flag, event, ada)
    longer = grants.Terms(is_on=True, reason="And for longer", expires_at=NOON + timedelta(days=90))

    answer = work_beside(
        lambda: overrides.ask(flag=flag, to=to(event), terms=longer, by=ada, now=NOON + HOUR / 2),
        lambda: decide(override, bob),
    )

    assert isinstance(answer, overrides.NotOpen)
    assert not Grant.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("approve", [True, False])
def test_nothing_is_approved_that_has_grown_since_it_was_asked_for(approve: bool) -> None:
    ada, bob, flag, event = make_staff("ada"), make_staff("bob"), make_tried_flag(tried_with=1), make_refused_event()
    override = ask(flag, event, ada)
    make_ticket_type(event=event)

    if approve:
        with pytest.raises(overrides.Changed):
            decide(override, bob)
        override = ask(flag, event, ada)

    assert bool(decide(override, bob, approve=approve)) is approve


@pytest.mark.django_db
def test_fewer_obstacles_than_were_asked_about_are_no_change() -> None:
    ada, bob, flag, event = make_staff("ada"), make_staff("bob"), make_flag(), make_refused_event()
    override = ask(flag, event, ada)
    event.ticket_types.update(sale_starts_at=None)

    assert decide(override, bob)
