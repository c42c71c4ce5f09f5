"""A code on the buyer's pages: prices before and after, what is refused and why, and the choice that is never lost."""

from typing import Any

import pytest
from django.test import Client

from checkout.models import Order
from events.models import Code, CodeUse, Kind, TicketType
from tests.makers import make_code, make_event, make_ticket_type

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def make_sale(**code: Any) -> tuple[TicketType, Code, str]:
    """A ticket type at 20.00, a code over it, and the event's address."""
    event = make_event()
    ticket_type = make_ticket_type(event=event, slug="full", name="Full", price_minor=2000)
    return ticket_type, make_code(event=event, text="EARLY", **code), event.get_absolute_url()


def test_field_is_there_when_there_is_a_code_to_type(client: Client) -> None:
    event = make_ticket_type().event
    before = text_of(client.get(event.get_absolute_url()))

    make_code(event=event)

    assert "Have a code?" not in before
    assert 'name="code"' not in before


def test_link_shows_both_prices_and_sends_the_code_along(client: Client) -> None:
    _, code, url = make_sale(percent=25, capacity=3)

    response = client.get(f"{url}code/EARLY/")

    page = text_of(response)
    assert response.status_code == 200
    assert "<s>£20.00</s>" in page
    assert 'data-price="15.00"' in page
    assert "Code EARLY applied: 25% off." in page
    assert "It works for 3 more tickets." in page
    assert '<input type="hidden" name="code" value="EARLY">' in page
    assert response.headers["Cache-Control"].startswith("public")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert code.get_absolute_url() == f"{url}code/EARLY/"


def test_link_in_small_letters_leads_to_the_one_page_of_the_code(client: Client) -> None:
    _, _, url = make_sale()

    response = client.get(f"{url}code/early/tickets/")

    assert (response.status_code, response.headers["Location"]) == (302, f"{url}code/EARLY/tickets/")


def test_link_shows_secret_types_that_the_code_opens(client: Client) -> None:
    event = make_event()
    hidden = make_ticket_type(event=event, name="Backstage", secret=True)
    make_ticket_type(event=event, name="Cellar", secret=True)
    make_code(event=event, text="CREW", reveals_secret=True, only=[hidden])

    page = text_of(client.get(f"{event.get_absolute_url()}code/CREW/"))

    assert "Backstage" in page
    assert "Cellar" not in page
    assert "Backstage" not in text_of(client.get(event.get_absolute_url()))


def test_typed_code_keeps_the_choice(client: Client) -> None:
    _, _, url = make_sale()
    gift = make_ticket_type(event=Code.objects.get().event, slug="gift", kind=Kind.PAY_WHAT_YOU_WANT)

    typed = {"code": " early ", "quantity-full": "2", "quantity-gift": "1", "price-gift": "7", "key": "", "secret": ""}
    answer = client.post(f"{url}code/", typed)
    page = text_of(client.get(answer.headers["Location"]))

    assert answer.status_code == 303
    assert 'name="quantity-full" min="0" max="10" value="2"' in page
    assert f'name="price-{gift.slug}" value="7"' in page
    assert "<s>£20.00</s>" in page


def test_typed_code_without_a_choice_leads_to_the_page_that_caches_keep(client: Client) -> None:
    _, _, url = make_sale()

    for address in ("code/", "orders/"):  # Enter in the field presses the form's own button
        answer = client.post(f"{url}{address}", {"code": "early", "quantity-full": "0"})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{url}code/EARLY/#tickets")


def test_code_can_be_taken_off_again(client: Client) -> None:
    _, _, url = make_sale()

    answer = client.post(f"{url}code/", {"code": "EARLY", "quantity-full": "2", "without_code": "1"})
    page = text_of(client.get(answer.headers["Location"]))

    assert 'value="2"' in page
    assert "<s>" not in page
    assert client.post(f"{url}code/", {"without_code": "1"}).headers["Location"] == f"{url}#tickets"


