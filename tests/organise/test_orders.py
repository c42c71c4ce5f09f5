"""The organiser's pages of orders, over HTTP: what is typed wrong loses nothing, what is sent twice is done once, and
no page asks more of the database for more rows."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import LogEntry, Role
from checkout import ledger
from checkout.actions import orders as order_acts
from checkout.actions import payments
from checkout.actions.orders import Details
from checkout.models import Job, Order, Refund, RefundState, Reversal, State
from events.models import Event
from tests.buyers import NOON, make_held_order
from tests.checkout.sold import live_of, make_paid_order, money_of
from tests.makers import make_event, make_quota, make_ticket_type
from tests.organise.places import make_order, member

pytestmark = pytest.mark.django_db


def base(event: Event) -> str:
    return f"/organise/{event.organiser.slug}/{event.slug}/"


def path_of(order: Order, what: str = "") -> str:
    return f"{base(order.event)}orders/{order.reference}/{what}"


def page(client: Client, path: str, **asked: Any) -> str:
    answer = client.get(path, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_pages_ask_the_same_for_one_row_as_for_fifty() -> None:
    event = make_event()
    client = member(event)
    order = make_order(event)
    ticket_type = order.tickets.get(number=1).ticket_type
    order.mail.filter(failed_at=None).update(failed_at=NOON)
    nouns = (
        "orders/",
        "orders/?q=ada",
        "attendees/",
        "attendees/?q=ada",
        "attention/",
        "jobs/",
        f"orders/{order.reference}/",
    )
    for noun in nouns:
        client.get(base(event) + noun)
    few = {noun: statements(client, base(event) + noun) for noun in nouns}

    for _ in range(49):
        make_order(event)
    order.tickets.all()[0].__class__.objects.bulk_create(
        order.tickets.model(
            order=order, ticket_type=ticket_type, number=number, code=f"MANY{number:08}", price_minor=0, quota_ids=[]
        )
        for number in range(3, 50)
    )

    assert {noun: statements(client, base(event) + noun) for noun in nouns} == few
    assert max(few.values()) <= 18


def test_list_is_narrowed_by_what_stands_in_the_address() -> None:
    event = make_event()
    client, free = member(event), make_ticket_type(event=event, price_minor=0, slug="free")
    paid = make_paid_order(event, details=Details("Paul Paid", "paul@example.com"))
    gone = make_paid_order(event, details=Details("Gina Gone", "gina@example.com"))
    Order.objects.filter(pk=gone.pk).update(state=State.CANCELLED, closed_at=NOON)
    path = f"{base(event)}orders/"

    def shown(**asked: str) -> list[str]:
        text = page(client, path, **asked)
        return [order.full_name for order in (paid, gone) if order.full_name in text]

    assert shown() == ["Paul Paid", "Gina Gone"]
    assert (shown(state="complete"), shown(q="gina")) == (["Paul Paid"], ["Gina Gone"])
    assert (shown(money="free"), shown(type=free.slug), shown(since="2030-05-02")) == ([], [], [])
    assert shown(since="2030-05-01", until="2030-05-01", type="no-such", state="lost") == ["Paul Paid", "Gina Gone"]


def test_empty_lists_say_what_will_come() -> None:
    event = make_event()
    client = member(event)

    assert "There are no orders yet." in page(client, f"{base(event)}orders/")
    assert "No order fits this." in page(client, f"{base(event)}orders/", q="nobody")
    assert "Nobody has a ticket yet." in page(client, f"{base(event)}attendees/")
    assert "Nothing needs you." in page(client, f"{base(event)}attention/")
    assert "Nothing was done to many orders" in page(client, f"{base(event)}jobs/")


def reversal(**over: Any) -> dict[str, Any]:
    return {"how": "provider", "back_on_sale": "on", "amount": "", "key": str(uuid.uuid4()), **over}


def test_refund_is_previewed_confirmed_and_sent_twice_is_one() -> None:
    event = make_event()
    order, client = make_paid_order(event), member(event)
    form = reversal(tickets=["1"], amount="7.5")

    preview = client.post(path_of(order, "reversals/"), form)
    nothing_yet = money_of(order)
    answers = [client.post(path_of(order, "reversals/"), {**form, "confirmed": "1"}) for _ in range(2)]

    assert (preview.status_code, nothing_yet, [one.status_code for one in answers]) == (200, (2000, 0), [303, 303])
    assert (money_of(order), live_of(order), Reversal.objects.count()) == ((2000, 750), [2], 1)
    assert ledger.check().faults == []


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({}, "Choose tickets, or say how much money goes back."),
        ({"amount": "20.01"}, "At most £20.00 can go back."),
        ({"amount": "much"}, "Enter an amount of money, such as 12.50."),
        ({"tickets": ["9"]}, "9 is not one of the available choices"),
        ({"tickets": ["1"], "how": "magic"}, "magic is not one of the available choices"),
    ],
)
def test_refund_that_cannot_be_says_why_and_keeps_what_was_typed(over: dict[str, Any], said: str) -> None:
    event = make_event()
    order, client = make_paid_order(event), member(event)

    answer = client.post(path_of(order, "reversals/"), reversal(**over, reason="She is ill", confirmed="1"))

    text = answer.content.decode()
    assert (answer.status_code, said in text, "She is ill" in text) == (422, True, True)
    assert money_of(order) == (2000, 0)


def test_correction_of_what_another_has_corrected_is_refused() -> None:
    event = make_event()
    order, client = make_paid_order(event), member(event)
    typed = {"was_name": "Ada Lovelace", "was_email": "ada@example.com", "email": "ada@example.com"}

    first = client.post(path_of(order, "buyer/"), {**typed, "full_name": "Ada King"})
    second = client.post(path_of(order, "buyer/"), {**typed, "full_name": "Ada Byron"})

    assert (first.status_code, second.status_code) == (303, 422)
    assert "Somebody else has changed this meanwhile." in second.content.decode()
    assert Order.objects.get().full_name == "Ada King"


@pytest.mark.parametrize(("what", "form"), [("notes/", {"text": " "}), ("mail/", {"email": "ada@", "key": "no"})])
def test_form_on_the_orders_page_says_what_is_wrong(what: str, form: dict[str, str]) -> None:
    event = make_event()
    order, client = make_paid_order(event), member(event)

    answer = client.post(path_of(order, what), form)

    assert (answer.status_code, "There is a problem" in answer.content.decode()) == (422, True)
    assert (order.history.filter(kind="note").count(), order.mail.count()) == (0, 1)


def test_gift_that_has_no_room_says_how_much_there_is() -> None:
    quota = make_quota(capacity=2)
    make_ticket_type(quotas=[quota])
    client = member(quota.event)
    form = {"quantity_0": "3", "full_name": "Lin", "email": "lin@example.com", "key": str(uuid.uuid4())}

    short = client.post(f"{base(quota.event)}gifts/", form)
    answers = [client.post(f"{base(quota.event)}gifts/", {**form, "quantity_0": "2"}) for _ in range(2)]

    assert (short.status_code, "2 left." in short.content.decode()) == (422, True)
    assert ([one.status_code for one in answers], Order.objects.count()) == ([303, 303], 1)


def test_cancelling_many_needs_their_number_and_money_and_is_one_job() -> None:
    event = make_event()
    client, orders = member(event), [make_paid_order(event) for _ in range(3)]
    chosen = {"order": [str(order.pk) for order in orders[:2]]}
    path = f"{base(event)}jobs/cancellations/"
    form = {**chosen, "key": str(uuid.uuid4()), "sends_money_back": "on"}

    asked = page(client, path, **chosen)
    wrong = client.post(path, {**form, "typed": "3"})
    answers = [client.post(path, {**form, "typed": "2"}) for _ in range(2)]

    assert ("Cancel 2 orders" in asked, "£40.00" in asked, wrong.status_code) == (True, True, 422)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (Job.objects.get().total, LogEntry.objects.count()) == (2, 1)


def test_all_that_a_search_shows_can_be_sent_again() -> None:
    event = make_event()
    make_paid_order(event)
    make_paid_order(event, details=Details("Lin Chen", "lin@example.com"))

    member(event).post(f"{base(event)}jobs/resends/", {"all": "1", "q": "lin", "key": str(uuid.uuid4())})

    assert list(Job.objects.get().orders.values_list("order__full_name", flat=True)) == ["Lin Chen"]


def test_order_manager_without_money_may_not_cancel() -> None:
    event = make_event()
    order, reader = make_paid_order(event), member(event, Role.READ_ONLY)

    shown = page(reader, path_of(order))

    assert "Cancel tickets" not in shown
    assert reader.post(path_of(order, "reversals/"), reversal(tickets=["1"])).status_code == 403


def test_payment_that_hangs_is_asked_after_and_settled() -> None:
    event = make_event()
    order = make_held_order(event, now=NOON.replace(year=2025))
    Order.objects.filter(pk=order.pk).update(state=State.PAYING, full_name="Ada", email="ada@example.com")
    client = member(event)

    listed = page(client, f"{base(event)}attention/")
    answer = client.post(f"{base(event)}attention/payments/{order.reference}/")

    assert ("Payments that hang" in listed, answer.status_code) == (True, 303)
    assert Order.objects.get().state == State.EXPIRED
    with pytest.raises(order_acts.NotOpen):
        payments.settle(order=order, to=State.EXPIRED, by="system", now=NOON)


def test_refused_refund_leaves_the_list_with_its_button() -> None:
    event = make_event()
    order, client = make_order(event), member(event)
    refund = Refund.objects.get()

    listed = page(client, f"{base(event)}attention/")
    client.post(f"{base(event)}attention/refunds/{refund.pk}/", {"how": "hand"})
    twice = client.post(f"{base(event)}attention/refunds/{refund.pk}/")

    refund.refresh_from_db()
    assert ("Refunds that were refused" in listed, refund.state, refund.is_by_hand) == (True, RefundState.DONE, True)
    assert (twice.status_code, order.history.filter(kind="refund by hand").count()) == (303, 1)


def test_late_payment_is_listed_until_somebody_has_seen_it() -> None:
    event = make_event()
    order, client = make_paid_order(event), member(event)
    Order.objects.filter(pk=order.pk).update(state=State.CANCELLED, closed_at=NOON, completed_at=None)
    payments._send_back(order.payments.get(), NOON, "Too late.")
    path = f"{base(event)}attention/"

    before = page(client, path)
    client.post(f"{path}late/{order.reference}/")

    assert ("Late payments, sent back" in before, "Late payments" in page(client, path)) == (True, False)
    assert order.history.filter(kind="late payment seen").count() == 1


def test_money_that_does_not_match_is_listed_with_its_way_out() -> None:
    event = make_event()
    order, client = make_paid_order(event), member(event)
    order.tickets.filter(number=1).update(voided_at=NOON)

    shown = page(client, f"{base(event)}attention/")

    assert ("paid £20.00, sent back £0.00, its tickets cost £10.00" in shown) is True
    assert f"{order.reference}/reversals/" in shown
