"""Nobody finds a rehearsal, no money moves there, and no mail leaves it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as sent
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from checkout import providers, reconcile
from checkout.actions import mail, payments, refunds
from checkout.models import Mail, Payment, PaymentState, WebhookReceipt
from checkout.providers.protocol import ProviderUnavailable
from events.actions import reminders
from events.models import Event, State
from fakestripe import FakeStripe, Options
from fakestripe.webhooks import signature
from surge.actions import rehearsals
from surge.models import RehearsalRun
from tests.checkout.payers import COMMITTED, session_of
from tests.makers import make_event
from tests.surge.makers import OPENS_AT, begin, buy_free, copy_of, hold, make_sale

FAKE_SECRET = "whsec_of_the_rehearsal"


@pytest.fixture
def play_money() -> Any:
    """A fake Stripe of a rehearsal's own."""
    with FakeStripe(Options(webhook_secret=FAKE_SECRET)) as fake:
        yield fake


def begin_to_pay(fake: FakeStripe, settings: Settings) -> RehearsalRun:
    """A rehearsal that pays at `fake`, on a site whose own key is real and leads to Stripe itself."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_live_real", ""
    providers.provider.cache_clear()
    run = begin(now=now())
    RehearsalRun.objects.filter(pk=run.pk).update(payments_secret=FAKE_SECRET)
    rehearsals.pay_at(run=run, url=fake.base_url)
    return run


def pages(client: Client, *paths: str) -> str:
    return "".join(client.get(path).content.decode() for path in paths)


@pytest.mark.django_db
def test_nothing_that_lists_events_names_a_rehearsal(client: Client) -> None:
    event = make_sale()
    copy = copy_of(begin(event))

    shown = pages(client, "/", event.organiser.get_absolute_url(), copy.organiser.get_absolute_url())

    assert event.title in shown
    assert copy.organiser.slug not in shown.replace(f'href="{copy.organiser.get_absolute_url()}"', "")
    assert copy.title not in shown
    assert client.get("/sitemap.xml").status_code == client.get("/robots.txt").status_code == 404
    assert re.fullmatch(r"r-[0-9a-f]{24}", copy.organiser.slug)


@pytest.mark.django_db
def test_rehearsals_page_is_there_for_who_knows_it_and_not_for_search_engines(client: Client) -> None:
    event = make_sale()
    copy = copy_of(begin(event))

    found, public = client.get(copy.get_absolute_url()), client.get(event.get_absolute_url())

    assert found.status_code == 200
    assert '<meta name="robots" content="noindex, nofollow">' in found.content.decode()
    assert 'name="robots"' not in public.content.decode()


@pytest.mark.django_db
def test_no_reminder_is_sent_for_a_rehearsal() -> None:
    event, soon = make_sale(), OPENS_AT - timedelta(minutes=10)
    copy = copy_of(begin(event, now=soon, opens_at=OPENS_AT))
    for one in (event, copy):
        reminders.ask(event_id=one.pk, email=f"eve-{one.pk}@example.com", now=soon)

    reminders.drain(now=soon)

    assert [letter.to for letter in sent.outbox] == [[f"eve-{event.pk}@example.com"]]


@COMMITTED
def test_mail_of_a_rehearsal_is_written_and_held_back() -> None:
    real = buy_free(make_sale(), now=OPENS_AT)
    order = buy_free(copy_of(begin(make_sale())))

    done = [mail.drain(now=OPENS_AT), mail.drain(now=OPENS_AT + timedelta(days=2))]

    letter, other = Mail.objects.get(order=order), Mail.objects.get(order=real)
    assert done == [2, 0]
    assert (letter.held_back_at, letter.sent_at, letter.attempts) == (OPENS_AT, None, 1)
    assert (other.held_back_at, other.sent_at) == (None, OPENS_AT)
    assert len(sent.outbox) == 1


@COMMITTED
def test_payment_of_a_rehearsal_goes_to_its_fake_while_the_sites_key_is_real(
    play_money: FakeStripe, settings: Settings
) -> None:
    run = begin_to_pay(play_money, settings)
    order = hold(copy_of(run), "seat", now=now())

    payment = payments.begin(order=order, now=now())
    play_money.pay(session_of(order))
    payments.look(order=order, now=now())

    order.refresh_from_db()
    assert payment.session_url.startswith(play_money.base_url)
    assert order.state == "complete"
    assert [row["id"] for row in play_money.sessions()] == [session_of(order)]


@COMMITTED
def test_payment_without_a_fake_goes_nowhere(play_money: FakeStripe, settings: Settings) -> None:
    run = begin_to_pay(play_money, settings)
    RehearsalRun.objects.filter(pk=run.pk).update(payments_url="")
    order = hold(copy_of(run), "seat", now=now())

    with pytest.raises(ProviderUnavailable):
        payments.begin(order=order, now=now())

    assert Payment.objects.get(order=order).state == PaymentState.OPENING


@COMMITTED
def test_refund_of_a_rehearsal_goes_to_its_fake(play_money: FakeStripe, settings: Settings) -> None:
    order = hold(copy_of(begin_to_pay(play_money, settings)), "seat", now=now())
    payments.begin(order=order, now=now())
    play_money.pay(session_of(order))
    payments.look(order=order, now=now())
    payment = order.payments.get()

    refunds.claim(payment=payment, amount_minor=1, reason="Goodwill", key="one", by="staff", now=now())

    assert refunds.drain(now=now()) == 1
    assert [row["amount"] for row in play_money.refunds()] == [1]


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["https://api.stripe.com", "https://API.Stripe.com/", "ftp://127.0.0.1"])
def test_run_cannot_name_the_real_provider(url: str) -> None:
    run = begin()

    with pytest.raises(IntegrityError), transaction.atomic():
        rehearsals.pay_at(run=run, url=url)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["rehearsal_of_id = NULL", "rehearsal_of_id = id"])
def test_rehearsal_never_becomes_an_event_like_others(change: str) -> None:
    copy = copy_of(begin())

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE events_event SET {change} WHERE id = {copy.pk}")  # noqa: S608  -- our own words

    assert Event.objects.get(pk=copy.pk).is_rehearsal


@COMMITTED
def test_notice_of_a_rehearsal_is_heard_of_its_own_orders_only(play_money: FakeStripe, settings: Settings) -> None:
    run, other = begin_to_pay(play_money, settings), begin(now=now())
    RehearsalRun.objects.filter(pk=other.pk).update(payments_secret=FAKE_SECRET, payments_url=play_money.base_url)
    order = hold(copy_of(run), "seat", now=now())
    payments.begin(order=order, now=now())
    play_money.pay(session_of(order))
    body = play_money_notice(play_money)

    answers = [
        hear(copy_of(run), body, secret="whsec_another"),
        hear(copy_of(other), body),
        state_of(order),
        hear(copy_of(run), body),
        state_of(order),
        hear(make_event(), body),
    ]

    assert answers == [400, 200, "paying", 200, "complete", 404]
    assert WebhookReceipt.objects.count() == 0


def play_money_notice(fake: FakeStripe) -> str:
    """What the fake says last of what happened."""
    return json.dumps(fake.events()[-1])


def hear(event: Event, body: str, *, secret: str = FAKE_SECRET) -> int:
    signed = signature(secret, body, int(now().timestamp()))
    response = Client().post(
        f"/webhooks/rehearsals/{event.pk}/", data=body, content_type="application/json",
        headers={"Stripe-Signature": signed},
    )  # fmt: skip
    return int(response.status_code)


def state_of(order: Any) -> str:
    order.refresh_from_db()
    return str(order.state)


@pytest.mark.usefixtures("stripe")
@COMMITTED
def test_reconcile_does_not_miss_a_rehearsals_payments_at_the_provider() -> None:
    order = hold(copy_of(begin(now=now())), "seat", now=now())
    order.payments.create(
        attempt=1, amount_minor=1000, currency="GBP", state=PaymentState.OPEN, session_id="cs_of_a_fake",
        created_at=now(),
    )  # fmt: skip

    assert reconcile.reconcile(since=now() - timedelta(hours=1), now=now()) == []


@pytest.mark.django_db
def test_draft_copy_is_shown_to_nobody(client: Client) -> None:
    copy = copy_of(begin())

    Event.objects.filter(pk=copy.pk).update(state=State.DRAFT)

    assert client.get(copy.get_absolute_url()).status_code == 404
