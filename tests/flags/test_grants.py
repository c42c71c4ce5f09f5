"""Giving and withdrawing grants: to whom, for how long, signed by whom; and what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from events.models import Event
from flags.actions import grants
from flags.audit import NoReason
from flags.models import Change, Grant, Switch
from flags.models.grants import Recipient
from tests.flags.makers import HOUR, NOON, changes_of, is_on, make_flag, make_grant, make_tried_flag, to
from tests.makers import make_event, make_organiser, make_user

pytestmark = pytest.mark.django_db

ON = grants.Terms(is_on=True, reason="Ada asked")
OFF = grants.Terms(is_on=False, reason="Too slow")


def version_of(event: Event) -> int:
    return Event.objects.values_list("version", flat=True).get(pk=event.pk)


def test_grant_is_signed_and_holds_for_fourteen_days() -> None:
    flag, event, ada = make_tried_flag(), make_event(), make_user(email="ada@example.com")

    given = grants.give(flag=flag, to=to(event), terms=ON, by=ada, now=NOON)

    assert (given.given_by, given.created_at, given.expires_at) == (ada, NOON, NOON + timedelta(days=14))
    assert [is_on(flag, event, now) for now in (NOON, NOON + timedelta(days=14))] == [True, False]
    assert [(what, by, reason) for what, by, reason, _ in changes_of(flag)[1:]] == [
        ("grant added", "ada@example.com", "Ada asked")
    ]


def test_grant_may_say_how_long_it_holds() -> None:
    terms = grants.Terms(is_on=True, reason="An hour", expires_at=NOON + HOUR)

    given = grants.give(flag=make_tried_flag(), to=to(make_event()), terms=terms, by=None, now=NOON)

    assert given.expires_at == NOON + HOUR


def test_grant_to_an_organiser_is_for_all_their_events() -> None:
    flag, organiser = make_tried_flag(), make_organiser()

    grants.give(flag=flag, to=to(organiser), terms=ON, by=None, now=NOON)

    assert is_on(flag, make_event(organiser=organiser))
    assert not is_on(flag, make_event())


def test_giving_again_changes_the_grant_that_there_is() -> None:
    flag, event = make_tried_flag(), make_event()
    first = grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON)

    second = grants.give(flag=flag, to=to(event), terms=OFF, by=make_user(), now=NOON + HOUR)

    assert (second.pk, second.created_at) == (first.pk, NOON)
    assert (second.is_on, second.expires_at) == (False, NOON + HOUR + timedelta(days=14))
    assert Grant.objects.count() == 1


def test_withdrawn_grant_is_as_if_not_given_but_for_the_audit() -> None:
    flag, event = make_tried_flag(), make_event()
    given = grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON)

    grants.withdraw(grant=given, reason="The trial is over", by=None, now=NOON + HOUR)

    assert not is_on(flag, event)
    last = Change.objects.first()
    assert last is not None
    assert (last.what, last.at, last.event, last.reason) == (
        "grant removed", NOON + HOUR, event, "The trial is over",
    )  # fmt: skip
    with pytest.raises(grants.NotGranted):
        grants.withdraw(grant=given, reason="Again", by=None, now=NOON)


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_granted_or_withdrawn_without_a_reason(reason: str) -> None:
    flag, event = make_flag(), make_event()
    grant = make_grant(flag, make_event())

    for act in (
        lambda: grants.give(flag=flag, to=to(event), terms=grants.Terms(True, reason), by=None, now=NOON),
        lambda: grants.withdraw(grant=grant, reason=reason, by=None, now=NOON),
    ):
        with pytest.raises(NoReason):
            act()

    assert list(Grant.objects.all()) == [grant]


def test_killed_flag_is_granted_off_and_not_on() -> None:
    flag, event = make_flag(is_killed=True), make_event()

    with pytest.raises(grants.FlagIsKilled):
        grants.give(flag=flag, to=to(event), terms=ON, by=None, now=NOON)

    assert grants.give(flag=flag, to=to(event), terms=OFF, by=None, now=NOON).is_on is False


def test_grant_that_would_be_over_is_refused() -> None:
    terms = grants.Terms(is_on=True, reason="Too late", expires_at=NOON)

    with pytest.raises(grants.IsOver):
        grants.give(flag=make_flag(), to=to(make_event()), terms=terms, by=None, now=NOON)


@pytest.mark.parametrize("ids", [{}, {"event_id": 1, "organiser_id": 1}], ids=["nobody", "both"])
def test_grant_is_to_an_event_or_to_an_organiser(ids: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="one event or to one organiser"):
        Recipient(**ids)


CHANGES: dict[str, Callable[[Grant], object]] = {
    "changed": lambda grant: Grant.objects.filter(pk=grant.pk).update(is_on=False),
    "taken back": lambda grant: grants.withdraw(grant=grant, reason="Over", by=None, now=NOON),
    "deleted": lambda grant: Grant.objects.filter(pk=grant.pk).delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("whose", ["event", "organiser"])
def test_grant_raises_the_version_of_each_event_it_is_about(whose: str, change: Callable[[Grant], object]) -> None:
    flag, event, stranger = make_tried_flag(), make_event(), make_event()
    second = make_event(organiser=event.organiser)
    events = [event, second, stranger]
    about = [True, whose == "organiser", False]
    before = [version_of(one) for one in events]

    given = grants.give(flag=flag, to=to(event.organiser if whose == "organiser" else event), terms=ON,
                        by=None, now=NOON)  # fmt: skip
    after_giving = [version_of(one) for one in events]
    change(given)

    assert [after > earlier for after, earlier in zip(after_giving, before, strict=True)] == about
    assert [version_of(one) > earlier for one, earlier in zip(events, after_giving, strict=True)] == about


def test_grant_that_moves_raises_the_version_of_both() -> None:
    flag, events = make_flag(), [make_event(), make_event()]
    grant = make_grant(flag, events[0])
    before = [version_of(event) for event in events]

    Grant.objects.filter(pk=grant.pk).update(event=events[1])

    assert all(version_of(event) > earlier for event, earlier in zip(events, before, strict=True))


def test_use_of_a_grant_raises_no_version_and_is_no_change() -> None:
    flag, event = make_flag(), make_event()
    grant = make_grant(flag, event)
    before, changes = version_of(event), Change.objects.count()

    Grant.objects.filter(pk=grant.pk).update(last_used_at=NOON)

    assert (version_of(event), Change.objects.count()) == (before, changes)


@pytest.mark.parametrize("by", [Switch.GUARD, Switch.REVIEW])
def test_what_the_site_switched_off_stays_off_when_it_is_granted_off(by: str) -> None:
    flag, event = make_flag(), make_event()
    make_grant(flag, event.organiser)
    make_grant(flag, event, is_on=False, switched_off_by=by)

    given = grants.give(
        flag=flag, to=to(event), terms=grants.Terms(is_on=False, reason="Still slow"), by=make_user(), now=NOON
    )

    assert (given.switched_off_by, given.expires_at, given.reason) == (by, None, "Still slow")
    assert not is_on(flag, event, NOON + timedelta(days=15))
