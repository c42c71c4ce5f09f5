"""The outbox: every mail that is owed is sent, once, however often the mail server or a worker fails."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from checkout import ledger
from checkout.actions import mail, orders
from checkout.actions.orders import Details
from checkout.models import Mail, Order
from kit import sql
from tests.buyers import make_complete_order, make_held_order, race
from tests.checkout.mailserver import MailServer, open_mail_server
from tests.checkout.payers import COMMITTED

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """Where the site's mail goes, over Django's own SMTP."""
    with open_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


class DyingBackend(EmailBackend):
    """A worker that is killed while it sends its second mail: what kills a process is no Exception."""

    sent = 0

    def send_messages(self, messages: Any) -> int:
        if self.sent:
            raise SystemExit
        self.sent = 1
        return int(super().send_messages(messages) or 0)


def make_order(email: str = "ada@example.com") -> Order:
    """A complete order whose tickets are owed to this address."""
    order = make_held_order(price_minor=0, now=now())
    orders.complete_free(order=order, details=Details(full_name="Ada", email=email), now=now())
    return order


def ask_again(order: Order, email: str) -> int:
    return Client().post(f"{order.get_absolute_url()}mail/", {"email": email}).status_code


def test_one_mail_is_owed_once_per_key() -> None:
    order = make_order()

    mail.owe(Mail.Kind.TICKETS, order=order, now=now())
    mail.owe(Mail.Kind.TICKETS, order=order, now=now(), key="again")

    assert list(Mail.objects.values_list("key", flat=True)) == ["tickets", "again"]


def test_sent_mail_is_noted_and_not_sent_again(mail_server: MailServer) -> None:
    make_order()
    moment = now()

    sent = [mail.drain(now=moment), mail.drain(now=moment + timedelta(days=3))]

    row = Mail.objects.get()
    assert sent == [1, 0]
    assert (row.sent_at, row.attempts, row.failed_at) == (moment, 1, None)
    assert len(mail_server.delivered) == 1


def test_tickets_are_sent_again_to_the_same_address(mail_server: MailServer) -> None:
    order = make_order()

    statuses = [ask_again(order, "ada@example.com"), ask_again(order, "ada@example.com")]
    mail.drain(now=now())

    assert statuses == [303, 303]
    assert set(mail_server.recipients) == {"ada@example.com"}
    assert len(mail_server.recipients) in {2, 3}  # two presses in one minute are one mail


def test_tickets_are_sent_again_to_a_changed_address(mail_server: MailServer) -> None:
    order = make_order("ada@exmaple.com")
    mail.drain(now=now())

    status = ask_again(order, "ada@example.com")
    mail.drain(now=now())

    assert (status, mail_server.recipients) == (303, ["ada@exmaple.com", "ada@example.com"])
    assert mail_server.letters[0]["Subject"] == mail_server.letters[1]["Subject"]


@pytest.mark.parametrize("email", ["", "nobody", "ada@example.com\nBcc: eve@example.com", "a@b.example, c@d.example"])
def test_tickets_are_sent_to_one_real_address_only(mail_server: MailServer, email: str) -> None:
    order = make_order()
    mail.drain(now=now())

    status = ask_again(order, email)

    assert (status, mail.drain(now=now())) == (422, 0)


def test_mail_of_an_order_without_tickets_cannot_be_asked_for() -> None:
    order = make_held_order(now=now())

    assert ask_again(order, "ada@example.com") == 409

    assert Mail.objects.count() == 0


def test_mail_is_tried_again_later_and_later(mail_server: MailServer) -> None:
    make_order()
    mail_server.is_down = True
    moment, waits = now(), []

    for _ in range(4):
        assert mail.drain(now=moment) == 0
        row = Mail.objects.get()
        waits.append((row.next_attempt_at - moment).total_seconds())
        assert mail.drain(now=row.next_attempt_at - timedelta(seconds=1)) == 0
        moment = row.next_attempt_at
    mail_server.is_down = False

    assert waits == [60.0, 120.0, 240.0, 480.0]
    assert mail.drain(now=moment) == 1
    assert (Mail.objects.get().attempts, Mail.objects.get().last_error) == (5, "")


def test_mail_that_cannot_be_sent_is_left_to_a_person(mail_server: MailServer) -> None:
    order = make_order()
    mail_server.is_down = True
    began_at = moment = now()

    for _ in range(mail.MOST_ATTEMPTS):
        mail.drain(now=moment)
        tried_at, moment = moment, Mail.objects.get().next_attempt_at

    mail_server.is_down = False
    (line,) = ledger.check().stuck
    assert Mail.objects.get().failed_at == tried_at
    assert timedelta(hours=24) < tried_at - began_at < timedelta(hours=72)
    assert line.startswith(f"order {order.reference}: mail to ada@example.com could not be sent: ")
    assert "closed for today" in line
    assert mail.drain(now=moment + timedelta(days=9)) == 0


def test_one_bad_mail_does_not_stop_the_others(mail_server: MailServer) -> None:
    mail_server.refused = {"gone@example.com"}
    for email in ("ada@example.com", "gone@example.com", "grace@example.com"):
        make_order(email)

    sent = mail.drain(now=now())

    assert (sent, sorted(mail_server.recipients)) == (2, ["ada@example.com", "grace@example.com"])
    assert "nobody of that name" in Mail.objects.get(to="gone@example.com").last_error


def test_mail_that_cannot_be_made_does_not_stop_the_others(mail_server: MailServer) -> None:
    make_order()
    Mail.objects.update(kind="unknown")
    make_order("grace@example.com")

    assert mail.drain(now=now()) == 1

    assert mail_server.recipients == ["grace@example.com"]
    assert Mail.objects.get(kind="unknown").attempts == 1


def test_worker_that_dies_on_the_way_loses_none(mail_server: MailServer, settings: Settings) -> None:
    addresses = [f"buyer-{number}@example.com" for number in range(4)]
    for email in addresses:
        make_order(email)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.DyingBackend"
    with pytest.raises(SystemExit):
        mail.drain(now=now())
    settings.EMAIL_BACKEND = working

    at_once = mail.drain(now=now())
    later = mail.drain(now=now() + timedelta(seconds=mail.CLAIM_SECONDS + 1))

    assert (at_once, later) == (0, 3)
    assert sorted(mail_server.recipients) == addresses


def test_drain_sends_a_batch_at_a_time(mail_server: MailServer) -> None:
    order = make_order()
    for number in range(mail.BATCH):
        mail.owe(Mail.Kind.TICKETS, order=order, now=now(), key=f"again-{number}")

    sent = [mail.drain(now=now()) for _ in range(3)]

    assert sent == [mail.BATCH, 1, 0]


@COMMITTED
@pytest.mark.race
def test_workers_at_once_send_each_mail_once(mail_server: MailServer) -> None:
    addresses = [f"buyer-{number}@example.com" for number in range(8)]
    for email in addresses:
        make_order(email)
    moment = now()

    sent = race(*[lambda: mail.drain(now=moment)] * 4)

    assert sum(count for count in sent if isinstance(count, int)) == 8
    assert sorted(mail_server.recipients) == addresses
    assert ledger.check().faults == []


@COMMITTED
def test_no_database_connection_is_held_while_the_mail_server_is_spoken_to(mail_server: MailServer) -> None:
    make_complete_order(now=now())
    make_complete_order(now=now())
    held: list[int] = []
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def count() -> None:
        held.append(int(sql.value(others, ())))
        connection.close()

    mail_server.when_called = count
    mail.drain(now=now())

    assert held == [0, 0]
