"""Granted and not used for seven days: it ends, and those whom it concerns are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from flags.actions import grants, reviews
from flags.models import Change, Grant, Kind, Notice, Stage
from tests.buyers import COMMITTED, race
from tests.flags.makers import HOUR, NOON, is_on, make_flag, make_grant, make_tried_flag, to
from tests.lock_waits import work_beside
from tests.makers import make_event, make_organiser

WEEK_AGO = NOON - timedelta(days=7)
ON = grants.Terms(is_on=True, reason="They begin tomorrow")


def make_old(flag: Any, whom: Any, **over: Any) -> Grant:
    return make_grant(flag, whom, **{"created_at": WEEK_AGO, **over})


@pytest.mark.django_db
def test_grant_that_nobody_has_used_for_seven_days_ends() -> None:
    event = make_event()
    never, lately, long_ago = (make_flag() for _ in range(3))
    make_old(never, event)
    make_old(lately, event, last_used_at=WEEK_AGO + HOUR)
    make_old(long_ago, event, created_at=WEEK_AGO - HOUR, last_used_at=WEEK_AGO)

    done = [reviews.expire_unused(now=NOON), reviews.expire_unused(now=NOON)]

    assert done == [2, 0]
    assert [is_on(flag, event) for flag in (never, lately, long_ago)] == [False, True, False]
    assert Grant.objects.get(flag=never).expires_at == NOON
    assert set(Change.objects.filter(what="grant changed").values_list("by", "at", "reason")) == {
        ("automatic", NOON, "Granted, and not used for 7 days.")
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("flag", "grant"),
    [
        ({}, {"created_at": WEEK_AGO + HOUR}),
        ({}, {"is_on": False}),
        ({}, {"expires_at": NOON - HOUR}),
        ({"stage": Stage.GENERAL}, {}),
        ({"stage": Stage.DRAFT}, {}),
        ({"kind": Kind.PERMISSION}, {}),
    ],
    ids=["young", "off", "over", "general", "draft", "permission"],
)
def test_other_grants_stay_as_they_are(flag: dict[str, Any], grant: dict[str, Any]) -> None:
    made = make_old(make_flag(**flag), make_event(), **grant)

    assert reviews.expire_unused(now=NOON) == 0
    assert Grant.objects.get().expires_at == made.expires_at


@pytest.mark.django_db
def test_owner_and_organiser_are_told_once_in_plain_words() -> None:
    organiser = make_organiser(name="Jam & Co", contact_email="fair@example.com")
    flag = make_flag("seat-maps", owner="ada@example.com", purpose="Seats on a map.")
    make_old(flag, organiser)
    make_old(flag, make_event(organiser=organiser, title="Jam"))

    for _ in range(2):
        reviews.expire_unused(now=NOON)

    told = Notice.objects.order_by("pk")
    assert [notice.to for notice in told] == ["ada@example.com", "fair@example.com"] * 2
    assert told[0].subject == "seat-maps was not used for 7 days: its trial for Jam & Co has ended"
    assert "It was on for all events of Jam & Co, and nobody has used it for 7 days." in told[0].body
    assert "seat-maps (Seats on a map.) is a feature" in told[2].body
    assert "It was on for the event Jam," in told[2].body


@pytest.mark.django_db
def test_given_again_it_has_seven_more_days() -> None:
    flag, event = make_tried_flag(), make_event()
    make_old(flag, event, created_at=WEEK_AGO - HOUR)
    reviews.expire_unused(now=NOON)

    grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON + HOUR)

    later = [NOON + HOUR, NOON + HOUR + timedelta(days=7) - HOUR / 60, NOON + HOUR + timedelta(days=7)]
    assert [reviews.expire_unused(now=moment) for moment in later] == [0, 0, 1]
    assert Notice.objects.filter(to="help@example.com").count() == 2


@pytest.mark.django_db
def test_reading_costs_the_same_however_many_end(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(60):
        make_old(make_flag(), make_event())

    with django_assert_num_queries(8 + 50):  # and one for each one's mails
        assert reviews.expire_unused(now=NOON) == 50
    assert reviews.expire_unused(now=NOON) == 10


@COMMITTED
@pytest.mark.race
@pytest.mark.parametrize("what", ["renewed", "used", "withdrawn", "turned off"])
def test_expiry_that_waited_for_a_person_does_not_undo_what_they_did(what: str) -> None:
    flag, event = make_tried_flag(), make_event()
    grant = make_old(flag, event)
    off = grants.Terms(is_on=False, reason="Too slow")

    def use() -> None:
        type(flag).objects.select_for_update(no_key=True).get(pk=flag.pk)
        Grant.objects.update(last_used_at=NOON)

    during: Callable[[], object] = {
        "renewed": lambda: grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON),
        "used": use,
        "withdrawn": lambda: grants.withdraw(grant=grant, reason="Over", by=None, now=NOON),
        "turned off": lambda: grants.give(flag=flag, to=to(event), terms=off, by=None, now=NOON),
    }[what]

    answer = work_beside(during, lambda: reviews.expire_unused(now=NOON))

    assert answer == 0
    assert is_on(flag, event) is (what in {"renewed", "used"})
    assert not Notice.objects.exists()


@COMMITTED
@pytest.mark.race
def test_grant_that_waited_for_the_expiry_holds() -> None:
    flag, event = make_tried_flag(), make_event()
    make_old(flag, event)

    answer = work_beside(
        lambda: reviews.expire_unused(now=NOON),
        lambda: grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON),
    )

    assert isinstance(answer, Grant)
    assert is_on(flag, event)


@COMMITTED
@pytest.mark.race
def test_grant_and_expiry_at_once_leave_it_on() -> None:
    flag, event = make_tried_flag(), make_event()
    make_old(flag, event)

    done = race(
        *[lambda: reviews.expire_unused(now=NOON)] * 3,
        lambda: grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON),
    )

    assert {type(one) for one in done} == {int, Grant}
    assert is_on(flag, event)
    assert Notice.objects.filter(to="help@example.com").count() <= 1
