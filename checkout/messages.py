"""Mail to buyers, made from an order as it stands: a complete text, the same as HTML, and the calendar entry."""

from email.utils import formataddr, parseaddr
from typing import Any, Final

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from checkout.calendar import event_calendar
from checkout.live_tickets import live
from checkout.models import Mail
from checkout.queries import OrderView
from kit import money

SUBJECTS: Final = {
    Mail.Kind.TICKETS: "{event}: your tickets ({reference})",
    Mail.Kind.FOUND_TICKETS: "{event}: your tickets ({reference})",
    Mail.Kind.REFUNDED: "{event}: your payment is on its way back ({reference})",
    Mail.Kind.CANCELLED: "{event}: your order is cancelled ({reference})",
    Mail.Kind.TAKEN_BACK: "{event}: a change to your order ({reference})",
}
TEST_MARK: Final = "[Test]"
WITH_CALENDAR: Final = (Mail.Kind.TICKETS, Mail.Kind.FOUND_TICKETS)
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def compose(mail: Mail, view: OrderView, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """The message ready to send, over `connection`."""
    order_url = f"{settings.SITE_URL}{view.order.get_absolute_url()}"
    context = {
        "order": view.order, "event": view.event, "lines": view.lines, "tickets": live(view.tickets),
        **_taken_back(mail, view),
        "total_text": view.total_text, "saving_text": view.saving_text, "order_url": order_url,
        "site_url": settings.SITE_URL,
        "refund_text": _refund_text(mail, view), "terms": view.terms if mail.kind in WITH_CALENDAR else None,
        "invitation": view.questions.invitation if mail.kind in WITH_CALENDAR else "",
    }  # fmt: skip
    message = EmailMultiAlternatives(
        subject=_subject(mail, view),
        body=render_to_string(f"checkout/mail/{mail.kind}.txt", context),
        from_email=formataddr((_one_line(view.event.organiser_name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[mail.to],
        reply_to=[view.event.contact_email] if view.event.contact_email else [],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        connection=connection,
    )
    message.attach_alternative(
        _inliner.inline(render_to_string(f"checkout/mail/{mail.kind}.html", context)), "text/html"
    )
    if mail.kind in WITH_CALENDAR:
        entry = event_calendar(view.event, order_url=order_url, uid=view.calendar_uid, now=view.now)
        message.attach("event.ics", entry, "text/calendar")
    return message


def _subject(mail: Mail, view: OrderView) -> str:
    subject = SUBJECTS[Mail.Kind(mail.kind)].format(event=view.event.title, reference=view.order.reference)
    return _one_line(f"{TEST_MARK} {subject}" if view.event.is_test else subject)


def _one_line(text: str) -> str:
    """Fit for a header: Django refuses to send one with a line break in it."""
    return " ".join(text.split())


def _taken_back(mail: Mail, view: OrderView) -> dict[str, Any]:
    """Which tickets this mail says are void, and how much goes back in which way."""
    if mail.kind != Mail.Kind.TAKEN_BACK:
        return {}
    made = view.order.reversals.get(pk=mail.key.rpartition("-")[2])
    return {
        "made": made,
        "gone": [ticket for ticket in view.tickets if ticket.number in made.ticket_numbers],
        "back_text": money.amount_text(made.amount_minor, view.currency),
    }


def _refund_text(mail: Mail, view: OrderView) -> str:
    """What goes back: all of the payment that this mail is about, which may differ from what the order costs."""
    if mail.kind != Mail.Kind.REFUNDED:
        return view.total_text
    payment = view.order.payments.get(pk=mail.key.rpartition("-")[2])
    return money.price_text(payment.refunded_minor, payment.currency)
