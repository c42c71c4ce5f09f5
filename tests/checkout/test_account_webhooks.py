"""What an organiser's account tells us, and reconciling: each account about its own payments and no others."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import StripeAccount
from checkout import ledger
from checkout.actions import payments, stripe_accounts
from checkout.models import Order, Payment, State, WebhookReceipt
from checkout.reconcile import reconcile
from fakestripe import FakeStripe
from fakestripe.webhooks import signature
from kit import secrets
from tests.buyers import COMMITTED
from tests.checkout.accounts import OTHER_KEY, Stripes, connect
from tests.checkout.payers import SECRET, again, make_paying_order, payment_of, session_of
from tests.fakestripe.makers import make_session, open_client
from tests.makers import make_event, make_user

pytestmark = COMMITTED


def paid_notice(fake: FakeStripe) -> dict[str, Any]:
    """The last notice of a completed session, as the fake made it."""
    return [one for one in fake.events() if one["type"] == "checkout.session.completed"][-1]


def tell(account: StripeAccount | None, notice: dict[str, Any], *, secret: str = "") -> int:
    """A notice arrives at the account's address, or the installation's; signed with its own secret unless told."""
    own = secrets.unseal(account.sealed_webhook_secret) if account else SECRET
    body = json.dumps(notice)
    signed = signature(secret or own, body, int(now().timestamp()))
    path = account.webhook_path if account else "/webhooks/stripe/"
    answer = Client().post(path, body, content_type="application/json", headers={"Stripe-Signature": signed})
    return answer.status_code


def make_paid(stripes: Stripes) -> tuple[Order, StripeAccount, StripeAccount]:
    """An order that was paid at its organiser's own account and of which we have not heard; and another's account."""
    event = make_event()
    own, other = connect(event.organiser), connect(make_event().organiser, OTHER_KEY)
    order = make_paying_order(event)
    stripes.own.pay(session_of(order))
    return order, own, other


def test_notice_from_the_organisers_account_completes_the_order_once(stripes: Stripes) -> None:
    order, own, _ = make_paid(stripes)

    statuses = [tell(own, paid_notice(stripes.own)) for _ in range(2)]

    assert statuses == [200, 200]
    assert again(order).state == State.COMPLETE
    assert WebhookReceipt.objects.get().provider_id == f"{own.pk}:{paid_notice(stripes.own)['id']}"
    assert ledger.check().is_clean


@pytest.mark.parametrize("is_saved", [True, False], ids=["by its id", "by our own number"])
def test_notice_of_another_account_cannot_complete_it(stripes: Stripes, is_saved: bool) -> None:
    order, _, other = make_paid(stripes)
    if not is_saved:
        Payment.objects.filter(order=order).update(session_id=None)

    statuses = [tell(one, paid_notice(stripes.own)) for one in (other, None)]

    assert statuses == [200, 200]
    assert again(order).state == State.PAYING


def test_notice_signed_by_another_is_refused(stripes: Stripes) -> None:
    order, own, other = make_paid(stripes)
    theirs = secrets.unseal(other.sealed_webhook_secret)

    statuses = [tell(own, paid_notice(stripes.own), secret=one) for one in (theirs, SECRET)]

    assert (statuses, again(order).state) == ([400, 400], State.PAYING)
    assert Client().post("/webhooks/stripe/nobody/").status_code == 404


def test_notice_that_another_account_invented_does_not_hide_a_real_one(stripes: Stripes) -> None:
    order, own, other = make_paid(stripes)
    real = paid_notice(stripes.own)

    tell(other, real | {"type": "invented"})
    tell(own, real)

    assert again(order).state == State.COMPLETE


def test_account_that_was_replaced_still_tells_how_its_last_payments_ended(stripes: Stripes) -> None:
    order, own, _ = make_paid(stripes)
    connect(order.event.organiser, OTHER_KEY)

    status = tell(own, paid_notice(stripes.own))

    assert (status, again(order).state) == (200, State.COMPLETE)


def test_decline_is_noted_for_payments_of_the_same_account_only(stripes: Stripes) -> None:
    event = make_event()
    own, other = connect(event.organiser), connect(make_event().organiser, OTHER_KEY)
    order = make_paying_order(event)
    stripes.own.decline(session_of(order))
    failed = [one for one in stripes.own.events() if one["type"] == "payment_intent.payment_failed"][-1]

    tell(other, failed)
    before = payment_of(order).last_error
    tell(own, failed)

    assert (before, payment_of(order).last_error) == ("", "Your card was declined.")


def test_address_of_an_account_whose_key_was_deleted_believes_nothing(stripes: Stripes) -> None:
    order, own, _ = make_paid(stripes)
    notice, secret = paid_notice(stripes.own), secrets.unseal(own.sealed_webhook_secret)
    payments.look(order=order, now=now())
    stripe_accounts.remove(organiser=order.event.organiser, by=make_user(), now=now())
    stripe_accounts.forget(account=own, by=make_user(), now=now())

    assert tell(own, notice, secret=secret) == 400


def test_reconcile_goes_over_all_accounts(stripes: Stripes) -> None:
    order, _, _ = make_paid(stripes)
    plain = make_paying_order()
    stripes.site.pay(session_of(plain))

    found = reconcile(since=now() - timedelta(hours=1), now=now())

    assert [(one.text, one.is_mended) for one in found] == [
        (f"{session_of(one)}: paid at the provider, not here (order {one.reference})", True) for one in (plain, order)
    ]
    assert {again(one).state for one in (plain, order)} == {State.COMPLETE}
    assert reconcile(since=now() - timedelta(hours=1), now=now()) == []


def test_reconcile_leaves_alone_what_an_organiser_sells_elsewhere(stripes: Stripes) -> None:
    connect(make_event().organiser, OTHER_KEY)
    with open_client(stripes.other.base_url, OTHER_KEY) as client:
        make_session(client)

    assert reconcile(since=now() - timedelta(hours=1), now=now()) == []


def test_reconcile_names_the_account_that_does_not_answer(stripes: Stripes) -> None:
    order, own, _ = make_paid(stripes)
    stripes.give_key(stripes.other, "sk_test_RolledAtStripe")

    found = reconcile(since=now() - timedelta(hours=1), now=now())

    assert [one.is_mended for one in found] == [True, False]
    assert found[1].text.startswith("account ")
    assert OTHER_KEY not in found[1].text
    assert again(order).state == State.COMPLETE
    assert own.pk


@pytest.mark.parametrize(
    ("name", "sent"), [("AUTUMN CONF", "AUTUMN CONF"), ("A VERY LONG NAME AB", "A VERY LONG NAME"), ("2026", None)]
)
def test_statement_has_the_organisers_name_as_far_as_there_is_room(
    stripes: Stripes, name: str, sent: str | None
) -> None:
    event = make_event()
    event.organiser.statement_name = name
    event.organiser.save()
    connect(event.organiser)

    order = make_paying_order(event)
    stripes.own.pay(session_of(order))

    assert [one["statement_descriptor_suffix"] for one in stripes.own.payment_intents()] == [sent]
