"""Letters to people who have an account, or are asked to make one."""

from email.utils import formataddr
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.actions.invitations import Issued
from accounts.actions.team import described

log = structlog.stdlib.get_logger("accounts")


def invite(issued: Issued) -> bool:
    """Sends an invitation with its link; answers whether the mail server took it. Call it outside a transaction."""
    invitation = issued.invitation
    events = list(invitation.events.all()) if invitation.is_limited else None
    inviter = invitation.invited_by.get_full_name() if invitation.invited_by else ""
    context = {
        "organiser": invitation.organiser,
        "inviter": inviter,
        "as_what": described(invitation.role, events),
        "url": f"{settings.SITE_URL}/accounts/invitations/{issued.token}/",
        "site_url": settings.SITE_URL,
    }
    return send(f"Join the team of {invitation.organiser.name}", "accounts/mail/invitation", invitation.email, context)


def send(subject: str, template: str, to: str, context: dict[str, object]) -> bool:
    """One letter as text; what cannot be sent is logged."""
    letter = EmailMessage(
        subject=" ".join(subject.split()),
        body=render_to_string(f"{template}.txt", context).strip() + "\n",
        from_email=formataddr(("Tito", settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">"))),
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    try:
        letter.send()
    except (OSError, SMTPException) as fault:
        log.exception("account mail not sent", kind=template.rpartition("/")[2], fault=repr(fault))
        return False
    return True