@pytest.mark.parametrize(
    ("over", "typed", "said"),
    [
        ({}, "", "Enter a code, or go on without one."),
        ({}, "ERLY", "We do not know the code ERLY. Check how it is spelt, or go on without it."),
        ({}, "<b>", "We do not know the code &lt;B&gt;."),
        ({"is_on": False}, "EARLY", "The code EARLY is no longer valid."),
        ({"starts_at": "2090-01-01T12:00Z"}, "EARLY", "The code EARLY is valid from Sun 1 Jan 2090, 12:00 GMT."),
        ({"ends_at": "2020-07-01T12:00Z"}, "EARLY", "The code EARLY was valid until Wed 1 Jul 2020, 13:00 BST."),
        ({"capacity": 0}, "EARLY", "All uses of the code EARLY are taken."),
    ],
)
def test_code_that_cannot_be_used_says_why_and_keeps_the_choice(
    client: Client, over: Any, typed: str, said: str
) -> None:
    _, _, url = make_sale(**over)

    response = client.post(f"{url}code/", {"code": typed, "quantity-full": "3"})

    page = text_of(response)
    assert response.status_code == 422
    assert said in page
    assert 'value="3"' in page
    assert 'aria-invalid="true" aria-describedby="code-error"' in page
    assert "<title>Error: " in page


@pytest.mark.parametrize(("text", "status", "kept"), [("GONE", 404, "no-store, private"), ("EARLY", 200, "public")])
def test_link_that_does_not_work_says_why(client: Client, text: str, status: int, kept: str) -> None:
    _, _, url = make_sale(capacity=0)

    response = client.get(f"{url}code/{text}/")

    assert response.status_code == status
    assert f'value="{text}"' in text_of(response)
    assert "Have a code?" in text_of(response)
    assert response.headers["Cache-Control"].startswith(kept)


def test_price_shown_is_the_price_on_every_page_to_the_ticket(client: Client) -> None:
    _, _, url = make_sale(amount_minor=500)

    held = client.post(f"{url}orders/", {"code": "early", "quantity-full": "2"})
    page = text_of(client.get(held.headers["Location"]))

    assert "£15.00 each with the code, £20.00 without" in page
    assert "Code EARLY takes off £10.00" in page
    assert Order.objects.get().total_minor == 3000


def test_code_used_up_since_the_page_was_made_is_told_with_the_choice(client: Client) -> None:
    ticket_type, code, url = make_sale(capacity=5)
    client.get(f"{url}code/EARLY/")
    CodeUse.objects.filter(code=code).update(used=4)

    refused = client.post(f"{url}orders/", {"code": "EARLY", "quantity-full": "2"})

    page = text_of(refused)
    assert refused.status_code == 409
    assert "The code EARLY works for one more ticket only." in page
    assert 'name="quantity-full" value="2"' in page
    assert 'name="code" value="EARLY"' in page
    assert not Order.objects.exists()
    again = client.post(f"{url}orders/", {"code": "", "quantity-full": "2"})
    assert again.status_code == 303
    assert Order.objects.get().total_minor == 2 * ticket_type.price_minor


def test_refused_choice_keeps_its_code(client: Client) -> None:
    _, _, url = make_sale()

    refused = client.post(f"{url}orders/", {"code": "EARLY", "quantity-full": "99"})

    assert refused.status_code == 422
    assert '<input type="hidden" name="code" value="EARLY">' in text_of(refused)
    assert f'href="{url}code/EARLY/"' in text_of(refused)


def test_free_by_code_completes_as_a_free_order(client: Client) -> None:
    _, _, url = make_sale(percent=100)

    held = client.post(f"{url}orders/", {"code": "EARLY", "quantity-full": "1"})
    client.post(held.headers["Location"], {"full_name": "Ada", "email": "ada@example.com"})

    order = Order.objects.get()
    assert (order.state, order.total_minor) == ("complete", 0)
    assert "Code EARLY takes off £20.00" in text_of(client.get(order.get_absolute_url()))
