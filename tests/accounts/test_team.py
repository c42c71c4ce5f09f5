"""Changing and removing members: an organiser keeps an owner, whoever acts at once; and making an organiser."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import invitations, organisers, team
from accounts.models import LogEntry, Membership, Organiser, Role, User
from tests.buyers import COMMITTED, NOON, race
from tests.makers import make_event, make_organiser, make_user

ALONE = pytest.mark.django_db


def make_team(owners: int = 1) -> tuple[Organiser, list[Membership]]:
    """An organiser with so many owners."""
    organiser = make_organiser(name="Riverside")
    users = [make_user(full_name=f"Owner {number}") for number in range(owners)]
    return organiser, [Membership.objects.create(organiser=organiser, user=user, role=Role.OWNER) for user in users]


def last_said(organiser: Organiser) -> str:
    return LogEntry.objects.filter(organiser=organiser).order_by("pk").values_list("said", flat=True)[0]


@ALONE
def test_change_gives_role_and_events_and_the_log_tells_both() -> None:
    organiser, (owner,) = make_team()
    events = [make_event(organiser=organiser, title=title) for title in ("Spring Fair", "Autumn Fair")]
    member = Membership.objects.create(organiser=organiser, user=make_user(full_name="Grace"), role=Role.MANAGER)

    team.change(member=member, role=Role.DOOR, events=events, by=owner.user, now=NOON)
    team.change(member=member, role=Role.DOOR, events=events, by=owner.user, now=NOON)

    member.refresh_from_db()
    assert (member.role, member.is_limited, set(member.events.all())) == (Role.DOOR, True, set(events))
    assert list(LogEntry.objects.values_list("said", "by")) == [
        ("Grace was Manager for all events and is Door for Autumn Fair and Spring Fair.", "Owner 0")
    ]


@ALONE
def test_member_for_all_events_again_has_no_chosen_ones() -> None:
    organiser, (owner,) = make_team()
    member = team.add(
        organiser=organiser, user=make_user(), role=Role.DOOR, events=[make_event(organiser=organiser)], now=NOON
    )

    team.change(member=member, role=Role.DOOR, events=None, by=owner.user, now=NOON)

    member.refresh_from_db()
    assert (member.is_limited, member.events.count()) == (False, 0)


@ALONE
def test_last_owner_is_neither_demoted_nor_limited_nor_removed() -> None:
    organiser, (owner,) = make_team()

    with pytest.raises(team.LastOwner):
        team.change(member=owner, role=Role.MANAGER, events=None, by=owner.user, now=NOON)
    with pytest.raises(team.OwnersHaveAll):
        team.change(member=owner, role=Role.OWNER, events=[], by=owner.user, now=NOON)
    with pytest.raises(team.LastOwner):
        team.remove(member=owner, by=owner.user, now=NOON)
    assert not LogEntry.objects.filter(organiser=organiser).exists()


@ALONE
def test_removed_member_is_gone_and_the_log_names_them() -> None:
    organiser, (first, second) = make_team(2)

    team.remove(member=second, by=first.user, now=NOON)

    assert list(organiser.memberships.all()) == [first]
    assert last_said(organiser) == "Owner 1, Owner for all events, was removed from the team."
    with pytest.raises(team.NotOfTheTeam):
        team.remove(member=second, by=first.user, now=NOON)


def ends(act: Callable[[], object]) -> str:
    try:
        act()
    except team.LastOwner:
        return "kept"
    return "gone"


@COMMITTED
@pytest.mark.race
def test_owners_who_remove_and_demote_each_other_at_once_leave_one() -> None:
    organiser, owners = make_team(6)
    acts = [
        partial(team.remove, member=owner, by=owners[0].user, now=NOON)
        if place % 2
        else partial(team.change, member=owner, role=Role.MANAGER, events=None, by=owners[0].user, now=NOON)
        for place, owner in enumerate(owners)
    ]

    raced = race(*(partial(ends, act) for act in acts))

    assert (raced.count("gone"), raced.count("kept")) == (5, 1)
    assert organiser.memberships.filter(role=Role.OWNER).count() == 1


def demote_around_the_act(member: Membership) -> str:
    """As staff's pages would, or whoever forgets the act."""
    try:
        with transaction.atomic():
            Membership.objects.filter(pk=member.pk).update(role=Role.DOOR)
    except IntegrityError:
        return "kept"
    return "gone"


@COMMITTED
@pytest.mark.race
def test_database_keeps_an_owner_whoever_writes() -> None:
    organiser, owners = make_team(6)

    raced = race(*(partial(demote_around_the_act, owner) for owner in owners))

    assert (raced.count("gone"), raced.count("kept")) == (5, 1)
    assert organiser.memberships.filter(role=Role.OWNER).count() == 1


@COMMITTED
def test_organiser_that_goes_takes_its_last_owner_along() -> None:
    organiser, _ = make_team()

    organiser.delete()

    assert not Membership.objects.exists()


@COMMITTED
@pytest.mark.race
def test_invitation_accepted_in_many_tabs_makes_one_member() -> None:
    organiser, (owner,) = make_team()
    grace = make_user()
    issued = invitations.invite(
        organiser=organiser, email=grace.email, role=Role.DOOR, events=None, by=owner.user, now=NOON
    )

    def accept() -> str:
        try:
            invitations.accept(token=issued.token, user=User.objects.get(pk=grace.pk), now=NOON)
        except invitations.Gone:
            return "gone"
        return "joined"

    raced = race(*[accept] * 6)

    assert (raced.count("joined"), raced.count("gone")) == (1, 5)
    assert Membership.objects.filter(user=grace).count() == 1


@ALONE
def test_who_makes_an_organiser_owns_it() -> None:
    user = make_user()

    made = organisers.create(name="Riverside", slug="riverside", contact_email="hi@example.com", by=user, now=NOON)

    assert list(made.memberships.values_list("user", "role")) == [(user.pk, Role.OWNER)]
    assert last_said(made) == "Riverside was created, at /riverside/."
    with pytest.raises(organisers.SlugTaken):
        organisers.create(name="Other", slug="riverside", contact_email="hi@example.com", by=user, now=NOON)


@COMMITTED
@pytest.mark.race
def test_one_address_is_given_once_however_many_want_it() -> None:
    users = [make_user() for _ in range(6)]

    def create(user: User) -> str:
        try:
            organisers.create(name="R", slug="riverside", contact_email="hi@example.com", by=user, now=NOON)
        except organisers.SlugTaken:
            return "taken"
        return "made"

    raced = race(*(partial(create, user) for user in users))

    assert (raced.count("made"), raced.count("taken")) == (1, 5)


@ALONE
@pytest.mark.parametrize(
    ("name", "slug"),
    [("Café du Nord!", "cafe-du-nord"), ("Admin", "admin-2"), ("Taken", "taken-3"), ("中文", ""), ("_", "")],
)
def test_address_that_is_free_follows_from_a_name(name: str, slug: str) -> None:
    make_organiser(slug="taken")
    make_organiser(slug="taken-2")

    assert organisers.free_slug(name) == slug
