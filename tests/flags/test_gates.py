"""What is not turned on: on events larger than any rehearsal, and shortly before an on-sale."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from events.models import State
from flags import gates
from flags.actions import grants
from flags.actions.flags import change_stage
from flags.models import Flag, Grant, Kind, Stage
from tests.flags.makers import HOUR, NOON, is_on, make_evidence, make_flag, make_grant, make_tried_flag, to
from tests.makers import make_event, make_organiser, make_ticket_type, make_user

pytestmark = pytest.mark.django_db

ON = grants.Terms(is_on=True, reason="Ada asked")
OFF = grants.Terms(is_on=False, reason="Too slow")


def make_sized_event(size: int, **over: Any) -> Any:
    event = make_event(**over)
    for _ in range(size):
        make_ticket_type(event=event)
    return event


def refusals(flag: Any, whom: Any) -> list[str]:
    return gates.refusals(flag=flag, to=to(whom), now=NOON)


@pytest.mark.parametrize(("size", "expected"), [(3, []), (4, ["Jam has 4 ticket types; it was tried with 3 at most."])])
def test_event_is_not_larger_than_the_best_evidence(size: int, expected: list[str]) -> None:
    flag = make_tried_flag(tried_with=3)
    make_evidence(flag, ticket_types=2)

    assert refusals(flag, make_sized_event(size, title="Jam")) == expected


def test_without_evidence_no_event_is_small_enough() -> None:
    assert refusals(make_flag(), make_event()) == [gates.NO_EVIDENCE]


@pytest.mark.parametrize(
    ("failed", "again", "expected"),
    [
        ((HOUR, 3), None, "It failed in Rehearsal 5, and has not been proven since."),
        ((HOUR, 2), None, "It failed in Rehearsal 5, and has not been proven since."),
        ((HOUR, 4), None, ""),
        ((-HOUR, 3), None, ""),
        ((HOUR, 2), (2 * HOUR, 3), ""),
        ((HOUR, 2), (2 * HOUR, 2), "Jam has 3 ticket types; it was tried with 2 at most."),
    ],
)
def test_rehearsal_that_failed_refutes_older_proofs_of_its_size_and_above(
    failed: Any, again: Any, expected: str
) -> None:
    """Rehearsal 4 has proven the flag with three ticket types, which is what the event has."""
    flag, event = make_tried_flag(tried_with=3), make_sized_event(3, title="Jam")
    make_evidence(flag, at=NOON + failed[0], ticket_types=failed[1], rehearsal="Rehearsal 5", against="41 ms a request")
    if again:
        make_evidence(flag, at=NOON + again[0], ticket_types=again[1], rehearsal="Rehearsal 6")

    assert refusals(flag, event) == [one for one in (expected,) if one]


def test_rehearsal_that_failed_is_named_where_an_event_is_too_large() -> None:
    flag = make_tried_flag(tried_with=3)
    make_evidence(flag, ticket_types=300, rehearsal="Rehearsal 5", at=NOON - HOUR, against="41 ms a request")

    assert refusals(flag, make_sized_event(4, title="Jam")) == [
        "Jam has 4 ticket types; it was tried with 3 at most. It failed in Rehearsal 5, and has not been proven since."
    ]


def test_rehearsal_of_another_flag_refutes_nothing() -> None:
    flag = make_tried_flag(tried_with=3)
    make_evidence(make_flag(), ticket_types=1, at=NOON + HOUR, against="41 ms a request")

    assert refusals(flag, make_sized_event(3)) == []


@pytest.mark.parametrize(
    ("ahead", "is_refused"),
    [
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (timedelta(hours=48), True),
        (timedelta(hours=48, seconds=1), False),
    ],
    ids=str,
)
def test_nothing_is_turned_on_in_the_48_hours_before_an_on_sale(ahead: timedelta, is_refused: bool) -> None:
    event = make_event(title="Jam")
    make_ticket_type(event=event, sale_starts_at=NOON + ahead)

    found = refusals(make_tried_flag(), event)

    assert bool(found) is is_refused


def test_on_sale_is_named_as_the_clock_at_the_venue_shows_it() -> None:
    event = make_event(title="Jam")
    for hours in (30, 24):
        make_ticket_type(event=event, sale_starts_at=NOON + timedelta(hours=hours))

    assert refusals(make_tried_flag(), event) == [
        "Jam goes on sale on Thu 2 May 2030, 13:00 BST, within 48 hours."
    ]  # fmt: skip


@pytest.mark.parametrize(("state", "is_refused"), [(State.DRAFT, True), (State.LIVE, True), (State.CLOSED, False)])
def test_draft_counts_as_it_may_be_live_in_a_minute(state: State, is_refused: bool) -> None:
    event = make_event(state=state)
    make_ticket_type(event=event, sale_starts_at=NOON + HOUR, secret=True)

    assert bool(refusals(make_tried_flag(), event)) is is_refused


@pytest.mark.parametrize(
    ("over", "is_refused"),
    [
        ({"stage": Stage.TRIAL}, True),
        ({"stage": Stage.BETA}, True),
        ({"stage": Stage.TRIAL, "kind": Kind.RELEASE, "expires_at": NOON + timedelta(days=9)}, True),
        ({"stage": Stage.TRIAL, "kind": Kind.PERMISSION}, False),
        ({"stage": Stage.DRAFT}, False),
        ({"stage": Stage.GENERAL}, False),
        ({"stage": Stage.UNSTAGED}, False),
    ],
    ids=str,
)
def test_gates_are_for_what_is_not_general_yet(over: dict[str, Any], is_refused: bool) -> None:
    assert bool(refusals(make_flag(**over), make_event())) is is_refused


def test_of_an_organiser_the_largest_event_and_the_next_on_sale_count() -> None:
    organiser = make_organiser()
    make_sized_event(3, organiser=organiser, title="Large")
    make_sized_event(1, organiser=organiser, title="Small")
    for title, hours in (("Later", 9), ("Sooner", 3)):
        event = make_event(organiser=organiser, title=title)
        make_ticket_type(event=event, sale_starts_at=NOON + timedelta(hours=hours))

    assert refusals(make_tried_flag(tried_with=2), organiser) == [
        "Large has 3 ticket types; it was tried with 2 at most.",
        "Sooner goes on sale on Wed 1 May 2030, 16:00 BST, within 48 hours.",
    ]


def test_events_that_are_over_do_not_count() -> None:
    organiser = make_organiser()
    make_sized_event(
        3, organiser=organiser, local_starts_at=NOON.replace(tzinfo=None) - timedelta(days=9),
        local_ends_at=NOON.replace(tzinfo=None) - timedelta(days=8),
    )  # fmt: skip

    assert refusals(make_tried_flag(tried_with=2), organiser) == []


def test_gates_cost_two_queries_however_many_events(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    organiser = make_organiser()
    for _ in range(20):
        make_sized_event(2, organiser=organiser)
    flag = make_tried_flag()

    with django_assert_num_queries(2):
        refusals(flag, organiser)


def test_grant_that_a_gate_refuses_is_not_given_and_says_why() -> None:
    flag, event = make_flag(), make_event(title="Jam")
    make_ticket_type(event=event, sale_starts_at=NOON + timedelta(hours=24))

    with pytest.raises(gates.Refused) as refused:
        grants.give(flag=flag, to=to(event), terms=ON, by=make_user(), now=NOON)

    assert refused.value.refusals == [
        gates.NO_EVIDENCE, "Jam goes on sale on Thu 2 May 2030, 13:00 BST, within 48 hours.",
    ]  # fmt: skip
    assert not Grant.objects.exists()


def test_turning_off_is_never_refused() -> None:
    event = make_event()
    make_ticket_type(event=event, sale_starts_at=NOON + HOUR)

    assert not grants.give(flag=make_flag(), to=to(event), terms=OFF, by=None, now=NOON).is_on


def test_renewing_what_is_on_passes_the_gates_too() -> None:
    flag, event = make_tried_flag(), make_event()
    given = grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON)
    make_ticket_type(event=event, sale_starts_at=NOON + timedelta(days=3))

    with pytest.raises(gates.Refused):
        grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON + timedelta(days=2))

    assert Grant.objects.get().expires_at == given.expires_at
    assert is_on(flag, event, NOON + timedelta(days=2))


def test_gates_look_at_the_flag_as_it_is_by_then() -> None:
    stale, event = make_flag(stage=Stage.DRAFT), make_event()
    type(stale).objects.filter(pk=stale.pk).update(stage=Stage.TRIAL)

    with pytest.raises(gates.Refused):
        grants.give(flag=stale, to=to(event), terms=ON, by=None, now=NOON)


def test_taking_back_what_hides_an_organisers_grant_passes_the_gates() -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event.organiser)
    off, elsewhere = make_grant(flag, event, is_on=False), make_grant(flag, make_event(), is_on=False)

    with pytest.raises(gates.Refused):
        grants.withdraw(grant=off, reason="It was off", by=None, now=NOON)
    grants.withdraw(grant=elsewhere, reason="It was off", by=None, now=NOON)
    assert not is_on(flag, event)

    make_evidence(flag)
    grants.withdraw(grant=off, reason="It was off", by=None, now=NOON)
    assert is_on(flag, event)


def test_draft_with_a_grant_that_no_gate_lets_through_stays_a_draft() -> None:
    flag, event = make_flag(stage=Stage.DRAFT), make_event()
    make_grant(flag, event)

    with pytest.raises(gates.Refused):
        change_stage(flag=flag, to=Stage.TRIAL, reason="Go", by=None, now=NOON)
    stayed = Flag.objects.get(pk=flag.pk).stage
    make_evidence(flag)
    change_stage(flag=flag, to=Stage.TRIAL, reason="Go", by=None, now=NOON)

    assert stayed == Stage.DRAFT
    assert Flag.objects.get(pk=flag.pk).stage == Stage.TRIAL
