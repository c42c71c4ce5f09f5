"""The page that shows the mail which development writes to files."""

import os
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from kit import development_mail

urlpatterns = [path("dev/mail/", include("kit.development_mail"))]
FILES = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder for mail, and the page that shows it."""
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.ROOT_URLCONF = __name__
    return tmp_path / "mail"


def send(*subjects: str, text: str = "See you there.", connection_per_mail: bool = False) -> None:
    """Mail as the site sends it; over one connection they share a file."""
    shared = get_connection(FILES)
    for subject in subjects:
        letter = EmailMultiAlternatives(
            subject, text, "Camp <tickets@example.com>", ["ada@example.com"],
            connection=get_connection(FILES) if connection_per_mail else shared,
        )  # fmt: skip
        letter.attach_alternative("<p>See you <b>there</b>.</p>", "text/html")
        letter.attach("event.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar")
        letter.send()


def test_inbox_is_empty_before_the_first_mail(folder: Path) -> None:
    assert development_mail.letters() == []

    assert "Nothing has been sent yet." in Client().get("/dev/mail/").content.decode()


def test_inbox_lists_each_mail(folder: Path) -> None:
    send("Camp: your tickets (UHMF)", "Camp: your tickets (KXRV)")

    page = Client().get("/dev/mail/").content.decode()

    assert page.count("To ada@example.com") == 2
    assert "Camp: your tickets (UHMF)" in page
    assert "Camp: your tickets (KXRV)" in page


def test_inbox_shows_the_latest_file_first(folder: Path) -> None:
    send("First", "Second", connection_per_mail=True)
    for seconds, file in enumerate(sorted(folder.glob("*.log"), key=_subject)):
        _set_time(file, 1_000_000 + seconds)

    assert [letter.subject for letter in development_mail.letters()] == ["Second", "First"]


def _subject(file: Path) -> bool:
    return b"Subject: Second" in file.read_bytes()


def _set_time(file: Path, seconds: int) -> None:
    os.utime(file, (seconds, seconds))


def test_letter_shows_the_text_and_what_is_attached(folder: Path) -> None:
    send("Grüße: your tickets", text="Hello Ada,\n\nÜber 10 £5 <b>not bold</b>\n")
    (letter,) = development_mail.letters()

    page = Client().get(letter.url).content.decode()

    assert (letter.subject, letter.to) == ("Grüße: your tickets", "ada@example.com")
    assert letter.text.startswith("Hello Ada,\n\nÜber 10 £5")
    assert letter.attachments == ["event.ics"]
    assert "&lt;b&gt;not bold&lt;/b&gt;" in page
    assert "event.ics" in page


def test_letter_names_the_links_in_its_text(folder: Path) -> None:
    send("Camp", text="Your order:\nhttp://127.0.0.1:8000/orders/abc/\n")
    (letter,) = development_mail.letters()

    page = Client().get(letter.url).content.decode()

    assert '<a href="http://127.0.0.1:8000/orders/abc/">' in page


def test_letter_that_is_not_there_is_not_found(folder: Path) -> None:
    send("Camp")

    assert Client().get("/dev/mail/../../etc/passwd/").status_code == 404
    assert Client().get("/dev/mail/none-0/").status_code == 404


def test_letter_without_a_plain_part_is_shown_empty(folder: Path) -> None:
    folder.mkdir()
    (folder / "html.log").write_bytes(b"Subject: Odd\nTo: ada@example.com\nContent-Type: text/html\n\n<p>x</p>\n")

    (letter,) = development_mail.letters()

    assert (letter.subject, letter.text, letter.attachments) == ("Odd", "", [])


@pytest.mark.django_db
def test_page_is_no_part_of_the_site_unless_mail_goes_to_files() -> None:
    assert Client().get("/dev/mail/").status_code == 404
