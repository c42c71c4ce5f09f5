"""Logging in: guesses are counted by account, with or without Redis; forgotten and changed passwords; sessions."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django_redis.exceptions import ConnectionInterrupted

from accounts import limits
from tests.accounts.visitors import PASSWORD, link, log_in, summary
from tests.makers import make_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def browser_of(email: str) -> Client:
    client = Client(headers={"User-Agent": FIREFOX})
    assert log_in(client, email).status_code == 302
    return client


def test_guesses_are_limited_by_account_wherever_they_come_from() -> None:
    user, other = make_user(), make_user()

    guessed = [log_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), user.email, "guess") for number in range(6)]
    right = log_in(Client(REMOTE_ADDR="192.0.2.99"), user.email)

    assert [summary(answer)[0].split(".")[0] for answer in guessed] == [
        *["Please enter a correct e-mail address and password"] * 5, "There were too many wrong tries",
    ]  # fmt: skip
    assert right.status_code == 422
    assert log_in(Client(), other.email).status_code == 302


def test_guesses_at_an_address_without_an_account_are_answered_in_the_same_way() -> None:
    user = make_user()

    known, unknown = (log_in(Client(), email, "guess") for email in (user.email, "nobody@example.com"))

    assert (known.status_code, summary(known)) == (unknown.status_code, summary(unknown))


class Gone:
    """A cache that does not answer."""

    def __getattr__(self, name: str) -> object:
        raise ConnectionInterrupted(connection=None)


def test_without_redis_one_logs_in_and_guesses_are_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    user, other = make_user(), make_user()
    monkeypatch.setattr(limits, "cache", Gone())
    limits._own.clear()

    guessed = [log_in(Client(), user.email, "guess") for _ in range(6)]

    assert summary(guessed[-1])[0].startswith("There were too many wrong tries")
    assert log_in(Client(), other.email).status_code == 302
    limits._own.clear()


def test_client_is_who_the_edge_says_and_nobody_else(settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]  # pytest-django's
    client = Client(headers={"X-Forwarded-For": "203.0.113.7"})
    user = make_user()

    log_in(client, user.email)

    assert "203.0.113.7" in client.get("/accounts/sessions/").content.decode()


def test_client_over_a_socket_has_no_address_and_logs_in_all_the_same() -> None:
    client = Client(REMOTE_ADDR="")

    assert log_in(client, make_user().email).status_code == 302
    assert ", from " not in client.get("/accounts/sessions/").content.decode()


def test_forgotten_password_is_set_anew_by_a_link_that_works_once() -> None:
    user, client = make_user(), Client()
    elsewhere = browser_of(user.email)
    client.post("/accounts/password/reset/", {"email": user.email})
    path = link()

    form = client.get(path).headers["Location"]
    client.post(form, {"password1": PASSWORD})

    assert elsewhere.get("/organise/").status_code == 302
    assert log_in(Client(), user.email).status_code == 422
    assert log_in(Client(), user.email, PASSWORD).status_code == 302
    assert "This link does not work any more" in Client().get(path).content.decode()


def test_forgotten_password_says_the_same_of_every_address() -> None:
    user = make_user()

    answers = [Client().post("/accounts/password/reset/", {"email": email}) for email in (user.email, "x@example.com")]

    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, "/accounts/password/reset/done/")
    }
    assert [letter.subject for letter in mail.outbox] == ["Set a new password", "This address has no account"]


def test_password_is_changed_with_the_old_one_and_ends_other_sessions() -> None:
    user = make_user()
    here, elsewhere = browser_of(user.email), browser_of(user.email)
    form = {"oldpassword": "password", "password1": PASSWORD}

    wrong = here.post("/accounts/password/change/", {**form, "oldpassword": "guess"})
    right = here.post("/accounts/password/change/", form)

    assert (wrong.status_code, summary(wrong)) == (422, ["This is not your password."])
    assert (right.status_code, right.headers["Location"]) == (302, "/accounts/")
    assert (here.get("/organise/").status_code, elsewhere.get("/organise/").status_code) == (200, 302)
    assert mail.outbox[-1].subject == "Your password is changed"
    assert "Firefox on Linux" in mail.outbox[-1].body


def test_sessions_are_listed_and_all_others_can_be_ended() -> None:
    user = make_user()
    here, elsewhere = browser_of(user.email), browser_of(user.email)

    text = here.get("/accounts/sessions/").content.decode()
    here.post("/accounts/sessions/")

    assert text.count("Firefox on Linux") == 2
    assert text.count(">Here<") == 1
    assert (here.get("/organise/").status_code, elsewhere.get("/organise/").status_code) == (200, 302)


def test_address_is_changed_once_the_new_one_is_confirmed_and_the_old_one_hears_of_it() -> None:
    user = make_user()
    client = browser_of(user.email)

    first = client.post("/accounts/email/", {"email": "new@example.com", "action_add": ""})
    client.post(first.headers["Location"], {"password": "password"})
    before = EmailAddress.objects.get(user=user, verified=True).email
    client.post(link())

    after = list(EmailAddress.objects.filter(user=user).values_list("email", "verified", "primary"))
    assert first.headers["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    assert before == user.email
    assert after == [("new@example.com", True, True)]
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (
        [user.email], "The e-mail address of your account is changed",
    )  # fmt: skip


def test_name_is_changed_on_the_account_page_and_not_left_empty() -> None:
    user = make_user(full_name="Ada")
    client = browser_of(user.email)

    empty = client.post("/accounts/", {"full_name": " "})
    client.post("/accounts/", {"full_name": "Ada Lovelace"})

    user.refresh_from_db()
    assert (empty.status_code, summary(empty)) == (422, ["Full name is missing."])
    assert user.full_name == "Ada Lovelace"


def test_codes_are_remembered_for_as_long_as_they_would_be_taken() -> None:
    store = limits.SurvivingCache(stretch=limits.CODE_PERIODS)

    store.add("code", "y", timeout=30)

    assert 60 < cache.ttl("code") <= 90  # type: ignore[attr-defined]  # django-redis
