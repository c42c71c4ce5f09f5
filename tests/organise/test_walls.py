"""Signing in, and the walls between organisers: nobody sees a page of an organiser whose member they are not."""

import pytest
from django.test import Client

from accounts.models import Chosen, Membership, Role, User
from events.models import Event
from organise.policy import ALLOWED, OF_THE_WHOLE, Act
from organise.urls import urlpatterns
from tests.makers import make_event, make_organiser, make_ticket_type, make_user
from tests.organise.places import browser_of, guarded, make_rehearsal, member, places

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
# Addresses of the person: they show what is theirs, and nothing is behind them for others.
OF_THE_PERSON = {"organise", "organise-new"}


def flags_page(event: Event) -> str:
    return f"/organise/{event.organiser.slug}/{event.slug}/flags/"


def log_in(client: Client, email: str, **more: str) -> tuple[int, str]:
    """Answers the status, and where it leads or the page."""
    answer = client.post("/login/", {"login": email, "password": "password", **more})
    return answer.status_code, answer.headers.get("Location") or answer.content.decode()


def test_every_address_has_a_door_or_is_the_persons_own() -> None:
    unguarded = {str(entry.name) for entry in urlpatterns if not hasattr(entry.callback, "door")}

    assert unguarded == OF_THE_PERSON


def test_stranger_is_sent_to_the_log_in_from_every_address() -> None:
    event = make_event()

    for place in places(event):
        for method in METHODS:
            answer = Client().generic(method, place.path)
            assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={place.path}")


def test_member_of_another_organiser_finds_nothing_at_any_address() -> None:
    event, theirs = make_event(title="Secret gathering"), make_event()
    other = member(theirs)
    walked = guarded(event)

    answers = [other.generic(method, place.path) for place, _ in walked for method in METHODS]
    unknown = other.get(f"/organise/{theirs.organiser.slug}/{event.slug}/flags/")
    own = other.get("/organise/").content.decode()

    assert len(walked) >= 5
    assert {answer.status_code for answer in [*answers, unknown]} == {404}
    assert ("Secret gathering" in own, event.organiser.name in own) == (False, False)


def test_rehearsal_of_another_event_is_not_found_under_ones_own() -> None:
    own, theirs = make_event(), make_event()
    mine, run = make_rehearsal(own), make_rehearsal(theirs)
    client, path = member(own), f"/organise/{own.organiser.slug}/{own.slug}/rehearsals/"

    statuses = [client.get(f"{path}{number}/").status_code for number in (mine.pk, run.pk)]

    assert statuses == [200, 404]


def test_staff_without_membership_have_pages_of_their_own() -> None:
    walked = guarded(make_event())
    root = browser_of(make_user(is_staff=True, is_superuser=True))

    assert {root.generic(method, place.path).status_code for place, _ in walked for method in METHODS} == {404}


@pytest.mark.parametrize("role", Role.values)
def test_each_role_is_let_into_what_the_policy_says_and_told_of_the_rest(role: str) -> None:
    event = make_event()
    client = member(event, role)

    for place, door in guarded(event):
        for method in METHODS:
            status, act = client.generic(method, place.path).status_code, door.act(method)
            expected = 405 if act is None else 403 if act not in ALLOWED[role] else None
            assert (place.path, method, status in {403, 405}) == (place.path, method, expected is not None)
            assert (place.path, method, expected or status) == (place.path, method, status)
            assert status < 500
            assert method == "POST" or expected or status in {200, 302}


def test_limited_member_finds_only_the_chosen_event_and_nothing_of_the_whole() -> None:
    event = make_event()
    other = make_event(organiser=event.organiser, title="Not for everyone")
    client = member(event, only=event)

    for place, door in guarded(other):
        for method in METHODS:
            status = client.generic(method, place.path).status_code
            if door.is_of_event:
                assert (place.path, status) == (place.path, 404)
            elif door.act(method) in OF_THE_WHOLE:
                assert (place.path, status) == (place.path, 403)
    assert client.get(flags_page(event)).status_code == 200
    for page in ("/organise/", f"/organise/{event.organiser.slug}/"):
        shown = client.get(page).content.decode()
        assert (event.title in shown, "Not for everyone" in shown) == (True, False)


def test_member_limited_to_no_event_has_none() -> None:
    event = make_event()
    client = member(event, only=event)
    Chosen.objects.all().delete()

    assert client.get(flags_page(event)).status_code == 404
    assert event.title not in client.get("/organise/").content.decode()


def test_event_chosen_by_another_organiser_opens_nothing() -> None:
    event, theirs = make_event(), make_event()
    client = member(theirs, only=event)

    assert client.get(flags_page(event)).status_code == 404
    assert event.title not in client.get("/organise/").content.decode()


def test_roles_are_all_in_the_policy_and_only_owners_may_all() -> None:
    assert set(ALLOWED) == set(Role.values)
    assert [role for role in Role.values if ALLOWED[role] == frozenset(Act)] == [Role.OWNER]


@pytest.mark.parametrize(("role", "sees"), [(role, role != Role.DOOR) for role in Role.values])
def test_every_role_but_the_door_has_events_listed(role: str, sees: bool) -> None:
    event = make_event()
    client = member(event, role)

    assert (event.title in client.get("/organise/").content.decode()) == sees


def test_who_is_no_longer_active_or_a_member_is_out() -> None:
    event = make_event()
    path = flags_page(event)
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
    stale = Client(enforce_csrf_checks=True).post("/login/", {"login": user.email})
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

    for path in ("/organise/", flags_page(event), "/login/"):
        answer = client.get(path) if path != "/login/" else Client().get(path)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        assert "private" in answer.headers["Cache-Control"]


def test_organisers_without_membership_or_events_are_told_so() -> None:
    nobody, owner = make_user(), make_user()
    make_organiser(owner=owner, name="Riverside")

    assert "You are not a member of any organiser" in browser_of(nobody).get("/organise/").content.decode()
    assert "Nothing is planned at the moment." in browser_of(owner).get("/organise/").content.decode()
