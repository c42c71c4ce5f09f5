"""The review before an on-sale: what is on trial, and unused or unproven, is off when the sale opens."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from events.models import State, TicketType
from flags import gates
from flags.actions import flags, grants, overrides, reviews
from flags.audit import NoReason
from flags.coming import UNUSED, Week
from flags.models import Change, Grant, Keep, Kind, Notice, Stage, Switch
from tests.buyers import COMMITTED, race
from tests.flags.makers import (
    HOUR,
    NOON,
    is_on,
    make_evidence,
    make_flag,
    make_grant,
    make_hour,
    make_tried_flag,
    to,
)
from tests.lock_waits import work_beside
from tests.makers import make_event, make_organiser, make_ticket_type, make_user

T48 = NOON + timedelta(hours=48)
T72 = NOON + timedelta(hours=72)
ON = grants.Terms(is_on=True, reason="Ada asked")


def make_sale(at: datetime = T48, *, size: int = 1, **over: Any) -> Any:
    """An event all of whose ticket types go on sale at that moment."""
    event = make_event(**over)
    types = [
        TicketType(event=event, slug=f"t-{n}", name=f"T {n}", price_minor=1, sale_starts_at=at) for n in range(size)
    ]
    TicketType.objects.bulk_create(types)
    return event


def make_used_flag(event: Any, **over: Any) -> Any:
    """Tried with 50 ticket types, granted to the event, and used there an hour ago."""
    flag = make_tried_flag(**over)
    make_grant(flag, event)
    make_hour(flag, event)
    return flag


def make_unused_flag(to: Any, **over: Any) -> Any:
    flag = make_tried_flag(**over)
    make_grant(flag, to)
    return flag


def override(flag: Any, event: Any, *, now: datetime) -> Grant | None:
    ada, bob = make_user(is_staff=True), make_user(is_staff=True)
    asked = overrides.ask(flag=flag, to=to(event), terms=ON, by=ada, now=now)
    return overrides.decide(override=asked, approve=True, reason="I have seen it", by=bob, now=now)


def seen(now: datetime = NOON) -> list[tuple[str, str, list[str], bool]]:
    return [(one.flag.name, one.event.title, one.faults, one.is_due) for one in reviews.coming(now=now)]


@pytest.mark.django_db
def test_each_flag_on_trial_that_is_on_is_listed_with_its_use_cost_and_evidence() -> None:
    event = make_sale(title="Jam")
    make_used_flag(event, name="a-used")
    make_unused_flag(event.organiser, name="b-unused", stage=Stage.BETA)
    make_hour(make_unused_flag(event, name="c-unproven", tried_with=0), event)
    for over in ({"stage": Stage.GENERAL}, {"kind": Kind.PERMISSION}, {"is_killed": True}):
        make_unused_flag(event, **over)
    make_unused_flag(make_event())

    assert seen() == [
        ("a-used", "Jam", [], False),
        ("b-unused", "Jam", [UNUSED], True),
        ("c-unproven", "Jam", ["Jam has 1 ticket types; it was tried with 0 at most."], True),
    ]
    first = reviews.coming(now=NOON)[0]
    assert (first.week, first.tried_with, first.keep) == (Week(1, 10, 20, 30, 2, 4), 50, None)


@pytest.mark.django_db
def test_use_counts_for_seven_days() -> None:
    event = make_sale()
    flag = make_unused_flag(event)
    make_hour(flag, event, at=NOON - timedelta(days=7))
    make_hour(flag, event, at=NOON - HOUR, uses=0)
    make_hour(flag, make_event())

    assert [one.faults for one in reviews.coming(now=NOON)] == [[UNUSED]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("over", "at", "secret"),
    [({"state": State.DRAFT}, T48, False), ({}, T48 + HOUR, False), ({}, NOON, False), ({}, T48, True)],
    ids=["a draft", "later", "open already", "secret"],
)
def test_only_public_on_sales_of_the_next_48_hours_count(over: dict[str, Any], at: datetime, secret: bool) -> None:
    event = make_event(**over)
    make_ticket_type(event=event, sale_starts_at=at, secret=secret)
    make_unused_flag(event)

    assert reviews.coming(now=NOON) == []


@pytest.mark.django_db
def test_review_reads_the_same_over_many_events_and_flags(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(10):
        event = make_sale(size=2)
        for _ in range(3):
            make_used_flag(event)

    with django_assert_num_queries(7):
        assert len(reviews.coming(now=NOON)) == 30


@pytest.mark.django_db
def test_review_switches_off_for_that_event_what_is_unused_or_unproven() -> None:
    event, organiser = make_sale(title="Jam"), make_organiser()
    used = make_used_flag(event)
    unused = make_unused_flag(event)
    whole = make_unused_flag(organiser)
    one_of_theirs, another = make_sale(organiser=organiser), make_event(organiser=organiser)

    done = [reviews.review(now=NOON), reviews.review(now=NOON + HOUR)]

    assert done == [2, 0]
    assert [is_on(used, event), is_on(unused, event)] == [True, False]
    assert [is_on(whole, one_of_theirs), is_on(whole, another)] == [False, True]
    off = Grant.objects.get(flag=unused)
    assert (off.is_on, off.switched_off_by, off.expires_at, off.given_by) == (False, Switch.REVIEW, None, None)
    assert off.reason == f"Before the on-sale on Fri 3 May 2030, 13:00 BST: {UNUSED}"
    changes = Change.objects.filter(by="automatic").order_by("what")
    assert [(change.what, change.at, change.reason) for change in changes] == [
        ("grant added", NOON, reviews.REASON), ("grant changed", NOON, reviews.REASON),
    ]  # fmt: skip


@pytest.mark.django_db
def test_incident_is_caught_before_the_sale_and_refused_a_day_before() -> None:
    event = make_sale(size=300, title="Festival")
    flag = make_flag("slow", kind=Kind.RELEASE, expires_at=NOON + timedelta(days=90))
    make_evidence(flag, ticket_types=20)
    override(flag, event, now=NOON - timedelta(days=9))  # as it was, so long before
    assert is_on(flag, event)

    reviews.review(now=NOON)

    assert not is_on(flag, event)
    assert Grant.objects.get().switched_off_by == Switch.REVIEW
    with pytest.raises(gates.Refused) as refused:
        grants.give(flag=flag, to=to(event), terms=ON, by=make_user(), now=NOON + timedelta(hours=24))
    assert refused.value.refusals == [
        "Festival has 300 ticket types; it was tried with 20 at most.",
        "Festival goes on sale on Fri 3 May 2030, 13:00 BST, within 48 hours.",
    ]


@pytest.mark.django_db
def test_what_an_override_has_turned_on_again_stays_on_for_that_on_sale() -> None:
    event = make_sale()
    flag = make_unused_flag(event)
    reviews.review(now=NOON)

    override(flag, event, now=NOON + HOUR)

    assert [reviews.review(now=NOON + HOUR * hours) for hours in (1, 2, 47)] == [0, 0, 0]
    assert is_on(flag, event, NOON + HOUR)
    assert Grant.objects.get().switched_off_by == ""


@pytest.mark.django_db
def test_kept_flag_stays_on_through_that_on_sale_and_those_soon_after_it() -> None:
    event, ada = make_sale(), make_user()
    flag = make_unused_flag(event)
    said: dict[str, Any] = {"flag": flag, "event_id": event.pk, "on_sale_at": T48, "by": ada}

    kept = reviews.keep(reason="They need it", now=NOON, **said)
    again = reviews.keep(reason="They need it still", now=NOON, **said)

    assert (kept, kept.reason, kept.kept_by) == (again, "They need it", ada)
    assert (seen()[0][3], reviews.review(now=NOON)) == (False, 0)
    assert reviews.coming(now=NOON)[0].keep == kept
    for after in (timedelta(hours=48), timedelta(hours=48, seconds=1)):
        make_ticket_type(event=event, sale_starts_at=T48 + after)
    assert [reviews.review(now=T48), reviews.review(now=T48 + timedelta(seconds=1))] == [0, 1]


@pytest.mark.django_db
def test_keeping_needs_a_reason() -> None:
    with pytest.raises(NoReason):
        reviews.keep(flag=make_flag(), event_id=make_event().pk, on_sale_at=T48, reason=" ", by=None, now=NOON)

    assert not Keep.objects.exists()


@pytest.mark.django_db
def test_those_whom_it_concerns_are_told_a_day_before_and_when_it_is_done() -> None:
    make_user(email="staff@example.com", is_staff=True)
    organiser = make_organiser(contact_email="fair@example.com")
    event = make_sale(T72, organiser=organiser, title="Jam <&>")
    flag = make_unused_flag(event, name="seat-maps", owner="ada@example.com", purpose="Seats on a map.")
    make_used_flag(event)

    for hours in (-1, 0, 1, 24, 25):
        reviews.review(now=NOON + HOUR * hours)

    ahead, done = (Notice.objects.filter(created_at=NOON + HOUR * hours).order_by("to") for hours in (0, 24))
    everyone = ["ada@example.com", "fair@example.com", "staff@example.com"]
    assert ([notice.to for notice in ahead], [notice.to for notice in done]) == (everyone, everyone)
    assert Notice.objects.count() == 6
    assert ahead[0].subject == "seat-maps will be switched off for Jam <&>"
    assert "Jam <&> goes on sale on Sat 4 May 2030, 13:00 BST." in ahead[0].body
    assert "switched off for this event on Thu 2 May 2030, 13:00 BST, unless it is kept" in ahead[0].body
    assert f"- {UNUSED}\n" in ahead[0].body
    assert done[0].subject == "seat-maps was switched off for Jam <&>"
    assert "seat-maps (Seats on a map.)" in done[0].body
    assert not is_on(flag, event, NOON + HOUR * 24)


@pytest.mark.django_db
def test_ticket_types_that_open_one_after_another_make_one_mail() -> None:
    event = make_event()
    make_unused_flag(event)
    for hours in (70, 71, 72):
        make_ticket_type(event=event, sale_starts_at=NOON + HOUR * hours)

    for hours in (0, 1, 2, 22, 23, 24):
        reviews.review(now=NOON + HOUR * hours)

    assert list(Notice.objects.order_by("pk").values_list("to", "created_at")) == [
        ("help@example.com", NOON), ("help@example.com", NOON + HOUR * 22),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("events", [1, 20])
def test_review_costs_the_same_but_for_its_mails(
    events: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    flag = make_tried_flag()
    for _ in range(events):
        make_grant(flag, make_sale())

    with django_assert_num_queries(7 + 7 + 7 + events):  # a look, another with the flags locked, the change itself
        reviews.review(now=NOON)


@pytest.mark.django_db
def test_at_most_a_batch_is_switched_off_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "BATCH", 2)
    flag = make_tried_flag()
    for _ in range(3):
        make_grant(flag, make_sale())

    assert [reviews.review(now=NOON) for _ in range(3)] == [2, 1, 0]


@COMMITTED
@pytest.mark.race
@pytest.mark.parametrize("how", ["kept", "overridden", "withdrawn", "proven and used"])
def test_review_that_waited_for_a_person_does_not_undo_what_they_did(how: str) -> None:
    event = make_sale()
    flag = make_flag()
    grant = make_grant(flag, event)

    def hold() -> None:
        """As whoever changes a flag does, until the end of the transaction."""
        type(flag).objects.select_for_update(no_key=True).get(pk=flag.pk)
        make_evidence(flag)
        make_hour(flag, event)

    during = {
        "kept": lambda: reviews.keep(
            flag=flag, event_id=event.pk, on_sale_at=T48, reason="They need it", by=None, now=NOON
        ),
        "overridden": lambda: override(flag, event, now=NOON),
        "withdrawn": lambda: grants.withdraw(grant=grant, reason="Over", by=None, now=NOON),
        "proven and used": hold,
    }[how]

    answer = work_beside(during, lambda: reviews.review(now=NOON))

    assert answer == 0
    assert is_on(flag, event) is (how != "withdrawn")
    assert not Notice.objects.filter(about__startswith="review_done").exists()


@COMMITTED
@pytest.mark.race
def test_grant_that_waited_for_the_review_is_refused() -> None:
    event = make_sale()
    flag = make_unused_flag(event)

    answer = work_beside(
        lambda: reviews.review(now=NOON),
        lambda: grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON),
    )

    assert isinstance(answer, gates.Refused)
    assert not is_on(flag, event)


@COMMITTED
@pytest.mark.race
def test_of_several_workers_one_switches_off() -> None:
    event = make_sale()
    made = [make_unused_flag(event) for _ in range(5)]

    done = race(*[lambda: reviews.review(now=NOON)] * 4)

    assert sum(one for one in done if isinstance(one, int)) == 5
    assert not any(is_on(flag, event) for flag in made)
    assert Change.objects.filter(what="grant changed").count() == 5


@COMMITTED
@pytest.mark.race
def test_review_and_kill_at_once_leave_it_off() -> None:
    event = make_sale()
    flag = make_unused_flag(event)

    done = race(
        lambda: reviews.review(now=NOON),
        lambda: flags.kill(flag=flag, reason="Stop", by=None, now=NOON),
        lambda: override(flag, event, now=NOON),
    )

    assert {type(one) for one in done} <= {int, type(None), Grant, grants.FlagIsKilled}
    assert not is_on(flag, event)
