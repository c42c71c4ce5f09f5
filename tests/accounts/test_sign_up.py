"""Signing up and confirming an address: the link works once, and nobody learns who has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.accounts.visitors import ADA, PASSWORD, link, log_in, sign_up, summary
from tests.makers import make_organiser, make_user

pytestmark = pytest.mark.django_db
SENT = "/accounts/confirm-email/"


def test_sign_up_leads_by_the_mailed_link_into_the_site() -> None:
    client = Client()

    answer = sign_up(client)
    before = client.get("/organise/").status_code
    path = link()
    shown = client.get(path).content.decode()
    confirmed = client.post(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, SENT)
    assert before == 302
    assert "Is <strong>ada@example.com</strong> the address of Ada Lovelace?" in shown
    assert (confirmed.status_code, confirmed.headers["Location"]) == (302, "/organise/")
    assert client.get("/organise/").status_code == 200
    assert User.objects.get(email="ada@example.com").full_name == "Ada Lovelace"


def test_confirmation_mail_is_text_with_the_sites_own_address_and_no_typed_words() -> None:
    sign_up(Client(), full_name="Buy at http://evil.test/")

    (letter,) = mail.outbox

    assert (letter.subject, letter.to, letter.content_subtype) == (
        "Confirm your e-mail address", ["ada@example.com"], "plain",
    )  # fmt: skip
    assert "http://127.0.0.1:8000/accounts/confirm-email/" in letter.body
    assert "evil.test" not in letter.body


def test_confirmation_works_once_and_only_looking_at_it_confirms_nothing() -> None:
    sign_up(Client())
    path, other = link(), Client()

    other.get(path)
    unconfirmed = EmailAddress.objects.get().verified
    confirmed = other.post(path)
    again = other.get(path)

    assert unconfirmed is False
    assert confirmed.headers["Location"] == "/login/"  # another browser is not logged in by it
    assert other.get("/organise/").status_code == 302
    assert "This link does not work any more" in again.content.decode()
    assert other.post(path).status_code == 404


def test_confirmation_can_be_sent_again_and_not_at_once() -> None:
    client = Client()
    sign_up(client)

    at_once = client.post(SENT)
    sent_at_once = len(mail.outbox)
    cache.clear()  # a minute later
    client.post(SENT)

    assert (at_once.status_code, at_once.headers["Location"]) == (302, SENT)
    assert (sent_at_once, len(mail.outbox)) == (1, 2)
    assert client.post(link()).headers["Location"] == "/organise/"


def test_log_in_waits_for_the_confirmation() -> None:
    sign_up(Client())
    client = Client()

    answer = log_in(client, ADA["email"], PASSWORD)

    assert (answer.status_code, answer.headers["Location"]) == (302, SENT)
    assert client.get("/organise/").status_code == 302


def test_sign_up_says_the_same_of_an_address_with_an_account() -> None:
    known, client, other = make_user(), Client(), Client()

    taken = sign_up(client, email=known.email.upper())
    free = sign_up(other)

    pages = [re.sub(r'value="\w{64}"', "", one.get(SENT).content.decode()) for one in (client, other)]
    assert (taken.status_code, taken.headers["Location"]) == (free.status_code, free.headers["Location"])
    assert pages[0].replace(known.email, "x") == pages[1].replace(ADA["email"], "x")
    assert [letter.subject for letter in mail.outbox] == ["You have an account already", "Confirm your e-mail address"]
    assert User.objects.count() == 2


def test_sign_up_with_faults_keeps_what_was_typed_but_for_the_password() -> None:
    answer = sign_up(Client(), email="ada", password1="password")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Sign up, Tito</title>" in text
    assert summary(answer) == ["Enter a valid email address.", "This password is too common."]
    assert ('value="Ada Lovelace"' in text, 'value="ada"' in text, 'value="password"' in text) == (True, True, False)


def test_who_shows_that_an_address_is_theirs_has_it_before_who_only_typed_it() -> None:
    sign_up(Client(), email="grace@example.com")
    cache.clear()  # a minute later
    user, client = make_user(), Client()
    log_in(client, user.email)
    client.post("/accounts/reauthenticate/", {"password": "password"})

    client.post("/accounts/email/", {"email": "grace@example.com", "action_add": ""})
    client.post(link())

    user.refresh_from_db()
    assert (user.email, User.objects.filter(email="grace@example.com").count()) == ("grace@example.com", 1)


def test_address_of_a_member_who_never_logged_in_is_not_taken_from_them() -> None:
    invited = User.objects.create_user("grace@example.com", "password")
    make_organiser(owner=invited)
    user, client = make_user(), Client()
    log_in(client, user.email)
    client.post("/accounts/reauthenticate/", {"password": "password"})

    client.post("/accounts/email/", {"email": "grace@example.com", "action_add": ""})
    answer = client.post(link(), follow=True)

    user.refresh_from_db()
    assert user.email != "grace@example.com"
    assert User.objects.get(email="grace@example.com") == invited
    assert answer.status_code == 200
