"""Secrets of other people that we keep: sealed at rest, and opened only where they are used.

Sealed with Fernet (AES-128-CBC and HMAC-SHA256; https://github.com/fernet/spec). The first of ENCRYPTION_KEYS seals,
all of them open: a new key is put before the old one, `manage.py rotate_secrets` seals all anew, then the old one goes.
"""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """None of the keys opens this: it was sealed with one that is gone, or somebody has changed it."""


def seal(secret: str) -> str:
    """The secret as it may be stored; nothing stays nothing."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """What was sealed. Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as fault:
        raise Unreadable("None of ENCRYPTION_KEYS opens this secret.") from fault


def seal_anew(sealed: str) -> str:
    """The same secret under the newest key. Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken as fault:
        raise Unreadable("None of ENCRYPTION_KEYS opens this secret.") from fault


def is_newest(sealed: str) -> bool:
    """Whether the newest key alone opens it, so that the older ones are not needed for it."""
    try:
        Fernet(settings.ENCRYPTION_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        return not sealed
    return True


def key_from(text: str) -> str:
    """A key that follows from another secret: for a desk, where nobody wants to set one. Production refuses these."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"ENCRYPTION_KEYS {text}".encode()).digest()).decode()


def faults(keys: list[str]) -> list[str]:
    """What is wrong with these keys, in words for the person who set them."""
    return [fault for place, key in enumerate(keys, start=1) if (fault := _fault(place, key))]


def _fault(place: int, key: str) -> str:
    try:
        Fernet(key)
    except ValueError:
        return f"ENCRYPTION_KEYS: number {place} is no key; one is 32 random bytes in URL-safe base64."
    return ""


def _box() -> MultiFernet:
    return _box_of(tuple(settings.ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
