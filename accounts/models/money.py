"""StripeAccount: where an organiser's money goes."""

from typing import Final

from django.db import models
from django.db.models import Q

from accounts.models.organisers import Organiser
from kit import secrets
from kit.tokens import url_token

SEALED: Final = "gAAAAA"  # how everything begins that kit/secrets.py has sealed


LONGEST_PREFIX: Final = 10
ROOM: Final = 22 - len("* ")


def statement_room(prefix: str) -> int:
    """How many characters a statement has left for a name after an account's prefix; a prefix we do not know may be as
    long as they get. Source: as accounts.models.organisers.validate_statement_name."""
    return ROOM - (min(len(prefix), LONGEST_PREFIX) or LONGEST_PREFIX)


class StripeAccountQuerySet(models.QuerySet["StripeAccount"]):
    """Words for questions about many accounts."""

    def current(self) -> "StripeAccountQuerySet":
        """Those that take new payments: one an organiser at most."""
        return self.filter(retired_at=None)

    def usable(self) -> "StripeAccountQuerySet":
        """Those whose key we have: money can be sent back from them, and their books be read."""
        return self.exclude(sealed_key="")


class StripeAccount(models.Model):
    """One Stripe account of an organiser, with a key to it. Sealed are the key and what Stripe signs notices with.

    A payment keeps the account it was made with. So one that is replaced or removed is retired and not deleted: it
    takes no new payment, and its refunds still go out. When its key is forgotten, nothing can be asked there any more.
    """

    organiser = models.ForeignKey(Organiser, on_delete=models.PROTECT, related_name="stripe_accounts")
    token = models.CharField(max_length=40, default=url_token, editable=False)
    stripe_id = models.CharField(max_length=255, help_text="As Stripe calls the account: acct_…")
    name = models.CharField(max_length=200, blank=True)
    statement_prefix = models.CharField(
        max_length=22, blank=True, help_text="What Stripe puts first on statements of cards."
    )
    is_live = models.BooleanField(help_text="Whether money moves: no for a key of Stripe's test mode.")
    key_ends = models.CharField(max_length=4, help_text="The last four characters of the key.")
    sealed_key = models.TextField(blank=True)
    sealed_webhook_secret = models.TextField(blank=True)
    webhook_id = models.CharField(max_length=255, blank=True, help_text="The endpoint at Stripe, where we made it.")
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(help_text="When Stripe last took the key.")
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = StripeAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["token"], name="stripe_account_token_once"),
            models.UniqueConstraint(
                fields=["organiser"], condition=Q(retired_at=None), name="stripe_account_one_current"
            ),
            models.CheckConstraint(
                condition=(Q(sealed_key="") | Q(sealed_key__startswith=SEALED))
                & (Q(sealed_webhook_secret="") | Q(sealed_webhook_secret__startswith=SEALED)),
                name="stripe_account_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=False) | ~Q(sealed_key=""), name="stripe_account_current_has_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.stripe_id} ({'live' if self.is_live else 'test'}, key …{self.key_ends})"

    @property
    def webhook_path(self) -> str:
        """Where Stripe sends its notices about this account."""
        return f"/webhooks/stripe/{self.token}/"

    @property
    def hears(self) -> bool:
        """Whether its notices can be believed. Without, payments are heard of when the buyer comes back, or late."""
        return bool(self.sealed_webhook_secret)

    def seal(self, *, secret_key: str = "", webhook_secret: str = "") -> None:
        """Keep these under seal, and of the key its end to tell it by; nothing leaves what is there."""
        if secret_key:
            self.sealed_key, self.key_ends = secrets.seal(secret_key), secret_key[-4:]
        if webhook_secret:
            self.sealed_webhook_secret = secrets.seal(webhook_secret)
