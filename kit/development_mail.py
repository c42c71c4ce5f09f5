"""A page that shows the mail which development writes to files. Never part of production's addresses."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

MOST_SHOWN = 50
SEPARATOR = b"-" * 79
LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message from the folder; `name` is `<file>-<place in it>`."""

    name: str
    subject: str
    to: str
    sent_at: datetime
    text: str
    links: list[str]
    attachments: list[str]

    @property
    def url(self) -> str:
        return f"/dev/mail/{self.name}/"


def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "kit/development_mail.html", {"messages": letters()[:MOST_SHOWN]})


def letter(request: HttpRequest, name: str) -> HttpResponse:
    found = next((letter for letter in letters() if letter.name == name), None)
    if found is None:
        raise Http404
    return render(request, "kit/development_message.html", {"message": found})


def letters() -> list[Letter]:
    """All messages in the folder, the latest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True) if folder.is_dir() else []
    return [_letter(file, place, raw) for file in files for place, raw in enumerate(_split(file.read_bytes()))]


def _split(content: bytes) -> list[bytes]:
    return [part.strip() for part in content.split(b"\n" + SEPARATOR) if part.strip()]


def _letter(file: Path, place: int, raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return Letter(
        name=f"{file.stem}-{place}",
        subject=str(message["Subject"]),
        to=str(message["To"]),
        sent_at=datetime.fromtimestamp(file.stat().st_mtime).astimezone(),
        text=text,
        links=list(dict.fromkeys(LINK.findall(text))),
        attachments=[part.get_filename() or part.get_content_type() for part in message.iter_attachments()],
    )


urlpatterns = [
    path("", inbox, name="development-mail"),
    path("<str:name>/", letter, name="development-letter"),
]
