"""Signing in, and the walls between organisers: nobody sees a page of an organiser whose member they are not."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts.models import Membership, Role, User
from events.models import Event
from organise.urls import urlpatterns
from surge.models import RehearsalRun, RunState
from tests.makers import make_event, make_organiser, make_ticket_type, make_user

pytestmark = pytest.mark.django_db


def addresses(event: Event) -> Iterator[str]:
    """Every address of the organiser's pages, for this event; the first is the one that has no organiser in it, the
    last that of a rehearsal."""
    run = RehearsalRun.objects.filter(event=event).first() or make_rehearsal(event)
    named = {"organiser_slug": event.organiser.slug, "event_slug": event.slug, "run_id": str(run.pk)}
    for entry in urlpatterns:
        assert isinstance(entry, URLPattern)
        yield "/organise/" + re.sub(r"<\w+:(\w+)>", lambda found: named[found[1]], str(entry.pattern))


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_rehearsal(event: Event) -> RehearsalRun:
    at = datetime(2030, 5, 1, tzinfo=UTC)
    return RehearsalRun.objects.create(event=event, state=RunState.FAILED, started_at=at, ended_at=at, commit="0123abc")


def member(event: Event, role: str = Role.OWNER) -> Client:
    user = make_user()
    Membership.objects.create(organiser=event.organiser, user=user, role=role)
    return browser_of(user)


def log_in(client: Client, email: str, **more: str) -> tuple[int, str]:
    """Answers the status, and where it leads or the page."""
    answer = client.post("/login/", {"username": email, "password": "password", **more})
    return answer.status_code, answer.headers.get("Location") or answer.content.decode()


def test_stranger_is_sent_to_the_log_in_from_every_address() -> None:
    event = make_event()

    for path in addresses(event):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={path}")


def test_member_of_another_organiser_finds_nothing_at_any_address() -> None:
    event, theirs = make_event(title="Secret gathering"), make_event()
    other = member(theirs)
    own, *anothers = addresses(event)

    answers = [other.get(path) for path in anothers]
    unknown = other.get(f"/organise/{theirs.organiser.slug}/{event.slug}/flags/")

    assert len(answers) == 4
    assert {answer.status_code for answer in [*answers, unknown]} == {404}
    assert "Secret gathering" not in other.get(own).content.decode()
    assert event.organiser.name not in other.get(own).content.decode()


def test_rehearsal_of_another_event_is_not_found_under_ones_own() -> None:
    own, theirs = make_event(), make_event()
    mine, run = make_rehearsal(own), make_rehearsal(theirs)
    client, path = member(own), f"/organise/{own.organiser.slug}/{own.slug}/rehearsals/"

    statuses = [client.get(f"{path}{number}/").status_code for number in (mine.pk, run.pk)]

    assert statuses == [200, 404]


def test_staff_without_membership_have_pages_of_their_own() -> None:
    _, *anothers = addresses(make_event())
    root = browser_of(make_user(is_staff=True, is_superuser=True))

    assert [root.get(path).status_code for path in anothers] == [404] * 4


@pytest.mark.parametrize(("role", "status"), [(role, 404 if role == Role.DOOR else 200) for role in Role])
def test_every_role_but_the_door_may_read(role: str, status: int) -> None:
    event = make_event()
    own, *pages = addresses(event)
    client = member(event, role)

    assert [client.get(path).status_code for path in pages] == [status] * 4
    assert (event.title in client.get(own).content.decode()) == (status == 200)


def test_who_is_no_longer_active_or_a_member_is_out() -> None:
    event = make_event()
    path = list(addresses(event))[-1]
    gone, barred = member(event), member(event)
    first, second = Membership.objects.filter(organiser=event.organiser).order_by("pk")

    first.delete()
    User.objects.filter(pk=second.user_id).update(is_active=False)

    assert (gone.get(path).status_code, barred.get(path).status_code) == (404, 302)


def test_log_in_leads_on_to_where_one_wanted_to_go() -> None:
    user = make_user()

    assert log_in(Client(), user.email) == (302, "/organise/")
    assert log_in(Client(), user.email, next="/organise/a/b/flags/") == (302, "/organise/a/b/flags/")


@pytest.mark.parametrize(
    "away", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)", "/\\elsewhere"]
)
def test_log_in_never_leads_to_another_site(away: str) -> None:
    user = make_user()
    known = browser_of(user)

    assert log_in(Client(), user.email, next=away) == (302, "/organise/")
    assert known.get("/login/", {"next": away}).headers["Location"] == "/organise/"


@pytest.mark.parametrize("here", ["/login/", "/login/?next=/organise/"])
def test_log_in_leads_nobody_round_in_a_circle(here: str) -> None:
    user = make_user()
    known = browser_of(user)

    assert log_in(Client(), user.email, next=here) == (302, "/organise/")
    assert known.get("/login/", {"next": here}).headers["Location"] == "/organise/"


def test_wrong_password_is_told_and_the_address_kept() -> None:
    user = make_user()

    status, text = log_in(Client(), user.email, password="guess", next="/organise/a/b/flags/")

    assert status == 422
    assert "Error: Log in" in text
    assert "Please enter a correct e-mail address and password." in text
    assert f'value="{user.email}"' in text
    assert 'value="/organise/a/b/flags/"' in text
    assert "guess" not in text


def test_log_in_and_log_out_are_refused_without_their_token() -> None:
    user = make_user()
    stern = Client(enforce_csrf_checks=True)
    stern.force_login(user)

    assert stern.post("/logout/").status_code == 403
    stale = Client(enforce_csrf_checks=True).post("/login/", {"username": user.email})
    assert (stale.status_code, b"Please try that again" in stale.content) == (403, True)
    assert stern.get("/organise/").status_code == 200


def test_log_out_is_a_post_and_ends_the_session() -> None:
    client = browser_of(make_user())

    looked, still = client.get("/logout/").status_code, client.get("/organise/").status_code
    left = client.post("/logout/")

    assert (looked, still) == (405, 200)
    assert (left.status_code, left.headers["Location"]) == (302, "/login/")
    assert client.get("/organise/").status_code == 302


def test_public_pages_set_no_cookie_and_vary_on_none_even_for_who_is_signed_in() -> None:
    event = make_ticket_type().event
    client = member(event)

    for path in (
        "/",
        f"/{event.organiser.slug}/",
        event.get_absolute_url(),
        f"{event.get_absolute_url()}availability/",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert not answer.cookies
        assert "Cookie" not in answer.headers["Vary"]


def test_pages_for_the_signed_in_are_kept_by_nobody() -> None:
    event = make_event()
    client = member(event)

    for path in (*addresses(event), "/login/"):
        answer = client.get(path) if path != "/login/" else Client().get(path)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert "private" in answer.headers["Cache-Control"]


def test_organisers_without_membership_or_events_are_told_so() -> None:
    nobody, owner = make_user(), make_user()
    make_organiser(owner=owner, name="Riverside")

    assert "You are not a member of any organiser" in browser_of(nobody).get("/organise/").content.decode()
    assert "Nothing is planned at the moment." in browser_of(owner).get("/organise/").content.decode()
