"""Sealing all that is sealed under the newest key, so that older ones can be left out."""

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


def _seal_anew(account: StripeAccount) -> bool:
    try:
        account.sealed_key = secrets.seal_anew(account.sealed_key)
        account.sealed_webhook_secret = secrets.seal_anew(account.sealed_webhook_secret)
    except secrets.Unreadable:
        return False
    return True
