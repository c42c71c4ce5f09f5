"""What only the person themselves may do, and not whoever finds their desk open: it needs the password, a code or a
passkey once more, within the last minutes. The page that asks is django-allauth's."""

import time
from typing import Final
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

ASKS: Final = "/accounts/reauthenticate/"


def is_confirmed(request: HttpRequest) -> bool:
    """Whether they have shown who they are lately; having logged in lately is not enough."""
    records = get_authentication_records(request, request.user)
    shown_at = [record["at"] for record in records if record.get("reauthenticated")]
    return bool(shown_at) and time.time() - max(shown_at) < app_settings.REAUTHENTICATION_TIMEOUT


def address(back_to: str) -> str:
    """Where it is asked for, and leads back from."""
    return f"{ASKS}?{urlencode({'next': back_to})}"


def ask(back_to: str) -> HttpResponse:
    """Nothing of what was sent is kept, as there may be a secret in it (allauth's own decorator would keep it)."""
    return HttpResponseRedirect(address(back_to))
