"""What a buyer may offer where they choose the price: no more than can be paid in one go."""

from typing import Any

import pytest
from django.test import Client

from checkout.choice import MOST_MINOR
from checkout.models import Order
from events.models import Kind, TicketType
from tests.makers import make_event, make_ticket_type

pytestmark = pytest.mark.django_db


def make_gift(**over: Any) -> TicketType:
    return make_ticket_type(**{"kind": Kind.PAY_WHAT_YOU_WANT, **over})


def offer(gift: TicketType, price: str, quantity: str = "1", **more: str) -> tuple[int, str]:
    """The status and text of what is answered to an offer."""
    form = {f"quantity-{gift.slug}": quantity, f"price-{gift.slug}": price, **more}
    response = Client().post(f"{gift.event.get_absolute_url()}orders/", form)
    return response.status_code, response.content.decode()


@pytest.mark.parametrize(("price", "quantity"), [("999999.99", "1"), ("333333.33", "3")])
def test_as_much_as_can_be_paid_is_taken(price: str, quantity: str) -> None:
    status, _ = offer(make_gift(), price, quantity)

    assert status == 303
    assert Order.objects.get().total_minor == MOST_MINOR


@pytest.mark.parametrize(
    ("price", "quantity"), [("1000000", "1"), ("333333.34", "3"), ("99999999999999", "1"), ("9" * 30, "1")]
)
def test_more_than_can_be_paid_is_refused_in_words(price: str, quantity: str) -> None:
    gift = make_gift(name="Gift")

    status, text = offer(gift, price, quantity)

    assert status == 422
    assert "One order can cost at most £999,999.99. Offer less for Gift." in text
    assert f'value="{price[:20]}"' in text
    assert not Order.objects.exists()


def test_offers_of_one_order_are_added_up() -> None:
    event = make_event()
    gift, other = make_gift(event=event), make_gift(event=event, name="Other")

    status, text = offer(gift, "600000", **{f"quantity-{other.slug}": "1", f"price-{other.slug}": "600000"})

    assert status == 422
    assert "Offer less for Other." in text
