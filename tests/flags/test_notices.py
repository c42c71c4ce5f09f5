"""Mails about flags are sent once, and again only when they failed."""

from datetime import timedelta

import pytest
from django.core import mail

from flags.actions import notices
from flags.models import Notice
from tests.flags.makers import NOON

pytestmark = pytest.mark.django_db


def write(about: str = "guard") -> None:
    notices.write(about=about, to=["Ada@example.com", "bob@example.com", ""], subject="Off\nnow", body="So.", now=NOON)


def test_each_address_is_written_to_once() -> None:
    write()
    write()

    tried = [notices.drain(now=NOON), notices.drain(now=NOON + notices.CLAIM)]

    assert tried == [2, 0]
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["ada@example.com"], "Off now"),
        (["bob@example.com"], "Off now"),
    ]


def test_a_mail_that_failed_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_: 1 / 0)
        notices.drain(now=NOON)

    assert Notice.objects.filter(sent_at=None).count() == 2
    assert notices.drain(now=NOON + timedelta(minutes=4)) == 0
    assert notices.drain(now=NOON + notices.CLAIM) == 2
    assert len(mail.outbox) == 2


def test_subject_may_be_of_any_length() -> None:
    notices.write(about="Long.", to=["ada@example.com"], subject="a" * 400, body="Yes.", now=NOON)

    assert Notice.objects.get().subject == "a" * 300
