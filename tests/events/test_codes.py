"""What an organiser does with codes, and the line that each act leaves in the log."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import LogEntry
from checkout.actions import orders
from checkout.models import State
from events.actions import codes
from events.actions.codes import Terms
from events.models import Code, CodeUse, Event
from kit.tokens import LETTERS
from tests.buyers import COMMITTED, NOON, race, take_hold
from tests.makers import make_code, make_event, make_ticket_type, make_user

pytestmark = pytest.mark.django_db


def said(event: Event) -> str:
    return str(LogEntry.objects.filter(organiser=event.organiser)[0].said)


def do(act: Any, **over: Any) -> Any:
    return act(by=None, now=NOON, **over)


def test_code_is_made_with_its_uses() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event=event, name="Full")
    terms = Terms("EARLY", percent=15, capacity=20, ticket_type_ids=(ticket_type.pk,), ends_at=NOON, note="Friends")

    code = do(codes.make, event=event, terms=terms)

    assert Terms.of(code, code.use) == terms
    assert said(event) == (
        "Made the code EARLY: 15% off, 20 uses, only Full, valid until Wed 1 May 2030, 13:00 BST, note “Friends”."
    )
    with pytest.raises(codes.TextTaken):
        do(codes.make, event=event, terms=terms)


def test_change_tells_old_and_new_and_keeps_what_orders_have() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event=event, price_minor=1000)
    code = make_code(event=event, text="EARLY", percent=10, capacity=5)
    order = take_hold((ticket_type, 2), code="EARLY")

    do(codes.change, code=code, terms=Terms("BIRD", amount_minor=500, capacity=2))

    assert said(event) == "Changed the code EARLY: EARLY → BIRD; 10% off → £5.00 off; 5 uses → 2 uses."
    order.refresh_from_db()
    assert (order.total_minor, order.code_text, CodeUse.objects.get().used) == (1800, "EARLY", 2)
    with pytest.raises(codes.FewerThanUsed):
        do(codes.change, code=code, terms=Terms("BIRD", amount_minor=500, capacity=1))
    make_code(event=event, text="OTHER")
    with pytest.raises(codes.TextTaken):
        do(codes.change, code=code, terms=Terms("OTHER", amount_minor=500))


def test_change_of_nothing_is_not_told() -> None:
    code = make_code(event=make_event(), percent=10)

    do(codes.change, code=code, terms=Terms.of(code, code.use))
    do(codes.switch, code=code, is_on=True)

    assert not LogEntry.objects.exists()


def test_code_is_switched_off_and_on() -> None:
    code = make_code(event=make_event(), text="EARLY")

    do(codes.switch, code=code, is_on=False)

    code.refresh_from_db()
    assert (code.is_on, said(code.event)) == (False, "Switched the code EARLY off.")


def test_code_that_an_order_ever_had_cannot_be_deleted() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event=event)
    held, was, free = (make_code(event=event) for _ in range(3))
    take_hold((ticket_type, 1), code=held.text)
    orders.close(order=take_hold((ticket_type, 1), code=was.text), to=State.EXPIRED, by="system", now=NOON)

    for code in (held, was):
        with pytest.raises(codes.InUse):
            do(codes.delete, code=code)
    do(codes.delete, code=free)

    assert set(Code.objects.values_list("pk", flat=True)) == {held.pk, was.pk}
    assert CodeUse.objects.count() == 2


def test_ten_thousand_codes_are_made_at_once_and_none_can_be_guessed(django_assert_max_num_queries: Any) -> None:
    event = make_event()

    with django_assert_max_num_queries(6):  # two, one that names the ticket types twice, the log, and a savepoint
        texts = do(codes.make_many, event=event, terms=Terms("", percent=100, capacity=1), prefix="CREW", count=10_000)

    assert len(set(texts)) == 10_000
    assert all(re.fullmatch(rf"CREW-[{LETTERS}]{{10}}", text) for text in texts)
    assert not set("01IOLU") & set(LETTERS)
    assert CodeUse.objects.filter(code__event=event, capacity=1, used=0).count() == 10_000
    assert said(event) == "Made 10000 codes that begin with CREW: 100% off, 1 use, all ticket types each."


def test_import_leaves_what_is_there() -> None:
    event = make_event()
    make_code(event=event, text="EARLY", percent=10)
    at = datetime(2030, 5, 1, tzinfo=UTC)
    fresh = Terms(
        "LATE", amount_minor=5, ticket_type_ids=(make_ticket_type(event=event).pk,), starts_at=at, is_on=False
    )

    made = do(codes.add, event=event, wanted=[Terms("EARLY", percent=50), fresh])

    assert made == 1
    assert Code.objects.get(text="EARLY").percent == 10
    late = Code.objects.get(text="LATE")
    assert Terms.of(late, late.use) == fresh
    assert said(event) == "Imported 1 codes; 1 were there already."


@COMMITTED
@pytest.mark.race
def test_two_who_make_the_same_code_make_one() -> None:
    event, ada = make_event(), make_user()

    raced = race(*[lambda: codes.make(event=event, terms=Terms("EARLY", percent=5), by=ada, now=NOON)] * 8)

    assert sum(isinstance(result, Code) for result in raced) == 1
    assert sum(isinstance(result, codes.TextTaken) for result in raced) == 7
