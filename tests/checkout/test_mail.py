"""Mail to buyers: what is in it, that no name can change where it goes, and that none is lost or sent twice."""

from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import icalendar
import pytest
from django.utils.timezone import now
from pytest_django import Settings

from accounts.models import Organiser
from checkout.actions import mail, orders, payments
from checkout.actions.orders import Details
from checkout.models import Order, State
from events.models import Event
from fakestripe import FakeStripe
from tests.buyers import ADA, make_complete_order, make_held_order, take_hold
from tests.checkout.mailserver import MailServer, open_mail_server
from tests.checkout.payers import make_paying_order, post_event, session_of
from tests.makers import make_event, make_organiser, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db

EVE = "eve@example.com"


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """Where the site's mail goes, over Django's own SMTP."""
    with open_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = "https://tickets.example", "tickets@tickets.example"
        yield server


def make_order(event: Event | None = None, **over: Any) -> Order:
    return make_complete_order(event, now=now(), **over)


def only(server: MailServer) -> EmailMessage:
    (letter,) = server.letters
    return letter


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def html_of(letter: EmailMessage) -> str:
    body = letter.get_body(("html",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_tickets_are_sent_to_the_buyer_from_the_organiser(mail_server: MailServer) -> None:
    event = make_event(title="EMF 2030", organiser=make_organiser(name="EMF", contact_email="help@emf.example"))
    order = make_order(event)

    sent = mail.drain(now=now())

    letter = only(mail_server)
    assert (sent, mail_server.recipients) == (1, ["ada@example.com"])
    assert letter["Subject"] == f"EMF 2030: your tickets ({order.reference})"
    assert letter["From"] == "EMF <tickets@tickets.example>"
    assert (letter["To"], letter["Reply-To"]) == ("ada@example.com", "help@emf.example")
    assert (letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert mail.drain(now=now()) == 0


def test_letter_is_text_html_and_a_calendar(mail_server: MailServer) -> None:
    make_order()

    mail.drain(now=now())

    letter = only(mail_server)
    assert letter.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in letter.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    (calendar,) = letter.iter_attachments()
    assert calendar.get_filename() == "event.ics"


def test_text_is_complete_without_the_html(mail_server: MailServer) -> None:
    order = make_order(make_event(title="EMF 2030", venue="Eastnor"), quantity=2)
    orders_tickets = list(order.tickets.all())
    orders_tickets[0].attendee_name = "Grace Hopper"
    orders_tickets[0].save()

    mail.drain(now=now())

    text = text_of(only(mail_server))
    type_name = orders_tickets[0].ticket_type.name
    assert text.startswith("Hello Ada Lovelace,\n")
    for expected in (
        order.reference, f"https://tickets.example/orders/{order.token}/", "EMF 2030", "Eastnor",
        "Sat 1 Jun 2030, 10:00 to 18:00, BST, Europe/London", f"1. {type_name}, Grace Hopper", f"2. {type_name}\n",
        f"2 x {type_name}: Free", "Total: Free", "help@example.com",
        *(f"Code: {ticket}" for ticket in orders_tickets),
        *(f"https://tickets.example/tickets/{ticket.code}/" for ticket in orders_tickets),
    ):  # fmt: skip
        assert expected in text
    assert "<" not in text


def test_html_says_the_same_and_asks_nothing_of_the_outside(mail_server: MailServer) -> None:
    order = make_order(make_event(title="EMF 2030"), quantity=2)

    mail.drain(now=now())

    html = html_of(only(mail_server))
    for ticket in order.tickets.all():
        assert str(ticket) in html
        assert f"https://tickets.example/tickets/{ticket.code}/" in html
    assert f'href="https://tickets.example/orders/{order.token}/"' in html
    assert 'style="' in html
    assert "<img" not in html
    assert "<script" not in html
    assert "<link" not in html


def test_calendar_entry_leads_back_to_the_order(mail_server: MailServer) -> None:
    order = make_order(make_event(title="EMF 2030"))

    mail.drain(now=now())

    (attached,) = only(mail_server).iter_attachments()
    (entry,) = icalendar.Calendar.from_ical(str(attached.get_content())).events
    assert (entry["SUMMARY"], entry.start, entry.end) == ("EMF 2030", order.event.starts_at, order.event.ends_at)
    assert entry["URL"] == f"https://tickets.example/orders/{order.token}/"


def test_letter_is_made_from_the_order_as_it_stands_when_it_is_sent(mail_server: MailServer) -> None:
    order = make_order()
    order.tickets.update(attendee_name="Grace Hopper")

    mail.drain(now=now())

    assert "Grace Hopper" in text_of(only(mail_server))


def test_names_stand_in_the_text_as_they_are_and_in_the_html_as_text(mail_server: MailServer) -> None:
    make_order(make_event(title="Tom & Jerry's <b>Night</b>"))

    mail.drain(now=now())

    letter = only(mail_server)
    assert letter["Subject"].startswith("Tom & Jerry's <b>Night</b>: your tickets")
    assert "Tom & Jerry's <b>Night</b>" in text_of(letter)
    assert "Tom &amp; Jerry" in html_of(letter)
    assert "<b>Night" not in html_of(letter)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\N{LINE SEPARATOR}", "\x0b"], ids=repr)
def test_no_title_or_name_can_add_a_header(mail_server: MailServer, end: str) -> None:
    organiser = make_organiser()
    Organiser.objects.filter(pk=organiser.pk).update(name=f"Camp{end}Bcc: {EVE}")
    organiser.refresh_from_db()
    event = make_event(organiser=organiser, title=f"Night{end}Bcc: {EVE}{end}{end}Body")
    order = make_held_order(event, price_minor=0, now=now())
    eve = Details(full_name=f"Eve{end}Bcc: {EVE}", email="ada@example.com", attendees={1: f"Eve{end}Bcc: {EVE}"})
    orders.complete_free(order=order, details=eve, now=now())

    sent = mail.drain(now=now())

    letter = only(mail_server)
    assert (sent, mail_server.recipients) == (1, ["ada@example.com"])
    assert (letter["Bcc"], letter["Cc"], letter["To"]) == (None, None, "ada@example.com")
    assert parseaddr(letter["From"])[1] == "tickets@tickets.example"
    assert "Hello Eve" in text_of(letter)
    (attached,) = letter.iter_attachments()
    (entry,) = icalendar.Calendar.from_ical(str(attached.get_content())).events
    assert "BCC" not in entry


@pytest.mark.parametrize(
    "name", ['O"Neill, Sons', "Größe & Söhne", "a <b@c.example>", "名前", "(Camp)", "x" * 190], ids=ascii
)
def test_organisers_name_is_shown_as_it_is(mail_server: MailServer, name: str) -> None:
    make_order(make_event(organiser=make_organiser(name=name)))

    mail.drain(now=now())

    (sender,) = only(mail_server)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "tickets@tickets.example")


def test_sender_with_a_name_of_its_own_gives_way_to_the_organisers(mail_server: MailServer, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Tito <tickets@tickets.example>"
    make_order(make_event(organiser=make_organiser(name="EMF")))

    mail.drain(now=now())

    (sender,) = only(mail_server)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("EMF", "tickets@tickets.example")


def test_cancelled_order_is_told(mail_server: MailServer) -> None:
    order = make_order(make_event(title="EMF 2030"))
    mail.drain(now=now())
    orders.void(order=order, by="staff", now=now(), back_on_sale=True)

    mail.drain(now=now())

    letter = mail_server.letters[-1]
    assert letter["Subject"] == f"EMF 2030: your order is cancelled ({order.reference})"
    assert "Its tickets admit nobody any more." in text_of(letter)
    assert not list(letter.iter_attachments())


def test_payment_that_came_too_late_is_told(mail_server: MailServer, stripe: FakeStripe) -> None:
    event = make_event()
    last = make_ticket_type(event=event, quotas=[make_quota(event=event, capacity=1)])
    order = take_hold((last, 1), now=now())
    orders.record_details(order=order, details=ADA)
    payments.begin(order=order, now=now())
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())
    take_hold((last, 1), now=now())
    stripe.pay(session_of(order))
    payments.look(order=order, now=now())

    mail.drain(now=now())

    letter = only(mail_server)
    assert letter["Subject"].endswith(f"your payment is on its way back ({order.reference})")
    assert "by then they had gone to somebody else" in " ".join(text_of(letter).split())
    assert "All of that payment, £10.00, is on its way back" in text_of(letter)
    assert event.get_absolute_url() in text_of(letter)


def test_tickets_found_for_a_late_payment_are_told(mail_server: MailServer, stripe: FakeStripe) -> None:
    order = make_paying_order()
    orders.close(order=order, to=State.EXPIRED, by="system", now=now())
    stripe.pay(session_of(order))
    payments.look(order=order, now=now())

    mail.drain(now=now())

    letter = only(mail_server)
    assert letter["Subject"].endswith(f"your tickets ({order.reference})")
    assert "There were still tickets left" in " ".join(text_of(letter).split())
    assert [part.get_filename() for part in letter.iter_attachments()] == ["event.ics"]


def test_money_that_differs_is_told_as_what_was_paid(mail_server: MailServer, stripe: FakeStripe) -> None:
    order = make_paying_order()
    stripe.pay(session_of(order))
    event = stripe.events()[-1]
    event["data"]["object"]["amount_total"] = 900
    post_event(event)

    mail.drain(now=now())

    assert "All of that payment, £9.00, is on its way back" in text_of(only(mail_server))
