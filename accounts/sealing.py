"""Keeps the secrets of authenticator apps unreadable to whoever has a copy of the database and not the settings."""

import base64
import secrets
from hashlib import sha256

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

log = structlog.stdlib.get_logger("accounts")


def seal(text: str) -> str:
    """What is stored in place of `text`."""
    return _seals().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again, also under a SECRET_KEY that is among SECRET_KEY_FALLBACKS.

    Under another it is a secret that nobody knows, so that each code is refused as wrong.
    """
    try:
        return _seals().decrypt(sealed.encode()).decode()
    except InvalidToken:
        log.warning("second factor unreadable")
        return base64.b32encode(secrets.token_bytes(20)).decode()


def _seals() -> MultiFernet:
    return MultiFernet([_seal_by(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _seal_by(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(f"tito second factors {secret}".encode()).digest()))
