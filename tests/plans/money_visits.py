"""Visits about money: notices of organisers' own accounts, and an event that is tried out with play money."""

import json

from django.db import connection
from django.utils.timezone import now

from accounts.models import Organiser, StripeAccount
from checkout.actions import orders, payments, test_mode
from fakestripe.webhooks import signature
from tests.buyers import ADA
from tests.checkout.payers import again
from tests.plans.guide import PAID, Guide, path_of


def forget_plans() -> None:
    """Triggers keep plans for as many rows as a whole event has. An organiser's next request has another connection."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def hear_account(guide: Guide) -> None:
    """Of an organiser's own account, about nothing of ours."""
    with guide.watch.at(""):
        secret = f"whsec_{guide.n}"
        organiser = Organiser.objects.get(slug=guide.event_path.split("/")[1])
        account = StripeAccount(
            organiser=organiser, is_live=False, created_at=now(), checked_at=now(), retired_at=now()
        )
        account.seal(secret_key="sk_test_1234", webhook_secret=secret)
        account.save()
        notice = {
            "id": f"evt_{account.pk}",
            "object": "event",
            "type": "charge.updated",
            "data": {"object": {"id": "ch"}},
        }
    path, body = account.webhook_path, json.dumps(notice)
    signed = {"Stripe-Signature": signature(secret, body, int(now().timestamp()))}
    guide.ask(lambda: guide.client.post(path, body, content_type="application/json", headers=signed), 200)
    with guide.watch.at(""):
        account.delete()


def pretend_to_pay(guide: Guide) -> None:
    """At an event in test mode: look, be declined, pay; and the end of it."""
    with guide.watch.at(""):
        event = guide.tested()
        order = guide.held(PAID, event_id=event.pk)
        orders.record_details(order=order, details=ADA)
        payments.begin(order=again(order), now=now())
        path = path_of(order, "pretend-payment/")
    guide.get(path)
    guide.post(path, {"button": "decline"})
    guide.post(path, {"button": "pay"})
    with guide.watch.at(""):
        test_mode.end(event=event, by=None, now=now())


def try_out(guide: Guide) -> None:
    """From the beginning of test mode to the last row that it leaves, with an order in it."""
    with guide.watch.at(""):
        event = guide.tested(begun=False)
    test_mode.begin(event=event, by=None, now=now())
    with guide.watch.at(""):
        guide.held(PAID, event_id=event.pk)
    test_mode.left(event=event)
    test_mode.end(event=event, by=None, now=now())
    with guide.watch.at(""):
        forget_plans()
