"""Being told when a sale opens: asked for once, written once, at the right time."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from events.actions import reminders
from events.models import Event, Reminder, State
from tests.buyers import NOON
from tests.makers import make_event, make_ticket_type

pytestmark = pytest.mark.django_db

SOON = NOON + timedelta(minutes=20)


def make_event_opening(**over: object) -> Event:
    event = make_event(**over)
    make_ticket_type(event=event, sale_starts_at=SOON)
    return event


def test_reminder_is_sent_once_before_the_sale_opens(client: Client) -> None:
    event = make_event_opening(title="Winter\nball", timezone="Europe/Berlin")
    reminders.ask(event_id=event.pk, email="ada@example.com", now=NOON - timedelta(days=3))

    sent = [reminders.drain(now=NOON - timedelta(days=2)), reminders.drain(now=NOON), reminders.drain(now=NOON)]

    assert sent == [0, 1, 0]
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["ada@example.com"], "Winter ball: on sale Wed 1 May 2030, 14:20 CEST")
    ]
    assert event.get_absolute_url() in mail.outbox[0].body


def test_reminder_of_an_event_that_was_closed_is_not_sent() -> None:
    event = make_event_opening(state=State.CLOSED)
    reminders.ask(event_id=event.pk, email="ada@example.com", now=NOON)

    assert reminders.drain(now=NOON) == 0


def test_reminder_says_nothing_of_a_secret_sale() -> None:
    event = make_event()
    make_ticket_type(event=event, sale_starts_at=SOON, secret=True)
    reminders.ask(event_id=event.pk, email="ada@example.com", now=NOON)

    assert reminders.drain(now=NOON) == 0


def test_reminder_is_tried_again_when_the_mail_server_fails(settings: Settings) -> None:
    event = make_event_opening()
    reminders.ask(event_id=event.pk, email="ada@example.com", now=NOON)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there
    reminders.drain(now=NOON)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    reminders.drain(now=NOON + timedelta(minutes=6))

    assert len(mail.outbox) == 1


def test_asking_twice_is_asking_once(client: Client) -> None:
    url = f"{make_event_opening().get_absolute_url()}reminders/"

    statuses = [client.post(url, {"email": email}).status_code for email in ("ada@example.com", "Ada@example.com")]

    assert statuses == [200, 200]
    assert Reminder.objects.count() == 1


def test_asking_without_an_address_says_what_is_missing(client: Client) -> None:
    response = client.post(f"{make_event_opening().get_absolute_url()}reminders/", {"email": "ada@"})

    assert response.status_code == 422
    assert "<title>Error: " in response.content.decode()
    assert 'value="ada@"' in response.content.decode()


def test_reminder_is_not_promised_when_there_is_nothing_to_wait_for(client: Client) -> None:
    event = make_ticket_type().event

    response = client.post(f"{event.get_absolute_url()}reminders/", {"email": "ada@example.com"})

    assert response.status_code == 409
    assert "There is nothing to wait for" in response.content.decode()
    assert Reminder.objects.count() == 0


@pytest.mark.parametrize(("away", "said"), [(5, "in this minute"), (600, "Half an hour before")])
def test_reminder_says_when_it_will_come(client: Client, away: int, said: str) -> None:
    event = make_ticket_type(sale_starts_at=timezone.now() + timedelta(minutes=away)).event

    body = client.post(f"{event.get_absolute_url()}reminders/", {"email": "ada@example.com"}).content.decode()

    assert said in body


def test_event_page_offers_a_reminder_only_before_the_sale(client: Client) -> None:
    before = make_event()
    make_ticket_type(event=before, sale_starts_at=NOON + timedelta(days=3650))
    on_sale = make_ticket_type().event

    assert "Remind me" in client.get(before.get_absolute_url()).content.decode()
    assert "Remind me" not in client.get(on_sale.get_absolute_url()).content.decode()


def test_reminder_cannot_be_asked_for_from_another_site(client: Client) -> None:
    url = f"{make_event_opening().get_absolute_url()}reminders/"

    response = client.post(url, {"email": "ada@example.com"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403
    assert not Reminder.objects.exists()
