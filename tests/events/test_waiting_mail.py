"""Writing to those who wait: in order, as many as there are tickets, once a day, and only what is true."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from checkout.actions import availability, orders
from events.actions import waiting_list, waiting_mail
from events.actions.waiting_list import Wish
from events.actions.waiting_mail import CONFIRMATION, TICKETS
from events.models import Event, Quota, Stock, TicketType, Waiting
from flags.actions import flags as flag_acts
from flags.models import Flag, Grant
from tests.buyers import COMMITTED, NOON, make_complete_order, race
from tests.flags.makers import make_flag, make_grant
from tests.makers import make_event, make_quota, make_ticket_type

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=16)
TOMORROW = NOON + timedelta(hours=24)


def make_list(*wanted: int, free: int, **over: Any) -> Quota:
    """An event with so many units free, and `fan-0`, `fan-1` … who want so many tickets."""
    event = make_event(**over)
    quota = make_quota(event=event, capacity=free)
    make_ticket_type(event=event, quotas=[quota], price_minor=0)
    make_grant(make_flag("waiting-list"), event)
    for number, tickets in enumerate(wanted):
        wish = Wish(f"fan-{number}@example.com", tickets)
        waiting_list.join(event_id=event.pk, wish=wish, now=NOON - timedelta(days=1))
    Waiting.objects.update(confirm_at=None)
    waiting_list.count(now=NOON - timedelta(days=1))
    return quota


def write(at: datetime) -> list[str]:
    """What the worker writes at that moment: to whom."""
    mail.outbox.clear()
    waiting_mail.choose(now=at)
    waiting_mail.drain(TICKETS, now=at)
    return [message.to[0].partition("@")[0] for message in mail.outbox]


def test_joining_is_confirmed_once_with_a_link_to_leave() -> None:
    event = make_event(title="Winter\nball")
    waiting_list.join(event_id=event.pk, wish=Wish("ada@example.com", 2), now=NOON)
    waiting_list.join(event_id=event.pk, wish=Wish("ada@example.com", 3), now=NOON)

    tried = [waiting_mail.drain(CONFIRMATION, now=NOON) for _ in range(2)]

    (message,) = mail.outbox
    leave = f"{event.get_absolute_url()}waiting-list/{Waiting.objects.get().token}/"
    assert (tried, message.to, message.subject) == (
        [1, 0], ["ada@example.com"], "Winter ball: you are on the waiting list",
    )  # fmt: skip
    assert leave in message.body
    assert "No ticket is reserved" in message.body
    assert leave in message.extra_headers["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("wanted", "free", "told"),
    [
        ((1, 1, 1, 1), 3, ["fan-0", "fan-1", "fan-2"]),
        ((2, 2, 1), 3, ["fan-0"]),  # the second in line does not fit, and nobody is passed over
        ((5, 1), 2, ["fan-0"]),  # at least one
        ((2, 1), 100, ["fan-0", "fan-1"]),
    ],
)
def test_as_many_are_told_as_there_are_tickets(wanted: tuple[int, ...], free: int, told: list[str]) -> None:
    make_list(*wanted, free=free)

    assert write(NOON) == told


def test_mail_of_tickets_says_what_is_true() -> None:
    event = make_list(2, free=2, title="Winter ball").event

    write(NOON)

    (message,) = mail.outbox
    assert message.subject == "Winter ball: tickets are available again"
    assert "None is reserved for you" in message.body
    assert event.get_absolute_url() in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_next_ones_are_told_after_a_quarter_of_an_hour_and_nobody_twice_in_a_day() -> None:
    make_list(1, 1, 1, free=1)
    moments = [NOON + timedelta(minutes=minutes) for minutes in (0, 5, 16, 32, 48)]

    told = [write(at) for at in (*moments, TOMORROW, TOMORROW + timedelta(hours=1))]

    assert told == [["fan-0"], [], ["fan-1"], ["fan-2"], [], ["fan-0"], ["fan-1"]]


def test_nobody_is_told_once_it_is_sold_out_again() -> None:
    quota = make_list(1, 1, free=1)
    first = write(NOON)
    Stock.objects.filter(quota=quota).update(taken=1)
    availability.refresh()

    assert (first, write(LATER)) == (["fan-0"], [])


def test_cancelled_order_brings_the_first_in_line_a_mail() -> None:
    order = make_complete_order()
    event = order.event
    Stock.objects.filter(quota__event=event).update(capacity=1)
    availability.refresh()
    make_grant(make_flag("waiting-list"), event)
    waiting_list.join(event_id=event.pk, wish=Wish("fan-0@example.com", 1), now=NOON)
    waiting_list.count(now=NOON)
    before = write(NOON)

    orders.void(order=order, by="staff", now=NOON, back_on_sale=True)
    availability.refresh()

    assert (before, write(NOON)) == ([], ["fan-0"])


def test_units_that_types_share_count_once() -> None:
    quota = make_list(1, 1, 1, free=2)
    make_ticket_type(quotas=[quota], price_minor=0)

    assert write(NOON) == ["fan-0", "fan-1"]


def test_type_without_a_quota_is_enough_for_all() -> None:
    quota = make_list(10, 10, 10, free=1)
    make_ticket_type(event=quota.event)

    assert write(NOON) == ["fan-0", "fan-1", "fan-2"]


def close(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(state="closed")


def end_sale(event: Event) -> None:
    TicketType.objects.filter(event=event).update(sale_ends_at=NOON - timedelta(hours=1))


def not_yet_on_sale(event: Event) -> None:
    TicketType.objects.filter(event=event).update(sale_starts_at=NOON + timedelta(hours=1))


def make_secret(event: Event) -> None:
    TicketType.objects.filter(event=event).update(secret=True)


def switch_off(event: Event) -> None:
    Grant.objects.filter(event=event).update(is_on=False)


def kill(event: Event) -> None:
    flag = Flag.objects.get(name="waiting-list")
    flag_acts.kill(flag=flag, reason="Stop", by=None, now=now())


def end(event: Event) -> None:
    values = {"local_starts_at": datetime(2030, 4, 1, 10), "local_ends_at": datetime(2030, 4, 1, 18)}
    Event.objects.filter(pk=event.pk).update(**values)


WITHOUT_POINT = [close, end_sale, not_yet_on_sale, make_secret, switch_off, kill, end]


@pytest.mark.parametrize("change", WITHOUT_POINT)
def test_nobody_is_told_of_a_sale_that_is_none(change: Any) -> None:
    change(make_list(1, free=1).event)

    assert write(NOON) == []
    assert not Waiting.objects.exclude(tell_at=None).exists()


@pytest.mark.parametrize("change", WITHOUT_POINT)
def test_turn_that_lost_its_point_before_the_mail_went_is_none(change: Any) -> None:
    event = make_list(1, free=1).event
    chosen = waiting_mail.choose(now=NOON)
    change(event)

    waiting_mail.drain(TICKETS, now=NOON)

    assert (chosen, mail.outbox) == (1, [])
    assert list(Waiting.objects.values_list("tell_at", "told_at")) == [(None, None)]


def test_nothing_is_confirmed_of_an_event_that_is_over() -> None:
    event = make_list(free=1).event
    waiting_list.join(event_id=event.pk, wish=Wish("ada@example.com", 1), now=NOON)
    end(event)

    waiting_mail.drain(CONFIRMATION, now=NOON)

    assert mail.outbox == []
    assert Waiting.objects.get().confirm_at is None


@pytest.mark.parametrize("letter", [CONFIRMATION, TICKETS], ids=lambda letter: letter.due)
def test_mail_is_tried_again_when_the_mail_server_fails(letter: waiting_mail.Letter, settings: Settings) -> None:
    make_list(1, free=1)
    Waiting.objects.update(confirm_at=NOON, tell_at=NOON, told_at=NOON, created_at=NOON)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there
    waiting_mail.drain(letter, now=NOON)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    tried = [waiting_mail.drain(letter, now=NOON + timedelta(minutes=m)) for m in (1, 6, 12)]

    assert (tried, len(mail.outbox)) == ([0, 1, 0], 1)


@pytest.mark.parametrize("letter", [CONFIRMATION, TICKETS], ids=lambda letter: letter.due)
def test_address_that_takes_no_mail_is_given_up_after_a_day(letter: waiting_mail.Letter, settings: Settings) -> None:
    make_list(1, free=1)
    Waiting.objects.update(created_at=NOON, told_at=NOON, **{letter.due: NOON})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there

    tried = sum(waiting_mail.drain(letter, now=NOON + timedelta(minutes=5 * n)) for n in range(3 * 288))

    assert tried == 11
    assert Waiting.objects.values_list(letter.due, flat=True).get() is None


def test_who_has_left_hears_nothing_more() -> None:
    make_list(1, 1, free=2)
    waiting_mail.choose(now=NOON)
    waiting_list.leave(waiting=Waiting.objects.get(email="fan-0@example.com"))

    waiting_mail.drain(TICKETS, now=NOON)

    assert [message.to for message in mail.outbox] == [["fan-1@example.com"]]


@pytest.mark.race
@COMMITTED
def test_several_workers_at_once_write_to_each_once() -> None:
    make_list(*[1] * 6, free=4)

    def work() -> None:
        waiting_mail.choose(now=NOON)
        waiting_list.count(now=NOON)
        waiting_mail.drain(TICKETS, now=NOON)

    answers = race(*[work] * 4)
    waiting_mail.drain(TICKETS, now=NOON)

    assert [answer for answer in answers if answer is not None] == []
    assert sorted(message.to[0] for message in mail.outbox) == [f"fan-{n}@example.com" for n in range(4)]
