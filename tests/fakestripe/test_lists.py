"""Lists: order, pages, filters."""

import pytest
import stripe

from fakestripe import FakeStripe
from tests.fakestripe.makers import make_session


def test_list_is_newest_first_and_goes_on_page_by_page(client: stripe.StripeClient) -> None:
    made = [make_session(client).id for _ in range(5)]

    page = client.v1.checkout.sessions.list({"limit": 2})
    everything = [session.id for session in page.auto_paging_iter()]

    assert [session.id for session in page.data] == made[:2:-1]
    assert page.has_more is True
    assert everything == made[::-1]


def test_list_goes_back_from_a_session(client: stripe.StripeClient) -> None:
    made = [make_session(client).id for _ in range(4)]

    page = client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[0]})

    assert [session.id for session in page.data] == [made[2], made[1]]
    assert page.has_more is True


def test_list_of_ten_has_no_more(client: stripe.StripeClient) -> None:
    for _ in range(10):
        make_session(client)

    page = client.v1.checkout.sessions.list()

    assert len(page.data) == 10
    assert page.has_more is False


def test_list_is_narrowed_by_status_and_payment_intent(fake: FakeStripe, client: stripe.StripeClient) -> None:
    paid, opened = make_session(client).id, make_session(client).id
    intent_id = fake.pay(paid)["payment_intent"]

    complete = client.v1.checkout.sessions.list({"status": "complete"})
    of_the_intent = client.v1.checkout.sessions.list({"payment_intent": intent_id})
    still_open = client.v1.checkout.sessions.list({"status": "open"})

    assert [session.id for session in complete.data] == [paid]
    assert [session.id for session in of_the_intent.data] == [paid]
    assert [session.id for session in still_open.data] == [opened]


def test_list_is_narrowed_by_creation(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.set_clock(offset=-3600)
    old = make_session(client)
    fake.set_clock(offset=0)
    new = make_session(client)

    since = client.v1.checkout.sessions.list({"created": {"gte": new.created}})
    before = client.v1.checkout.sessions.list({"created": {"lt": new.created}})
    at = client.v1.checkout.sessions.list({"created": old.created})

    assert [session.id for session in since.data] == [new.id]
    assert [session.id for session in before.data] == [old.id]
    assert [session.id for session in at.data] == [old.id]


def test_list_keeps_its_place_though_the_last_session_left_the_filter(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    made = [make_session(client).id for _ in range(3)]
    first = client.v1.checkout.sessions.list({"status": "open", "limit": 1})
    fake.pay(first.data[0].id)

    rest = client.v1.checkout.sessions.list({"status": "open", "starting_after": first.data[0].id})

    assert [session.id for session in rest.data] == [made[1], made[0]]


def test_list_expands_payment_intents(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.pay(make_session(client).id)

    page = client.v1.checkout.sessions.list({"expand": ["data.payment_intent"]})

    assert isinstance(page.data[0].payment_intent, stripe.PaymentIntent)


@pytest.mark.parametrize("limit", [0, 101])
def test_list_limit_is_1_to_100(client: stripe.StripeClient, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.list({"limit": limit})

    assert refused.value.param == "limit"
