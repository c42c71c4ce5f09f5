"""People who sign up, log in and follow the links in their mail."""

import json
import re
import time
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import User

OLD_PASSWORD: Final = "password"  # that of tests.makers
PASSWORD: Final = "four words in rows"
ADA: Final = {"full_name": "Ada Lovelace", "email": "ada@example.com", "password1": PASSWORD}
SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_up(client: Client, **over: str) -> Any:
    return client.post("/signup/", {**ADA, **over})


def log_in(client: Client, email: str, password: str = OLD_PASSWORD, **more: str) -> Any:
    return client.post("/login/", {"login": email, "password": password, **more})


def link(place: int = -1) -> str:
    """The path of the first link in a mail that was sent, the last one by default."""
    found = re.search(r"https?://[^/\s]+(/accounts/\S+)", str(mail.outbox[place].body))
    assert found, mail.outbox[place].body
    return found[1]


def code_of(secret: str = SECRET, *, steps: int = 0) -> str:
    """What an authenticator app with this secret shows now, or `steps` times 30 seconds later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def set_up_app(user: User, secret: str = SECRET) -> None:
    TOTP.activate(user, secret)


def add_passkey(user: User, name: str = "Blue key") -> Authenticator:
    """One that the site believes to have seen; no browser has it."""
    handle, point = b"c" * 16, ec.generate_private_key(ec.SECP256R1()).public_key()
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    key = ES256.from_cryptography_key(point)  # type: ignore[no-untyped-call]  # fido2 tells none here
    seen = AttestedCredentialData.create(Aaguid.NONE, handle, key)
    attested = AttestationObject.create("none", AuthenticatorData.create(b"r" * 32, flags, 0, seen), {})
    said = {"type": "webauthn.create", "challenge": "eA", "origin": "http://localhost"}
    response = {
        "attestationObject": websafe_encode(attested), "clientDataJSON": websafe_encode(json.dumps(said).encode()),
    }  # fmt: skip
    credential = {
        "id": websafe_encode(handle), "rawId": websafe_encode(handle), "type": "public-key", "response": response,
        "clientExtensionResults": {"credProps": {"rk": True}},
    }  # fmt: skip
    return WebAuthn.add(user, name, credential).instance


def summary(answer: Any) -> list[str]:
    """What the summary of errors says, without markup."""
    part = answer.content.decode().partition('id="error-summary-title"')[2].partition("</div>")[0]
    return [" ".join(re.sub(r"<[^>]+>", "", item).split()) for item in re.findall(r"<li>(.*?)</li>", part, re.DOTALL)]
