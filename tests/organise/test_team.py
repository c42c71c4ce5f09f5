"""The team's pages: what each role may do, inviting, changing and removing, and who is asked first."""

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Invitation, Membership, Organiser, Role, User
from tests.accounts.visitors import summary
from tests.makers import make_event, make_organiser, make_user
from tests.organise.places import browser_of

pytestmark = pytest.mark.django_db
TEAM = "/organise/riverside/-/team/"
GRACE = {"email": "grace@example.com", "role": "manager", "reach": "all"}


@pytest.fixture
def owner() -> User:
    return make_user(full_name="Olive Owner")


@pytest.fixture
def organiser(owner: User) -> Organiser:
    return make_organiser(owner=owner, name="Riverside Makers", slug="riverside")


@pytest.fixture
def client(owner: User, organiser: Organiser) -> Client:
    return browser_of(owner)


def make_member(organiser: Organiser, role: str = Role.MANAGER, **over: Any) -> Membership:
    return Membership.objects.create(organiser=organiser, user=make_user(**over), role=role)


def page_of(member: Membership) -> str:
    return f"{TEAM}{member.pk}/"


def test_page_says_what_each_role_may_do(client: Client) -> None:
    text = client.get(TEAM).content.decode()

    assert "May do everything." in text
    assert "May check people in." in text
    assert "May see events, ticket types and rehearsals, see orders and attendees and see what was taken" in text


def test_invitation_is_sent_listed_sent_again_and_withdrawn(client: Client) -> None:
    client.post(TEAM, GRACE)
    asked = Invitation.objects.get()
    listed = client.get(TEAM).content.decode()
    path = f"/organise/riverside/-/invitations/{asked.pk}/"
    too_soon = client.post(f"{path}mail/", follow=True).content.decode()
    Invitation.objects.update(sent_at="2020-01-01T00:00Z")
    again = client.post(f"{path}mail/", follow=True).content.decode()
    client.post(f"{path}withdrawal/")

    assert "The invitation is on its way to grace@example.com." in listed
    assert "is less than a minute old" in too_soon
    assert "The invitation is on its way" in again
    assert len(mail.outbox) == 2
    assert not Invitation.objects.exists()


def test_invitation_with_faults_keeps_all_that_was_typed(client: Client, organiser: Organiser, owner: User) -> None:
    event = make_event(organiser=organiser, title="Autumn Fair")

    nobody = client.post(TEAM, {"email": "grace", "reach": "chosen"})
    limited_owner = client.post(TEAM, {**GRACE, "role": "owner", "reach": "chosen", "events": event.pk})
    known = client.post(TEAM, {**GRACE, "email": owner.email, "reach": "chosen", "events": event.pk})

    assert summary(nobody) == [
        "Enter a valid email address.", "Choose a role.", "Choose an event, or all events.",
    ]  # fmt: skip
    assert summary(limited_owner) == ["An owner has all events."]
    assert summary(known) == ["Somebody of the team has this address."]
    assert {answer.status_code for answer in (nobody, limited_owner, known)} == {422}
    text = known.content.decode()
    assert text.count(" checked") == 3
    assert f'value="{owner.email}"' in text
    assert not mail.outbox


def test_events_of_others_cannot_be_chosen(client: Client) -> None:
    theirs = make_event(title="Secret gathering")

    answer = client.post(TEAM, {**GRACE, "reach": "chosen", "events": theirs.pk})

    assert (answer.status_code, "Secret gathering" in answer.content.decode()) == (422, False)


def test_member_is_changed_and_sees_only_the_chosen_event(client: Client, organiser: Organiser) -> None:
    event = make_event(organiser=organiser, title="Autumn Fair")
    make_event(organiser=organiser, title="Spring Fair")
    member = make_member(organiser)

    client.post(page_of(member), {"role": "read_only", "reach": "chosen", "events": event.pk})

    seen = browser_of(member.user).get("/organise/").content.decode()
    assert ("Autumn Fair" in seen, "Spring Fair" in seen) == (True, False)
    assert "checked" in client.get(page_of(member)).content.decode()


