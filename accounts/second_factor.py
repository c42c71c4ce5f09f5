"""Whether somebody has a second factor, and whether they have shown it in this session."""

from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes only stand in for them


def has_one(user: Any) -> bool:
    """An authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def was_shown(request: HttpRequest) -> bool:
    """By a code, a passkey or a recovery code, when the session began or since; and it is not removed since."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records) and has_one(request.user)


def way_to_show_it(request: HttpRequest) -> str:
    """The page that asks for the code, or for the passkey where there is nothing else."""
    app = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP)
    return "/accounts/2fa/reauthenticate/" if app.exists() else "/accounts/2fa/webauthn/reauthenticate/"
