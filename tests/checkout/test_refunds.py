"""Money going back: claimed once, sent once, whatever happens between the two."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from pytest_django import Settings

from checkout import ledger
from checkout.actions import orders, refunds
from checkout.models import Order, Payment, Refund, RefundState, State
from checkout.providers import provider
from fakestripe import FakeStripe
from tests.checkout.payers import (
    KEY,
    Webhooks,
    history_of,
    make_paying_order,
    page_of,
    payment_of,
    session_of,
)
from tests.fakestripe.makers import open_client
from tests.makers import make_event

pytestmark = pytest.mark.django_db

CREATE_REFUND = "POST /v1/refunds"
HOURS = [timedelta(hours=hour) for hour in range(1, 9)]


def make_late_payment(
    stripe: FakeStripe, webhooks: Webhooks, *, currency: str = "GBP", price_minor: int = 1000
) -> Order:
    """A cancelled order whose payment came all the same: its refund is claimed and not sent yet."""
    order = make_paying_order(make_event(currency=currency), price_minor=price_minor)
    orders.close(order=order, to=State.CANCELLED, by="buyer", now=now())
    stripe.pay(session_of(order))
    webhooks.carry()
    return order


def make_paid_payment(stripe: FakeStripe, webhooks: Webhooks) -> Payment:
    """The payment, 10.00, of a complete order."""
    order = make_paying_order()
    stripe.pay(session_of(order))
    webhooks.carry()
    return payment_of(order)


def claim(payment: Payment, amount_minor: int, key: str) -> Refund:
    return refunds.claim(payment=payment, amount_minor=amount_minor, reason="Asked.", key=key, by="staff", now=now())


def refund_of(order: Order) -> Refund:
    return Refund.objects.get(payment__order=order)


def sent_back(stripe: FakeStripe) -> list[int]:
    return [refund["amount"] for refund in stripe.refunds()]


def test_refund_is_claimed_once_per_key(stripe: FakeStripe, webhooks: Webhooks) -> None:
    payment = make_paid_payment(stripe, webhooks)

    first, second = claim(payment, 400, "once"), claim(payment, 400, "once")

    assert first == second
    assert (payment_of(payment.order).refunded_minor, Refund.objects.count()) == (400, 1)


def test_refunds_together_never_exceed_the_payment(stripe: FakeStripe, webhooks: Webhooks) -> None:
    payment = make_paid_payment(stripe, webhooks)
    claim(payment, 600, "first")

    with pytest.raises(refunds.TooMuch):
        claim(payment, 401, "second")

    assert claim(payment, 400, "third").amount_minor == 400
    assert payment_of(payment.order).refunded_minor == 1000


def test_unpaid_payment_has_nothing_to_refund(stripe: FakeStripe) -> None:
    payment = payment_of(make_paying_order())

    with pytest.raises(refunds.TooMuch):
        claim(payment, 1, "early")

    assert Refund.objects.count() == 0


def test_refund_is_sent_in_parts_and_noted(stripe: FakeStripe, webhooks: Webhooks) -> None:
    payment = make_paid_payment(stripe, webhooks)
    claim(payment, 600, "first")
    claim(payment, 300, "second")

    sent = refunds.drain(now=now())

    assert (sent, sorted(sent_back(stripe))) == (2, [300, 600])
    assert set(Refund.objects.values_list("state", flat=True)) == {RefundState.DONE}
    assert {refund["id"] for refund in stripe.refunds()} == set(
        Refund.objects.values_list("provider_reference", flat=True)
    )
    assert history_of(payment.order)[-4:] == ["refund claimed", "refund claimed", "refunded", "refunded"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_refund_that_failed_is_sent_once_all_the_same(stripe: FakeStripe, webhooks: Webhooks, status: int) -> None:
    order = make_late_payment(stripe, webhooks)
    stripe.fail_next(count=3 if status == 503 else 1, status=status, only=CREATE_REFUND)

    first = refunds.drain(now=now())
    at_once = refunds.drain(now=now())
    later = [refunds.drain(now=now() + hours) for hours in HOURS[:2]]

    assert (first, at_once, later) == (0, 0, [1, 0])
    assert sent_back(stripe) == [1000]
    assert refund_of(order).state == RefundState.DONE
    assert ledger.check().faults == []


@pytest.mark.parametrize("times", [1, 3, 6])
def test_refund_whose_answer_was_lost_is_sent_once(stripe: FakeStripe, webhooks: Webhooks, times: int) -> None:
    order = make_late_payment(stripe, webhooks)
    stripe.drop_next(count=times, only=CREATE_REFUND)

    sent = [refunds.drain(now=now() + hours) for hours in HOURS]

    assert sum(sent) == 1
    assert sent_back(stripe) == [1000]
    assert refund_of(order).provider_reference == stripe.refunds()[0]["id"]


def test_refund_that_broke_and_then_lost_its_answer_is_sent_once(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_late_payment(stripe, webhooks)
    stripe.fail_next(status=500, only=CREATE_REFUND)
    refunds.drain(now=now())
    stripe.drop_next(count=3, only=CREATE_REFUND)

    sent = [refunds.drain(now=now() + hours) for hours in HOURS]

    assert (sum(sent), sent_back(stripe)) == (1, [1000])
    assert (refund_of(order).state, refund_of(order).attempts) == (RefundState.DONE, 2)


def test_refund_that_a_dying_worker_had_claimed_is_sent_by_the_next(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_late_payment(stripe, webhooks)
    Refund.objects.update(next_attempt_at=now() + timedelta(seconds=refunds.CLAIM_SECONDS))

    too_early = refunds.drain(now=now())
    in_time = refunds.drain(now=now() + timedelta(seconds=refunds.CLAIM_SECONDS + 1))

    assert (too_early, in_time, refund_of(order).state) == (0, 1, RefundState.DONE)


def test_refund_made_by_hand_is_not_taken_for_ours(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_late_payment(stripe, webhooks)
    by_hand = {"payment_intent": payment_of(order).provider_reference, "amount": 100, "metadata": {"by": "staff"}}
    with open_client(stripe.base_url, KEY) as client:
        client.v1.refunds.create(by_hand)  # type: ignore[arg-type]  # plain parameters
    Refund.objects.update(amount_minor=900)
    Payment.objects.update(refunded_minor=900)
    stripe.fail_next(status=500, only=CREATE_REFUND)
    refunds.drain(now=now())

    refunds.drain(now=now() + HOURS[0])

    assert sent_back(stripe) == [100, 900]
    assert refund_of(order).state == RefundState.DONE


def test_refund_that_is_refused_is_listed_as_stuck_and_told(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_late_payment(stripe, webhooks)
    with open_client(stripe.base_url, KEY) as client:
        client.v1.refunds.create({"payment_intent": payment_of(order).provider_reference})

    sent = refunds.drain(now=now())

    (line,) = ledger.check().stuck
    assert (sent, refund_of(order).state) == (0, RefundState.FAILED)
    assert line.startswith(f"order {order.reference}: a refund was refused by the provider: Charge ch_")
    assert line.endswith("has already been refunded.")
    assert "Your payment could not be sent back by itself." in page_of(order)
    assert refunds.drain(now=now() + HOURS[0]) == 0
    assert ledger.check().faults == []


def test_one_refused_refund_does_not_stop_others(stripe: FakeStripe, webhooks: Webhooks) -> None:
    refused, fine = make_late_payment(stripe, webhooks), make_late_payment(stripe, webhooks)
    refused.payments.update(provider_reference="pi_of_nobody")

    sent = refunds.drain(now=now())

    assert sent == 1
    assert (refund_of(refused).state, refund_of(fine).state) == (RefundState.FAILED, RefundState.DONE)


def test_refund_waits_for_the_right_key(stripe: FakeStripe, webhooks: Webhooks, settings: Settings) -> None:
    order = make_late_payment(stripe, webhooks)
    settings.STRIPE_SECRET_KEY = "sk_test_another"
    provider.cache_clear()
    refunds.drain(now=now())
    state_then = refund_of(order).state
    settings.STRIPE_SECRET_KEY = KEY
    provider.cache_clear()

    refunds.drain(now=now() + HOURS[0])

    assert (state_then, refund_of(order).state) == (RefundState.PENDING, RefundState.DONE)


@pytest.mark.parametrize(
    ("currency", "price_minor", "at_stripe"),
    [("ISK", 2500, 250_000), ("UGX", 50_000, 5_000_000), ("JPY", 1200, 1200), ("KWD", 12_340, 12_340)],
)
def test_refund_is_sent_in_stripes_units(
    stripe: FakeStripe, webhooks: Webhooks, currency: str, price_minor: int, at_stripe: int
) -> None:
    order = make_late_payment(stripe, webhooks, currency=currency, price_minor=price_minor)

    refunds.drain(now=now())

    assert (payment_of(order).amount_minor, sent_back(stripe)) == (price_minor, [at_stripe])
    assert refund_of(order).state == RefundState.DONE


def test_refund_backs_off_up_to_an_hour(stripe: FakeStripe, webhooks: Webhooks) -> None:
    order = make_late_payment(stripe, webhooks)
    stripe.drop_next(count=1000)
    waits = []

    for hours in range(12):
        moment = now() + timedelta(hours=hours)
        refunds.drain(now=moment)
        waits.append((refund_of(order).next_attempt_at - moment).total_seconds())

    assert waits[:4] == [10.0, 20.0, 40.0, 80.0]
    assert waits[-1] == 3600.0
    assert refund_of(order).state == RefundState.PENDING