def test_owner_is_asked_before_they_give_it_up(client: Client, organiser: Organiser, owner: User) -> None:
    make_member(organiser, Role.OWNER)
    own = Membership.objects.get(user=owner)
    form = {"role": "manager", "reach": "all"}

    asked = client.post(page_of(own), form)
    before = Membership.objects.get(user=owner).role
    done = client.post(page_of(own), {**form, "sure": "yes"})

    assert "Give up being an owner?" in asked.content.decode()
    assert (before, Membership.objects.get(user=owner).role) == (Role.OWNER, Role.MANAGER)
    assert done.headers["Location"] == "/organise/riverside/"


def test_last_owner_is_told_why_they_stay(client: Client, owner: User) -> None:
    own = Membership.objects.get(user=owner)

    demoted = client.post(page_of(own), {"role": "manager", "reach": "all", "sure": "yes"})
    removed = client.post(f"{page_of(own)}removal/", {"sure": "yes"})

    words = ["Olive Owner is the last owner. Make somebody else an owner first."]
    assert (demoted.status_code, summary(demoted)) == (422, words)
    assert (removed.status_code, summary(removed)) == (422, words)


def test_removal_asks_and_then_shuts_them_out(client: Client, organiser: Organiser) -> None:
    event = make_event(organiser=organiser)
    member = make_member(organiser, full_name="Grace Hopper")
    theirs, path = browser_of(member.user), f"/organise/riverside/{event.slug}/flags/"

    asked = client.post(f"{page_of(member)}removal/")
    before = theirs.get(path).status_code
    client.post(f"{page_of(member)}removal/", {"sure": "yes"})

    assert "Remove Grace Hopper?" in asked.content.decode()
    assert (before, theirs.get(path).status_code) == (200, 404)


def test_member_of_another_team_is_not_found_under_ones_own(client: Client) -> None:
    theirs = make_member(make_organiser())

    assert [client.get(path).status_code for path in (page_of(theirs), f"{page_of(theirs)}removal/")] == [404, 404]


def test_page_makes_the_same_queries_for_a_large_team_as_for_a_small_one(client: Client, organiser: Organiser) -> None:
    counted = []
    for size in (3, 20):
        while organiser.memberships.count() < size:
            member = make_member(organiser)
            Membership.objects.filter(pk=member.pk).update(is_limited=True)
            member.events.set([make_event(organiser=organiser)])
            client.post(TEAM, {**GRACE, "email": f"x{member.pk}@example.com"})
        client.get(TEAM)
        with CaptureQueriesContext(connection) as asked:
            client.get(TEAM)
        counted.append(len(asked))

    assert counted[0] == counted[1]


def test_organiser_is_made_in_one_form_and_its_address_follows_from_its_name() -> None:
    user = make_user()
    client = browser_of(user)

    shown = client.get("/organise/-/new/").content.decode()
    made = client.post(
        "/organise/-/new/", {"name": "Café du Nord", "slug": "", "contact_email": user.email}, follow=True
    )

    assert f'value="{user.email}"' in shown
    assert made.redirect_chain == [("/organise/cafe-du-nord/", 302)]
    assert 'href="/organise/cafe-du-nord/-/events/new/"' in made.content.decode()
    assert Membership.objects.get(user=user).role == Role.OWNER


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("riverside", "This address is taken. riverside-2 is free."),
        ("admin", "This address belongs to the site. Choose another."),
        ("Not a slug", "Use small letters, digits and single hyphens."),
    ],
)
@pytest.mark.usefixtures("organiser")
def test_address_that_cannot_be_had_is_told_and_what_was_typed_is_kept(slug: str, words: str) -> None:
    answer = browser_of(make_user()).post(
        "/organise/-/new/", {"name": "Riverside", "slug": slug, "contact_email": "hi@example.com"}
    )

    assert (answer.status_code, summary(answer)) == (422, [words])
    assert f'value="{slug}"' in answer.content.decode()
