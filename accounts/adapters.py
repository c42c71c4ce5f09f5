"""Where django-allauth asks us: which address is ours, who is the client, how a mail is written, what is said."""

from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

import segno
import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import letters
from accounts.browsers import said_of
from accounts.models import User
from kit import secrets

log = structlog.stdlib.get_logger("accounts")

NOBODY_KNOWS: Final = "0.0.0.0"  # noqa: S104  -- stands for a client whose address is not told, and listens nowhere
NOT_LED_TO: Final = ("/login/", "/logout/", "/signup/")  # who is signed in would be led round in a circle
WORDS: Final = {
    "email_password_mismatch": "Please enter a correct e-mail address and password.",
    "incorrect_password": "This is not your password.",
    "enter_current_password": "This is not your password.",
    "incorrect_code": "This code is wrong, or its time is over. Type the one that is shown now.",
    "too_many_login_attempts": "There were too many wrong tries. Wait five minutes, or set a new password.",
    "rate_limited": "There were too many tries. Wait a minute.",
    "duplicate_email": "This is your address already.",
    "email_taken": "This address has an account.",
    "invalid_password_reset": "This link has been used, or its time is over.",
    "unverified_email": "Confirm your e-mail address first.",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth tells no types
    """What allauth does with accounts, in our words."""

    error_messages = {**DefaultAccountAdapter.error_messages, **WORDS}

    def is_safe_url(self, url: str) -> bool:
        """Only this site's own, and none that leads who is signed in back to where they are."""
        own = url_has_allowed_host_and_scheme(url, allowed_hosts={self.request.get_host()})
        return own and not urlsplit(url).path.startswith(NOT_LED_TO)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address behind the edge. Over a socket without an edge nobody has one."""
        return get_client_ip(request) or NOBODY_KNOWS

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return said_of(request.headers.get("User-Agent", ""))

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.full_name = form.cleaned_data["full_name"]
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]

    def unstash_verified_email(self, request: HttpRequest) -> str | None:
        """The address that an invitation was sent to, for who signs up with it; else allauth would put it in the place
        of the one that was typed."""
        known: str | None = super().unstash_verified_email(request)
        return known if known and known.lower() == request.POST.get("email", "").strip().lower() else None

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Who shows that an address is theirs has it, also where somebody else has typed it and never confirmed it."""
        others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        others.filter(last_login=None, is_staff=False, memberships=None).delete()
        if others.exists():
            self.add_message(request, messages.ERROR, message="This address has an account.")
            return False
        return bool(super().confirm_email(request, email_address))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    # ---- Mail -----------------------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Text only: it is short, and a link in it can be seen for what it is. The page says how to have it sent again,
        if it could not be sent."""
        told = {**context, "email": email, "site_url": settings.SITE_URL}
        letters.send(
            render_to_string(f"{template_prefix}_subject.txt", told), f"{template_prefix}_message", email, told
        )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """On the site's own address, whatever host the request has named."""
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, secret = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": secret})


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth tells no types
    """What allauth does with apps, passkeys and codes."""

    error_messages = {**DefaultMFAAdapter.error_messages, **WORDS}

    def build_totp_svg(self, url: str) -> str:
        """Black on white, so that it is read in the dark scheme too."""
        drawn = BytesIO()
        segno.make(url, error="m").save(drawn, kind="svg", scale=4, border=4, light="#fff", dark="#000", xmldecl=False)
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002  -- allauth's name
        return f"Passkey {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"

    def encrypt(self, text: str) -> str:
        """As every secret of others is kept (kit/secrets.py)."""
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Where no key opens it any more, a secret that nobody knows: each code is refused as wrong."""
        try:
            return secrets.unseal(encrypted_text)
        except secrets.Unreadable:
            log.warning("second factor unreadable")
            return str(generate_totp_secret())

    def _get_site_name(self) -> str:
        return "Tito"
