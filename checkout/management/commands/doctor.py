"""`manage.py doctor`: whether everything that Tito stands on answers. Exits 1 when something does not."""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now

from accounts.models import StripeAccount
from checkout import ledger, wallet_signing
from checkout.providers import provider, provider_at
from checkout.providers.protocol import ProviderRefused, ProviderUnavailable
from events.models import Event
from kit import bulkheads, mail_dns, secrets

RENEW_BEFORE = timedelta(days=30)


def database() -> Iterator[str]:
    plan = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    if plan:
        yield f"{len(plan)} migrations are not applied: run manage.py migrate."


def browsing() -> Iterator[str]:
    """Whether the public pages' own role can read what they show."""
    with bulkheads.browsing():
        Event.objects.public().select_related("organiser").first()
    yield from ()


def redis() -> Iterator[str]:
    cache.set("doctor", "well", timeout=5)
    if cache.get("doctor") != "well":
        yield "Redis does not keep what it is given: look at its memory policy."


def mail_server() -> Iterator[str]:
    sender = get_connection()
    sender.open()
    sender.close()
    yield from ()


def mail_dns_records() -> Iterator[str]:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if domain.replace(".", "").isdigit() or "." not in domain:
        yield f"EMAIL_FROM is at {domain or 'no domain'}: no mail server on the internet will take that."
        return
    yield from mail_dns.faults(domain, dkim_selector=settings.EMAIL_DKIM_SELECTOR)


def payments() -> Iterator[str]:
    next(provider().sessions_since(now()), None)
    yield from ()


def organisers_payments() -> Iterator[str]:
    """Whether the keys of organisers' own accounts are opened, and taken by Stripe."""
    for account in StripeAccount.objects.current().select_related("organiser").order_by("pk"):
        try:
            next(provider_at(account).sessions_since(now()), None)
        except (ProviderUnavailable, ProviderRefused) as fault:
            yield f"the account of {account.organiser.slug} cannot be asked: {fault}"
    old = [one for one in StripeAccount.objects.usable() if not secrets.is_newest(one.sealed_key)]
    if old:
        yield f"{len(old)} keys are not sealed under the first of ENCRYPTION_KEYS: run manage.py rotate_secrets."


def wallet_passes() -> Iterator[str]:
    yield from (faults := wallet_signing.faults(settings.WALLET))
    signer = None if faults else wallet_signing.read(settings.WALLET)
    if signer and not signer.is_valid(at=now() + RENEW_BEFORE):
        yield f"WALLET_CERTIFICATE is not valid after {signer.ends_at:%Y-%m-%d}: no passes are offered then. Renew it."


def books() -> Iterator[str]:
    yield from ledger.check().faults


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "database": database,
    "browsing": browsing,
    "Redis": redis,
    "mail server": mail_server,
    "mail DNS": mail_dns_records,
    "payment provider": payments,
    "organisers' payments": organisers_payments,
    "wallet passes": wallet_passes,
    "ledger": books,
}


class Command(BaseCommand):
    help = "Checks that all Tito stands on is well, from the database to the ledger; exits 1 on a fault."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for name, check in CHECKS.items():
            found = list(_told(check))
            faults += len(found)
            for fault in found or ["well"]:
                self.stdout.write(f"{name}: {fault}")
        if faults:
            sys.exit(1)


def _told(check: Callable[[], Iterator[str]]) -> Iterator[str]:
    """A check's faults; one that cannot even be made is a fault too."""
    try:
        yield from check()
    except Exception as fault:
        yield f"does not answer: {fault}"
