"""Inviting to a team: the link is in the mail alone, lapses after three days, and lets one person in once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils.timezone import now

from accounts.actions import invitations, team
from accounts.models import Invitation, LogEntry, Membership, Organiser, Role, User
from tests.accounts.visitors import ADA, link, log_in, sign_up
from tests.buyers import NOON
from tests.makers import make_event, make_organiser, make_user

pytestmark = pytest.mark.django_db
GRACE = "grace@example.com"


@pytest.fixture
def owner() -> User:
    return make_user(full_name="Olive Owner")


@pytest.fixture
def organiser(owner: User) -> Organiser:
    return make_organiser(owner=owner, name="Riverside Makers", slug="riverside")


def invite(organiser: Organiser, **over: Any) -> invitations.Issued:
    by = organiser.members.first()
    facts: dict[str, Any] = {"email": GRACE, "role": Role.MANAGER, "events": None, "now": NOON, "by": by, **over}
    return invitations.invite(organiser=organiser, **facts)


def said(organiser: Organiser) -> list[str]:
    return list(LogEntry.objects.filter(organiser=organiser).order_by("pk").values_list("said", flat=True))


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_accepts_is_a_member_for_the_chosen_events_and_the_log_tells(organiser: Organiser) -> None:
    event = make_event(organiser=organiser, title="Autumn Conference")
    grace = make_user(email=GRACE, full_name="Grace Hopper")
    issued = invite(organiser, events=[event])

    member = invitations.accept(token=issued.token, user=grace, now=NOON)

    assert (member.role, member.is_limited, list(member.events.all())) == (Role.MANAGER, True, [event])
    assert not Invitation.objects.exists()
    assert said(organiser) == [
        "grace@example.com was invited as Manager for Autumn Conference.",
        "Grace Hopper joined the team as Manager for Autumn Conference.",
    ]


def test_token_is_not_in_the_table_and_works_once(organiser: Organiser) -> None:
    grace, issued = make_user(email=GRACE), invite(organiser)
    row = Invitation.objects.values().get()

    invitations.accept(token=issued.token, user=grace, now=NOON)

    assert issued.token not in str(row)
    with pytest.raises(invitations.Gone):
        invitations.accept(token=issued.token, user=grace, now=NOON)


def test_link_lapses_after_three_days_and_not_before(organiser: Organiser) -> None:
    issued = invite(organiser)
    grace, end = make_user(email=GRACE), NOON + timedelta(days=3)

    still = invitations.open_one(token=issued.token, now=end - timedelta(seconds=1))

    assert still == issued.invitation
    with pytest.raises(invitations.Gone):
        invitations.accept(token=issued.token, user=grace, now=end)


def test_sent_again_there_is_a_new_link_and_the_old_one_is_dead(organiser: Organiser, owner: User) -> None:
    first = invite(organiser)
    later = NOON + timedelta(days=4)

    second = invitations.send_again(invitation=first.invitation, by=owner, now=later)

    assert invitations.open_one(token=second.token, now=later + timedelta(days=2)) == first.invitation
    with pytest.raises(invitations.Gone):
        invitations.open_one(token=first.token, now=NOON)
    with pytest.raises(invitations.TooSoon):
        invitations.send_again(invitation=first.invitation, by=owner, now=later + timedelta(seconds=59))


def test_withdrawn_it_lets_nobody_in(organiser: Organiser, owner: User) -> None:
    issued = invite(organiser)

    invitations.withdraw(invitation=issued.invitation, by=owner, now=NOON)

    with pytest.raises(invitations.Gone):
        invitations.open_one(token=issued.token, now=NOON)
    assert said(organiser)[-1] == "The invitation of grace@example.com was withdrawn."


def test_only_the_address_that_was_written_to_joins(organiser: Organiser) -> None:
    issued, other = invite(organiser), make_user()

    with pytest.raises(invitations.NotYours):
        invitations.accept(token=issued.token, user=other, now=NOON)
    assert not Membership.objects.filter(user=other).exists()


def test_members_and_invited_people_are_not_invited_again(organiser: Organiser, owner: User) -> None:
    invite(organiser)

    with pytest.raises(invitations.AlreadyInvited):
        invite(organiser, email=GRACE.upper())
    with pytest.raises(invitations.AlreadyMember):
        invite(organiser, email=owner.email.upper())
    with pytest.raises(team.OwnersHaveAll):
        invite(organiser, email="x@example.com", role=Role.OWNER, events=[])


def test_no_more_than_so_many_invitations_are_open(organiser: Organiser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_OPEN", 1)
    invite(organiser)

    with pytest.raises(invitations.TooMany):
        invite(organiser, email="x@example.com")


def test_who_is_a_member_meanwhile_stays_what_they_are(organiser: Organiser) -> None:
    grace, issued = make_user(email=GRACE), invite(organiser, role=Role.DOOR)
    Membership.objects.create(organiser=organiser, user=grace, role=Role.MANAGER)

    member = invitations.accept(token=issued.token, user=grace, now=NOON)

    assert (member.role, Membership.objects.filter(user=grace).count()) == (Role.MANAGER, 1)


def test_from_the_page_to_the_team_by_signing_up_without_another_mail(organiser: Organiser, owner: User) -> None:
    browser_of(owner).post("/organise/riverside/-/team/", {"email": GRACE, "role": "finance", "reach": "all"})
    letter, path, client = mail.outbox[-1], link(), Client()

    shown = client.get(path).content.decode()
    form = client.get("/signup/", {"next": path})
    signed_up = sign_up(client, email=GRACE, next=path)
    joined = client.post(path)

    assert (letter.to, letter.subject) == ([GRACE], "Join the team of Riverside Makers")
    assert "Olive Owner invites you to the team of Riverside Makers, as Finance for all events." in letter.body
    assert f"/signup/?next={path}" in shown
    assert f'value="{GRACE}"' in form.content.decode()
    assert (signed_up.status_code, signed_up.headers["Location"]) == (302, path)
    assert joined.headers["Location"] == "/organise/"
    assert len(mail.outbox) == 1
    assert "Riverside Makers" in client.get("/organise/").content.decode()


def test_who_signs_up_from_it_with_another_address_confirms_that_one(organiser: Organiser) -> None:
    issued = invite(organiser, now=now())
    path, client = f"/accounts/invitations/{issued.token}/", Client()
    client.get(path)

    answer = sign_up(client, next=path)

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert mail.outbox[-1].to == [ADA["email"]]


def test_page_leads_who_has_an_account_to_log_in_and_back(organiser: Organiser) -> None:
    make_user(email=GRACE)
    path, client = f"/accounts/invitations/{invite(organiser, now=now()).token}/", Client()

    shown = client.get(path).content.decode()
    came = log_in(client, GRACE, next=path)

    assert f'href="/login/?next={path}"' in shown
    assert came.headers["Location"] == path
    assert "Join the team" in client.get(path).content.decode()


def test_page_tells_somebody_else_so_and_a_stranger_nothing(organiser: Organiser) -> None:
    path, other = f"/accounts/invitations/{invite(organiser, now=now()).token}/", browser_of(make_user())

    told = other.post(path)
    unknown = Client().get("/accounts/invitations/nonsense/")

    assert f"The invitation is for {GRACE}" in told.content.decode()
    assert Membership.objects.filter(organiser=organiser).count() == 1
    assert (unknown.status_code, "Riverside" in unknown.content.decode()) == (404, False)
