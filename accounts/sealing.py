"""Keeps the secrets of authenticator apps unreadable to whoever has a copy of the database and not the settings."""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """What is stored in place of `text`."""
    return _seals().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again, also under a SECRET_KEY that is among SECRET_KEY_FALLBACKS. Raises InvalidToken under another."""
    return _seals().decrypt(sealed.encode()).decode()


def _seals() -> MultiFernet:
    return MultiFernet([_seal_by(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _seal_by(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(f"tito second factors {secret}".encode()).digest()))
