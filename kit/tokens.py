"""Secrets that travel in addresses and on tickets."""

import secrets
from typing import Final

# Crockford's base 32: no I, L, O or U, so a code read aloud or typed at a door is not misread.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Where what is typed is taken as it is: without 0 and 1 too, which are typed for O and I.
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def url_token() -> str:
    """22 URL-safe characters holding 128 random bits."""
    return secrets.token_urlsafe(16)


def typed_code(length: int = 12) -> str:
    """A code of `length` characters, 5 random bits each, that a person can type."""
    bits = int.from_bytes(secrets.token_bytes(length), "big")
    return "".join(ALPHABET[(bits >> (8 * place)) & 31] for place in range(length))


def typed_letters(length: int) -> str:
    """`length` letters and digits at random that nobody takes for another."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def normalise_code(typed: str) -> str:
    """What a person typed for a code, as it is stored: `abcd-o1l2` becomes `ABCD0112`."""
    return typed.upper().translate(MISREAD)
