"""Refunds, and what they leave of a charge; the account and its balance."""

from typing import Any

import pytest
import stripe

from fakestripe import FakeStripe
from tests.fakestripe.makers import Shop, make_session


def pay(fake: FakeStripe, client: stripe.StripeClient) -> str:
    """A paid session of 41.50 GBP; returns its payment intent."""
    return str(fake.pay(make_session(client).id)["payment_intent"])


def test_refund_without_an_amount_sends_everything_back(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent_id = pay(fake, client)

    refund = client.v1.refunds.create(
        {
            "payment_intent": intent_id,
            "reason": "requested_by_customer",
            "metadata": {"order": "UHMF"},
        }
    )

    assert (refund.amount, refund.currency, refund.status) == (4150, "gbp", "succeeded")
    assert (refund.payment_intent, refund.reason) == (intent_id, "requested_by_customer")
    assert refund.metadata is not None
    assert refund.metadata.to_dict() == {"order": "UHMF"}
    charge = client.v1.charges.retrieve(str(refund.charge))
    assert (charge.amount_refunded, charge.refunded) == (4150, True)


def test_refund_of_a_part_leaves_the_rest(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent_id = pay(fake, client)

    first = client.v1.refunds.create({"payment_intent": intent_id, "amount": 1000})
    rest = client.v1.refunds.create({"charge": str(first.charge)})

    assert (first.amount, rest.amount) == (1000, 3150)
    assert client.v1.refunds.retrieve(first.id).amount == 1000
    listed = client.v1.refunds.list({"payment_intent": intent_id})
    assert [refund.id for refund in listed.data] == [rest.id, first.id]


def test_refund_of_what_was_refunded_is_refused(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent_id = pay(fake, client)
    refund = client.v1.refunds.create({"payment_intent": intent_id})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent_id})

    assert (refused.value.http_status, refused.value.code) == (400, "charge_already_refunded")
    assert refused.value.user_message == f"Charge {refund.charge} has already been refunded."


@pytest.mark.parametrize(
    ("already", "message"),
    [
        (0, "Refund amount (£41.51) is greater than charge amount (£41.50)"),
        (1000, "Refund amount (£41.51) is greater than unrefunded amount on charge (£31.50)"),
    ],
)
def test_refund_of_more_than_is_left_is_refused(
    fake: FakeStripe, client: stripe.StripeClient, already: int, message: str
) -> None:
    intent_id = pay(fake, client)
    if already:
        client.v1.refunds.create({"payment_intent": intent_id, "amount": already})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent_id, "amount": 4151})

    assert (refused.value.param, refused.value.user_message) == ("amount", message)
    assert sum(refund["amount"] for refund in fake.refunds()) == already


def test_refund_of_a_payment_that_failed_is_refused(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent_id = fake.decline(make_session(client).id)["payment_intent"]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent_id})

    assert refused.value.user_message == (
        f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
    )


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({}, "charge", "parameter_missing"),
        ({"payment_intent": "pi_nobody"}, "payment_intent", "resource_missing"),
        ({"charge": "ch_nobody"}, "charge", "resource_missing"),
        ({"charge": "ch_1", "amount": 0}, "amount", "parameter_invalid_integer"),
        ({"charge": "ch_1", "reason": "whim"}, "reason", None),
        ({"charge": "ch_1", "refund_all": True}, "refund_all", "parameter_unknown"),
    ],
)
def test_refund_with_a_wrong_parameter_is_refused(
    client: stripe.StripeClient, params: Any, param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create(params)

    assert (refused.value.http_status, refused.value.param, refused.value.code) == (400, param, code)


def test_refund_tells_the_shop_in_order(fake: FakeStripe, client: stripe.StripeClient, shop: Shop) -> None:
    intent_id = pay(fake, client)

    refund = client.v1.refunds.create({"payment_intent": intent_id, "amount": 1000})

    fake.wait_for_webhooks()
    assert shop.kinds() == [
        "checkout.session.completed",
        "refund.created",
        "charge.refunded",
        "refund.updated",
    ]
    created, charged = shop.events()[1:3]
    assert (created.data.object["id"], created.data.object["amount"]) == (refund.id, 1000)
    assert (charged.data.object["amount_refunded"], charged.data.object["refunded"]) == (1000, False)


def test_refund_that_does_not_exist_is_a_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.retrieve("re_nobody")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_balance_is_what_was_charged_less_what_was_sent_back(fake: FakeStripe, client: stripe.StripeClient) -> None:
    intent_id = pay(fake, client)
    client.v1.refunds.create({"payment_intent": intent_id, "amount": 1150})

    balance = client.v1.balance.retrieve()

    assert [(row.currency, row.amount) for row in balance.available] == [("gbp", 3000)]


def test_account_can_charge(client: stripe.StripeClient) -> None:
    account = client.v1.accounts.retrieve_current()

    assert (account.charges_enabled, account.default_currency) == (True, "gbp")
