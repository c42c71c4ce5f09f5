"""Staff at the same flag at the same moment: one after another, each told what it is by then, and all of it written."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from flags.actions import flags, grants
from flags.models import Change, Flag, Grant, Prerequisite, Stage
from tests.buyers import COMMITTED, race
from tests.flags.makers import HOUR, NOON, answers, is_on, make_flag, make_grant, make_tried_flag, to
from tests.lock_waits import work_beside
from tests.makers import make_event, make_user

pytestmark = [COMMITTED, pytest.mark.race]


def counted() -> Counter[str]:
    return Counter(Change.objects.exclude(what="flag added").values_list("what", flat=True))


def test_two_who_grant_at_once_make_one_grant_and_both_are_written_down() -> None:
    flag, event, staff = make_tried_flag(), make_event(), [make_user() for _ in range(6)]

    def give(place: int) -> Callable[[], Grant]:
        terms = grants.Terms(is_on=place % 2 == 0, reason=f"Reason {place}")
        return lambda: grants.give(flag=flag, to=to(event), terms=terms, by=staff[place], now=NOON)

    given = race(*[give(place) for place in range(6)])

    last = Change.objects.all()[0]
    grant = Grant.objects.get()
    assert [type(one) for one in given] == [Grant] * 6
    assert counted() == {"grant added": 1, "grant changed": 5}
    assert (last.reason, last.by) == (grant.reason, str(grant.given_by))
    assert is_on(flag, event) is grant.is_on


def test_kill_while_granting_leaves_the_flag_off() -> None:
    flag, events = make_tried_flag(), [make_event() for _ in range(6)]
    terms = grants.Terms(is_on=True, reason="Trial")

    def give(place: int) -> Callable[[], object]:
        return lambda: grants.give(flag=flag, to=to(events[place]), terms=terms, by=None, now=NOON)

    done = race(
        *[give(place) for place in range(3)],
        lambda: flags.kill(flag=flag, reason="Stop", by=None, now=NOON),
        *[give(place) for place in range(3, 6)],
    )

    assert {type(one) for one in done} <= {Grant, type(None), grants.FlagIsKilled}
    assert not any(answers(event)[flag.name] for event in events)


def test_grant_that_waited_for_a_kill_is_refused() -> None:
    flag, event = make_flag(), make_event()
    terms = grants.Terms(is_on=True, reason="Trial")

    answer = work_beside(
        lambda: flags.kill(flag=flag, reason="Stop", by=None, now=NOON),
        lambda: grants.give(flag=flag, to=to(event), terms=terms, by=None, now=NOON),
    )

    assert isinstance(answer, grants.FlagIsKilled)
    assert not Grant.objects.exists()


def test_grant_renewed_as_it_expires_holds_on() -> None:
    flag, event = make_tried_flag(), make_event()
    make_grant(flag, event, expires_at=NOON)
    terms = grants.Terms(is_on=True, reason="Longer")

    seen = race(
        *[lambda: is_on(flag, event)] * 3,
        lambda: grants.give(flag=flag, to=to(event), terms=terms, by=None, now=NOON),
        *[lambda: is_on(flag, event)] * 3,
    )

    assert {type(one) for one in seen} == {bool, Grant}
    assert [is_on(flag, event, NOON + timedelta(days=days)) for days in (0, 14)] == [True, False]


def test_of_those_who_withdraw_at_once_one_does() -> None:
    grant = make_grant(make_flag(), make_event())

    done = race(*[lambda: grants.withdraw(grant=grant, reason="Over", by=None, now=NOON)] * 4)

    assert Counter(type(one) for one in done) == {type(None): 1, grants.NotGranted: 3}
    assert counted() == {"grant added": 1, "grant removed": 1}


def test_of_those_who_move_a_flag_at_once_none_skips_a_step() -> None:
    flag = make_flag(stage=Stage.TRIAL)

    done = race(
        *[
            lambda stage=stage: flags.change_stage(flag=Flag(pk=flag.pk), to=stage, reason="Go", by=None, now=NOON)
            for stage in (Stage.BETA, Stage.GENERAL, Stage.BETA, Stage.GENERAL)
        ]
    )

    steps = [(change.before or {})["stage"] for change in Change.objects.filter(what="flag changed").order_by("pk")]
    assert {type(one) for one in done} <= {type(None), flags.NotAStep}
    assert steps[:2] in (["trial"], ["trial", "beta"])


def test_two_halves_of_a_circle_are_not_written_at_once() -> None:
    one, other = make_flag(), make_flag()

    def require(flag: Flag, required: Flag) -> Callable[[], None]:
        return lambda: flags.require(flag=flag, prerequisites=[required], reason="Trial", by=None, now=NOON)

    done = race(require(one, other), require(other, one))

    assert sorted(type(answer).__name__ for answer in done) == ["Circle", "NoneType"]
    assert Prerequisite.objects.count() == 1


def test_two_halves_of_a_circle_by_hand_are_not_written_either() -> None:
    one, other = make_flag(), make_flag()

    answer = work_beside(
        lambda: Prerequisite.objects.create(flag=one, requires=other),
        lambda: Prerequisite.objects.create(flag=other, requires=one),
    )

    assert "would require itself" in str(answer)


def test_grants_to_an_organiser_and_to_their_events_do_not_lock_each_other_out() -> None:
    flag, second = make_tried_flag(), make_tried_flag()
    events = [make_event()]
    events += [make_event(organiser=events[0].organiser) for _ in range(3)]
    terms = grants.Terms(is_on=True, reason="Trial", expires_at=NOON + HOUR)

    def give(what: Flag, whom: object) -> Callable[[], object]:
        return lambda: grants.give(flag=what, to=to(whom), terms=terms, by=None, now=NOON)  # type: ignore[arg-type]  # an event or an organiser

    done = race(give(flag, events[0].organiser), *[give(second, event) for event in reversed(events)])

    assert [type(one) for one in done] == [Grant] * 5
