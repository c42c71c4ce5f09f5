"""Where an organiser's money goes, and where it went before."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Q

from accounts.models import Organiser, StripeAccount
from checkout.models import PaymentState


@dataclass(frozen=True, slots=True)
class Standing:
    """How payments stand: the account in use, if there is one of their own, and those that were."""

    account: StripeAccount | None
    retired: list[Any]

    @property
    def webhook_url(self) -> str:
        return f"{settings.SITE_URL}{self.account.webhook_path}" if self.account else ""

    @property
    def prefix(self) -> str:
        return self.account.statement_prefix if self.account else ""


def standing(organiser: Organiser) -> Standing:
    """All accounts, newest first, each with how many payments were made with it (`paid`). One query."""
    paid = Count("payments", filter=Q(payments__state=PaymentState.PAID))
    found: list[Any] = list(organiser.stripe_accounts.annotate(paid=paid))
    current = next((account for account in found if account.retired_at is None), None)
    return Standing(current, [one for one in found if one.retired_at and one.sealed_key])
