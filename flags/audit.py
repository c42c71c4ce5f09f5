"""Who changes flags, why and when: told to the database, whose triggers write the audit (flags/sql/audit.sql)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from kit import sql

AUTOMATIC: Final = "automatic"
# Local to the transaction, so the next user of the connection does not sign with another's name.
SIGN: Final = (
    "SELECT set_config('tito.by', %s, true) || set_config('tito.reason', %s, true) || set_config('tito.at', %s, true)"
)


class NoReason(Exception):
    """Somebody wants to change a flag and does not say why."""


@contextmanager
def signed(*, by: AbstractBaseUser | None, reason: str, now: datetime) -> Iterator[None]:
    """One transaction, whose changes of flags are by this person (None: automatic), for this reason. Raises NoReason.

    Not one within another: the inner one would take the outer one's signature away.
    """
    if not reason.strip():
        raise NoReason
    with transaction.atomic():
        sql.value(SIGN, (by.get_username() if by else AUTOMATIC, reason.strip(), now.isoformat()))
        yield
        sql.value(SIGN, ("", "", ""))  # what comes later in a longer transaction signs for itself; a fault undoes it
