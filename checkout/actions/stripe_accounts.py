"""Connecting an organiser's own Stripe account, changing its key, and letting go of it.

No key is ever logged: a log line has its last four characters. Stripe is asked between transactions.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from accounts.actions import log
from accounts.models import Organiser, StripeAccount
from checkout.models import Payment, PaymentState
from checkout.providers import stripe_accounts
from checkout.providers.stripe_accounts import AccountFacts, CannotListen, KeyRefused
from kit import secrets, sql
from kit.tokens import url_token

# New payments of the organiser share it (checkout/sql/takers.sql); whoever changes the account has it alone.
LOCK: Final = "SELECT pg_advisory_xact_lock(20261125, %s::int) IS NULL"
OPEN: Final = (PaymentState.OPENING, PaymentState.OPEN)


class NoAccount(Exception):
    """The organiser has no account of their own, or not any more."""


class PaymentsOpen(Exception):
    """So many payment pages are open with this account just now, and their money would still come."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} payment pages are open")
        self.count = count


def connect(*, organiser: Organiser, secret_key: str, by: Any, now: datetime) -> StripeAccount:
    """Take payments with this key from now on: a first account, a new key to the same one, or another account.

    Another account retires the one before, which keeps its key for its own payments. Raises KeyRefused and
    ProviderUnavailable; nothing has changed then.
    """
    facts = stripe_accounts.look(secret_key)
    before = StripeAccount.objects.current().filter(organiser=organiser).first()
    fresh = StripeAccount(organiser=organiser, token=url_token(), created_at=now)
    needs_endpoint = before is None or not _is_same(before, facts) or not before.hears
    endpoint_id, webhook_secret = _listen(secret_key, before, facts, fresh) if needs_endpoint else ("", "")
    fresh.seal(secret_key=secret_key, webhook_secret=webhook_secret)
    kept = _keep(fresh, facts, endpoint_id, by=by, now=now)
    if endpoint_id and kept.webhook_id != endpoint_id:  # somebody else was quicker, and theirs is used
        stripe_accounts.stop_listening(secret_key, endpoint_id)
    return kept


def _is_same(account: StripeAccount, facts: AccountFacts) -> bool:
    return (account.stripe_id, account.is_live) == (facts.stripe_id, facts.is_live)


def _listen(
    secret_key: str, before: StripeAccount | None, facts: AccountFacts, fresh: StripeAccount
) -> tuple[str, str]:
    """An endpoint at the address of the account that will be in use. Nothing where Stripe would not make one."""
    account = before if before and _is_same(before, facts) else fresh
    try:
        return stripe_accounts.listen(secret_key, f"{settings.SITE_URL}{account.webhook_path}")
    except CannotListen:
        return "", ""


@transaction.atomic
def _keep(fresh: StripeAccount, facts: AccountFacts, endpoint_id: str, *, by: Any, now: datetime) -> StripeAccount:
    organiser = fresh.organiser
    sql.value(LOCK, (organiser.pk,))
    before = StripeAccount.objects.select_for_update().current().filter(organiser=organiser).first()
    account = before if before and _is_same(before, facts) else fresh
    if account is before:
        account.sealed_key, account.key_ends = fresh.sealed_key, fresh.key_ends
        said, kind = f"Entered a new key to {{}} (in place of …{before.key_ends}).", "stripe-key-changed"
    elif before:
        StripeAccount.objects.filter(pk=before.pk).update(retired_at=now)
        said, kind = f"Connected {{}} in place of {before}.", "stripe-account-replaced"
    else:
        said, kind = "Connected {}.", "stripe-account-connected"
    if fresh.hears and not account.webhook_id:
        account.sealed_webhook_secret, account.webhook_id = fresh.sealed_webhook_secret, endpoint_id
    account.stripe_id, account.name, account.is_live = facts.stripe_id, facts.name[:200], facts.is_live
    account.statement_prefix, account.checked_at = facts.statement_prefix[:22], now
    account.save()
    log.record(organiser=organiser, by=by, kind=kind, said=said.format(account), details=_details(account), now=now)
    return account


def hear(*, organiser: Organiser, webhook_secret: str, by: Any, now: datetime) -> None:
    """Believe notices that are signed with this secret, of an endpoint that somebody made at Stripe. Raises NoAccount
    and KeyRefused."""
    if not stripe_accounts.WEBHOOK_SECRET.fullmatch(webhook_secret):
        raise KeyRefused("A signing secret begins with whsec_. It is on the endpoint's page at Stripe.")
    with transaction.atomic():
        account = _current(organiser)
        account.seal(webhook_secret=webhook_secret)
        account.webhook_id = ""
        account.save(update_fields=["sealed_webhook_secret", "webhook_id"])
        log.record(
            organiser=organiser, by=by, kind="stripe-webhook-changed", details=_details(account), now=now,
            said=f"Entered the signing secret of the notices about {account}.",
        )  # fmt: skip


def remove(*, organiser: Organiser, by: Any, now: datetime) -> None:
    """Take no more payments with the organiser's own account; those that were made keep it, for their refunds.

    Raises NoAccount and PaymentsOpen: a page that is open takes money until it is closed, within its hold's time.
    """
    with transaction.atomic():
        account = _current(organiser)
        if count := Payment.objects.filter(account=account, state__in=OPEN).count():
            raise PaymentsOpen(count)
        unheard = {"sealed_webhook_secret": "", "webhook_id": ""}
        StripeAccount.objects.filter(pk=account.pk).update(retired_at=now, **unheard)
        log.record(
            organiser=organiser, by=by, kind="stripe-account-removed", details=_details(account), now=now,
            said=f"Removed {account}. Its key is kept to pay back what was paid with it.",
        )  # fmt: skip
    _stop_listening(account)


def forget(*, account: StripeAccount, by: Any, now: datetime) -> None:
    """Delete the key of an account that takes no payments any more: what was paid with it can be paid back at Stripe
    only. Twice is once. Raises PaymentsOpen, and NoAccount for one that is in use."""
    with transaction.atomic():
        sql.value(LOCK, (account.organiser_id,))
        found = StripeAccount.objects.select_for_update().exclude(retired_at=None).filter(pk=account.pk).first()
        if found is None:
            raise NoAccount
        if count := Payment.objects.filter(account=found, state__in=OPEN).count():
            raise PaymentsOpen(count)
        if not found.sealed_key:
            return
        blank = {"sealed_key": "", "sealed_webhook_secret": "", "webhook_id": ""}
        StripeAccount.objects.filter(pk=found.pk).update(**blank)
        log.record(
            organiser=found.organiser, by=by, kind="stripe-key-forgotten", details=_details(found), now=now,
            said=f"Deleted the key to {found}.",
        )  # fmt: skip
    _stop_listening(found)


def _stop_listening(account: StripeAccount) -> None:
    """Take the endpoint that we made away, as the account was before; nothing more is said there that we act on."""
    if account.webhook_id:
        with suppress(secrets.Unreadable):
            stripe_accounts.stop_listening(secrets.unseal(account.sealed_key), account.webhook_id)


def _current(organiser: Organiser) -> StripeAccount:
    """Within a transaction, and no payment can begin with it until that ends."""
    sql.value(LOCK, (organiser.pk,))
    account = StripeAccount.objects.select_for_update().current().filter(organiser=organiser).first()
    if account is None:
        raise NoAccount
    return account


def _details(account: StripeAccount) -> dict[str, Any]:
    return {"stripe_id": account.stripe_id, "is_live": account.is_live, "key_ends": account.key_ends}
