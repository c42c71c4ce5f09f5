"""Sealing all that is sealed under the newest key, so that older ones can be left out."""

from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.models import StripeAccount
from kit import secrets


class Unreadable(Exception):
    """These accounts hold what none of the keys opens; the others were sealed anew."""

    def __init__(self, accounts: list[StripeAccount]) -> None:
        super().__init__(", ".join(f"{account.pk} of {account.organiser.slug}" for account in accounts))
        self.accounts = accounts


def seal_anew() -> int:
    """Seal every secret under the first of ENCRYPTION_KEYS; answers of how many accounts. Raises Unreadable."""
    with transaction.atomic():  # locked, so that a key that is entered meanwhile is not put back
        usable = StripeAccount.objects.usable().select_related("organiser")
        found = list(usable.select_for_update(of=("self",)).order_by("pk"))
        lost = [account for account in found if not _seal_anew(account)]
        StripeAccount.objects.bulk_update(found, ["sealed_key", "sealed_webhook_secret"], batch_size=500)
    if lost:
        raise Unreadable(lost)
    return len(found)


SEALED_IN: Final = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def seal_factors_anew() -> tuple[int, int]:
    """The same for authenticator apps and recovery codes; answers how many, and how many that no key opens: those are
    left, for their people must set them up anew."""
    with transaction.atomic():
        found = list(Authenticator.objects.filter(type__in=SEALED_IN).select_for_update().order_by("pk"))
        opened = [factor for factor in found if _seal_factor_anew(factor)]
        Authenticator.objects.bulk_update(opened, ["data"], batch_size=500)
    return len(opened), len(found) - len(opened)


def _seal_factor_anew(factor: Any) -> bool:
    name = SEALED_IN[factor.type]
    try:
        factor.data[name] = secrets.seal_anew(factor.data.get(name, ""))
    except secrets.Unreadable:
        return False
    return True


def _seal_anew(account: StripeAccount) -> bool:
    try:
        account.sealed_key = secrets.seal_anew(account.sealed_key)
        account.sealed_webhook_secret = secrets.seal_anew(account.sealed_webhook_secret)
    except secrets.Unreadable:
        return False
    return True
